import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { AdministratorForm } from "../../forms/administrator.tsx";
import { t } from "../../i18n/t.ts";
import { Door } from "./Door.tsx";

export function SetUp() {
  const queryClient = useQueryClient();
  const navigate = useNavigate();

  async function enter() {
    queryClient.clear();
    await navigate({ to: "/install", replace: true });
  }

  return (
    <Door title={t("session.setUp")} lede={t("session.setUpLede")}>
      <AdministratorForm onDone={enter} />
    </Door>
  );
}
