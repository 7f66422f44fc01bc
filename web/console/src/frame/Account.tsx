import { Menu, SegmentedControl, useMantineColorScheme } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { sessionQuery, signOut } from "../api/session.ts";
import { Icon } from "../icons/Icon.tsx";
import { t } from "../i18n/t.ts";
import { Avatar } from "../parts/Avatar.tsx";
import css from "./Account.module.css";

export function Account() {
  const { data: session } = useQuery(sessionQuery);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const queryClient = useQueryClient();
  const navigate = useNavigate();

  async function leave() {
    await signOut().catch(() => undefined);
    queryClient.clear();
    await navigate({ to: "/sign-in" });
  }

  if (!session) return null;
  const { name, email } = session.user;
  return (
    <div className={css.account}>
      <SegmentedControl
        size="xs"
        fullWidth
        aria-label={t("frame.appearance")}
        value={colorScheme}
        onChange={(value) => setColorScheme(value as typeof colorScheme)}
        data={[
          { value: "light", label: <SchemeLabel icon="sun" text={t("frame.light")} /> },
          { value: "dark", label: <SchemeLabel icon="moon" text={t("frame.dark")} /> },
          { value: "auto", label: t("frame.system") },
        ]}
      />
      <Menu position="top-start" width={208} withinPortal>
        <Menu.Target>
          <button
            type="button"
            className={css.person}
            aria-label={t("frame.account", { name: name || email })}
          >
            <Avatar name={name || email} id={email} size={28} />
            <span className={css.names}>
              <span className="k-ellipsis">{name || email}</span>
              <span className={css.email}>{email}</span>
            </span>
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Icon name="out" size={16} />} onClick={leave}>
            {t("frame.signOut")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

function SchemeLabel({ icon, text }: { icon: "sun" | "moon"; text: string }) {
  return (
    <span className={css.scheme}>
      <Icon name={icon} size={14} />
      {text}
    </span>
  );
}
