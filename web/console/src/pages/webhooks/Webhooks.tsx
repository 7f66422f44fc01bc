import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type Webhook, webhooksQuery } from "../../api/webhooks.ts";
import { formatInteger } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { LinkButton } from "../../parts/LinkButton.tsx";
import { Page } from "../../parts/Page.tsx";
import { type Column, VirtualTable } from "../../parts/VirtualTable.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { WebhookStateBadge } from "./State.tsx";
import css from "./Webhook.module.css";

export function Webhooks() {
  const query = useQuery(webhooksQuery);
  const rows = query.data?.items ?? [];
  const create = (
    <LinkButton to="/webhooks/$id" params={{ id: "new" }} icon="plus">
      {t("webhooks.create")}
    </LinkButton>
  );
  return (
    <Page title={t("webhooks.title")} lede={t("webhooks.lede")} actions={create} fill>
      {query.error && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Waiting lines={6} height={24} />}
      {query.data && rows.length === 0 && (
        <Empty icon="webhook" title={t("webhooks.empty")} action={create}>
          {t("webhooks.emptyText")}
        </Empty>
      )}
      {rows.length > 0 && (
        <VirtualTable
          label={t("webhooks.tableLabel")}
          columns={COLUMNS}
          rows={rows}
          rowKey={(webhook) => webhook.webhook_id}
          rowHeight={56}
          hasMore={false}
          onMore={() => undefined}
          control={(webhook, props) => (
            <Link to="/webhooks/$id" params={{ id: webhook.webhook_id }} {...props} />
          )}
        />
      )}
    </Page>
  );
}

const COLUMNS: Column<Webhook>[] = [
  {
    id: "name",
    header: t("webhooks.column.name"),
    width: "minmax(150px, 1fr)",
    render: (webhook) => (
      <span className={css.name}>
        <span className="k-ellipsis">{webhook.name || webhook.webhook_id}</span>
        <code className="k-ellipsis k-tiny k-muted">{webhook.webhook_id}</code>
      </span>
    ),
  },
  {
    id: "url",
    header: t("webhooks.column.url"),
    width: "minmax(180px, 2fr)",
    wideOnly: true,
    render: ({ url }) => (
      <code className="k-soft k-ellipsis" title={url}>
        {url}
      </code>
    ),
  },
  {
    id: "state",
    header: t("webhooks.column.state"),
    width: "110px",
    render: ({ state }) => <WebhookStateBadge state={state} />,
  },
  ...(["delivered", "waiting", "dead"] as const).map((figure): Column<Webhook> => ({
    id: figure,
    header: t(`webhooks.column.${figure}`),
    width: "112px",
    align: "end",
    wideOnly: figure !== "dead",
    render: (webhook) => <span className="k-number">{formatInteger(webhook[figure])}</span>,
  })),
];
