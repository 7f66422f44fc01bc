import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { definitionsQuery } from "../../api/definitions.ts";
import type { Definition, SourceSpec } from "../../api/types.ts";
import { formatInteger } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Dot } from "../../parts/Badge.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { LinkButton } from "../../parts/LinkButton.tsx";
import { Page } from "../../parts/Page.tsx";
import { type Column, VirtualTable } from "../../parts/VirtualTable.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { When } from "../../parts/When.tsx";
import { NameCell } from "../definitions/NameCell.tsx";

export function Sources() {
  const query = useInfiniteQuery(definitionsQuery("source"));
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  const create = (
    <LinkButton to="/sources/$id" params={{ id: "new" }} icon="plus">
      {t("sources.create")}
    </LinkButton>
  );
  return (
    <Page title={t("sources.title")} lede={t("sources.lede")} actions={create} fill>
      {query.error && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Waiting lines={6} height={24} />}
      {query.data && rows.length === 0 && (
        <Empty icon="source" title={t("sources.empty")} action={create}>
          {t("sources.emptyText")}
        </Empty>
      )}
      {rows.length > 0 && (
        <VirtualTable
          label={t("sources.tableLabel")}
          columns={COLUMNS}
          rows={rows}
          rowKey={(source) => source.id}
          rowHeight={56}
          hasMore={query.hasNextPage}
          onMore={() => !query.isFetchingNextPage && void query.fetchNextPage()}
          control={(source, props) => (
            <Link to="/sources/$id" params={{ id: source.id }} {...props} />
          )}
        />
      )}
    </Page>
  );
}

const COLUMNS: Column<Definition<SourceSpec>>[] = [
  {
    id: "name",
    header: t("sources.column.name"),
    width: "minmax(200px, 2fr)",
    render: (source) => <NameCell definition={source} />,
  },
  {
    id: "type",
    header: t("sources.column.type"),
    width: "minmax(90px, 1fr)",
    wideOnly: true,
    render: ({ spec }) => <span className="k-soft">{t(`install.types.${spec.type}`)}</span>,
  },
  {
    id: "state",
    header: t("sources.column.state"),
    width: "minmax(100px, 1fr)",
    wideOnly: true,
    render: ({ spec }) => (
      <span className="k-row k-soft">
        <Dot tone={spec.enabled ? "good" : "neutral"} />
        {spec.enabled ? t("sources.enabled") : t("sources.disabled")}
      </span>
    ),
  },
  {
    id: "keys",
    header: t("sources.column.keys"),
    width: "70px",
    align: "end",
    render: ({ spec }) => formatInteger(spec.keys?.length ?? 0),
  },
  {
    id: "updated",
    header: t("sources.column.updated"),
    width: "110px",
    align: "end",
    wideOnly: true,
    render: (source) => <When at={source.updated_at} />,
  },
];
