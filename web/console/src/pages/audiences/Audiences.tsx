import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useEffect } from "react";
import type { Audience } from "../../api/audience-wire.ts";
import { audiencesQuery } from "../../api/audiences.ts";
import { formatInteger } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Badge } from "../../parts/Badge.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { LinkButton } from "../../parts/LinkButton.tsx";
import { Page } from "../../parts/Page.tsx";
import { SearchField } from "../../parts/SearchField.tsx";
import { Sparkline } from "../../parts/Sparkline.tsx";
import { type Column, VirtualTable } from "../../parts/VirtualTable.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { When } from "../../parts/When.tsx";
import css from "./Audiences.module.css";
import { State } from "./State.tsx";
import { found, trendLabel } from "./trend.ts";
import { UsedByLinks } from "./UsedByLinks.tsx";

const route = getRouteApi("/app/audiences");

export function Audiences() {
  const { q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(audiencesQuery);
  const all = query.data?.pages.flatMap((page) => page.items) ?? [];
  const rows = found(all, q);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;

  // The search looks at what is loaded, so everything is loaded for it.
  useEffect(() => {
    if (q && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [q, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const searching = q !== "" && hasNextPage;
  const create = (
    <LinkButton to="/audiences/new" icon="plus">
      {t("audiences.create")}
    </LinkButton>
  );
  return (
    <Page title={t("audiences.title")} lede={t("audiences.lede")} actions={create} fill>
      <SearchField
        label={t("audiences.searchLabel")}
        placeholder={t("audiences.searchPlaceholder")}
        value={q}
        onChange={(text) => navigate({ search: { q: text || undefined }, replace: true })}
      />
      {query.error && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Waiting lines={8} height={24} />}
      {searching && (
        <p className="k-small k-muted" role="status">
          {t("audiences.searching", { count: all.length })}
        </p>
      )}
      {query.data && rows.length === 0 && q && !searching && (
        <Empty icon="search" title={t("audiences.emptySearch", { text: q })}>
          {t("audiences.emptySearchText")}
        </Empty>
      )}
      {query.data && rows.length === 0 && !q && (
        <Empty icon="audience" title={t("audiences.empty")} action={create}>
          {t("audiences.emptyText")}
        </Empty>
      )}
      {rows.length > 0 && (
        <VirtualTable
          key={q}
          label={t("audiences.tableLabel")}
          columns={COLUMNS}
          rows={rows}
          rowKey={(audience) => audience.audience_id}
          rowHeight={60}
          hasMore={hasNextPage}
          onMore={() => !isFetchingNextPage && void fetchNextPage()}
          control={(audience, props) => (
            <Link to="/audiences/$id" params={{ id: audience.audience_id }} {...props} />
          )}
        />
      )}
    </Page>
  );
}

const COLUMNS: Column<Audience>[] = [
  {
    id: "name",
    header: t("audiences.column.name"),
    width: "minmax(190px, 2.2fr)",
    render: (audience) => (
      <span className={css.names}>
        <span className={css.name}>
          <span className="k-ellipsis">{audience.name || audience.audience_id}</span>
          {audience.type === "list" && <Badge>{t("audiences.list")}</Badge>}
        </span>
        <span className={css.id}>{audience.description || audience.audience_id}</span>
      </span>
    ),
  },
  {
    id: "size",
    header: t("audiences.column.size"),
    width: "88px",
    align: "end",
    render: (audience) => <span className={css.size}>{formatInteger(audience.size)}</span>,
  },
  {
    id: "trend",
    header: t("audiences.column.trend"),
    width: "124px",
    wideOnly: true,
    render: ({ size_history }) => (
      <Sparkline values={size_history.map(({ size }) => size)} label={trendLabel(size_history)} />
    ),
  },
  {
    id: "change",
    header: t("audiences.column.change"),
    width: "112px",
    wideOnly: true,
    render: ({ entered_24h, left_24h }) => (
      <span className={css.change}>
        <Change
          sign="+"
          count={entered_24h}
          label={t("audiences.entered", { count: entered_24h })}
        />
        <Change sign="−" count={left_24h} label={t("audiences.left", { count: left_24h })} />
      </span>
    ),
  },
  {
    id: "state",
    header: t("audiences.column.state"),
    width: "128px",
    wideOnly: true,
    render: (audience) => <State audience={audience} />,
  },
  {
    id: "used",
    header: t("audiences.column.used"),
    width: "minmax(110px, 1fr)",
    wideOnly: true,
    render: ({ used_by }) => <UsedByLinks usedBy={used_by} most={1} />,
  },
  {
    id: "updated",
    header: t("audiences.column.updated"),
    width: "92px",
    align: "end",
    wideOnly: true,
    render: (audience) => <When at={audience.updated_at} />,
  },
];

function Change({ sign, count, label }: { sign: string; count: number; label: string }) {
  return (
    <span className={css.figure} data-sign={count > 0 ? sign : ""} title={label}>
      <span aria-hidden="true">
        {sign}
        {formatInteger(count)}
      </span>
      <span className="k-hidden">{label}</span>
    </span>
  );
}
