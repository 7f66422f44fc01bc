import { SegmentedControl } from "@mantine/core";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { rejectedQuery } from "../../api/events.ts";
import { useEventStream } from "../../api/stream.ts";
import type { RejectedEvent } from "../../api/types.ts";
import { t } from "../../i18n/t.ts";
import { Badge } from "../../parts/Badge.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { type Column, VirtualTable } from "../../parts/VirtualTable.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { When } from "../../parts/When.tsx";
import css from "./Events.module.css";
import { RejectedDrawer } from "./RejectedDrawer.tsx";

const route = getRouteApi("/app/events");

export function RejectedList() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const queryClient = useQueryClient();
  const state = search.state ?? "open";
  const query = useInfiniteQuery(rejectedQuery(state === "all" ? undefined : state));
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];

  useEventStream(
    {},
    { onRejected: () => void queryClient.invalidateQueries({ queryKey: ["rejected"] }) },
  );

  return (
    <>
      <div className={css.toolbar}>
        <SegmentedControl
          aria-label={t("events.rejectedState")}
          value={state}
          onChange={(value) =>
            navigate({
              search: { tab: "rejected", state: value === "open" ? undefined : (value as "all") },
            })
          }
          data={[
            { value: "open", label: t("events.stateOpen") },
            { value: "redriven", label: t("events.stateRedriven") },
            { value: "all", label: t("events.stateAll") },
          ]}
        />
      </div>
      {query.error && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Waiting lines={10} height={20} />}
      {query.data && rows.length === 0 && (
        <Empty icon="check" title={t("events.rejectedEmpty")}>
          {t("events.rejectedEmptyText")}
        </Empty>
      )}
      {rows.length > 0 && (
        <VirtualTable
          label={t("events.rejectedLabel")}
          columns={COLUMNS}
          rows={rows}
          rowKey={(rejected) => rejected.id}
          rowHeight={48}
          selectedKey={search.open}
          hasMore={query.hasNextPage}
          onMore={() => !query.isFetchingNextPage && void query.fetchNextPage()}
          control={(rejected, props) => (
            <button
              type="button"
              {...props}
              onClick={() => navigate({ search: { ...search, open: rejected.id } })}
            />
          )}
        />
      )}
      <RejectedDrawer
        openId={search.open}
        rejected={rows.find((rejected) => rejected.id === search.open)}
        onClose={() => navigate({ search: { ...search, open: undefined } })}
      />
    </>
  );
}

const COLUMNS: Column<RejectedEvent>[] = [
  {
    id: "reason",
    header: t("events.rejectedColumn.reason"),
    width: "minmax(180px, 3fr)",
    render: (rejected) => (
      <span className="k-row">
        <Badge tone={rejected.state === "open" ? "bad" : "neutral"}>{rejected.code}</Badge>
        <span className="k-ellipsis">{rejected.message}</span>
      </span>
    ),
  },
  {
    id: "field",
    header: t("events.rejectedColumn.field"),
    width: "minmax(90px, 1fr)",
    wideOnly: true,
    render: (rejected) => (rejected.field ? <code>{rejected.field}</code> : "–"),
  },
  {
    id: "source",
    header: t("events.rejectedColumn.source"),
    width: "minmax(80px, 0.8fr)",
    wideOnly: true,
    render: (rejected) => <span className="k-soft">{rejected.source || "–"}</span>,
  },
  {
    id: "state",
    header: t("events.rejectedColumn.state"),
    width: "100px",
    wideOnly: true,
    render: (rejected) =>
      rejected.state === "open" ? (
        t("events.stateOpen")
      ) : (
        <Badge tone="good">{t("events.stateRedriven")}</Badge>
      ),
  },
  {
    id: "time",
    header: t("events.rejectedColumn.time"),
    width: "92px",
    align: "end",
    render: (rejected) => <When at={rejected.received_at} />,
  },
];
