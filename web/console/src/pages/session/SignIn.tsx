import { Loader } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { signIn } from "../../api/session.ts";
import { SignInForm } from "../../forms/sign-in.tsx";
import { t } from "../../i18n/t.ts";
import { Failure } from "../../parts/Failure.tsx";
import { Door } from "./Door.tsx";

const route = getRouteApi("/sign-in");

export function SignIn() {
  const { token, next } = route.useSearch();
  const [refused, setRefused] = useState<unknown>(null);
  const queryClient = useQueryClient();
  const router = useRouter();

  async function enter() {
    queryClient.clear();
    const inside = next?.startsWith("/") && !next.startsWith("//") ? next : "/";
    await router.navigate({ href: inside, replace: true });
  }

  const tried = useRef(false);
  useEffect(() => {
    // The link works once, and effects may run twice.
    if (!token || tried.current) return;
    tried.current = true;
    signIn({ token }).then(enter, setRefused);
  });

  if (token && refused === null) {
    return (
      <Door title={t("session.signIn")}>
        <p className="k-row" role="status">
          <Loader size="xs" /> {t("session.signingIn")}
        </p>
      </Door>
    );
  }
  return (
    <Door title={t("session.signIn")} lede={t("session.signInLede")}>
      {refused !== null && (
        <div className="k-stack" style={{ marginBottom: 16 }}>
          <Failure error={refused} title={t("session.linkUsed")} />
          <p className="k-soft">{t("session.linkUsedText")}</p>
        </div>
      )}
      <SignInForm onDone={enter} />
    </Door>
  );
}
