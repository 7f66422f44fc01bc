import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { overviewQuery } from "../../api/overview.ts";
import { formatCompact } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Badge } from "../../parts/Badge.tsx";
import { Page } from "../../parts/Page.tsx";
import css from "./Events.module.css";
import { LiveList } from "./LiveList.tsx";
import { RejectedList } from "./RejectedList.tsx";

const route = getRouteApi("/app/events");

export function Events() {
  const { tab } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: overview } = useQuery(overviewQuery);
  const rejected = overview?.rejected_open ?? 0;
  return (
    <Page title={t("events.title")} lede={t("events.lede")} fill>
      <Tabs
        value={tab ?? "accepted"}
        onChange={(value) => navigate({ search: value === "rejected" ? { tab: "rejected" } : {} })}
        keepMounted={false}
        className={css.tabs}
      >
        <Tabs.List>
          <Tabs.Tab value="accepted">{t("events.accepted")}</Tabs.Tab>
          <Tabs.Tab value="rejected">
            <span className="k-row">
              {t("events.rejected")}
              {rejected > 0 && <Badge tone="bad">{formatCompact(rejected)}</Badge>}
            </span>
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="accepted" className={css.panel}>
          <LiveList />
        </Tabs.Panel>
        <Tabs.Panel value="rejected" className={css.panel}>
          <RejectedList />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
