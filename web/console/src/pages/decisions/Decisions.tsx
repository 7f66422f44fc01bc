/** Every decision, newest first: by placement, by person, up to a time. */
import { Button, Select, TextInput } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { decisionListQuery } from "../../api/decisions.ts";
import { definitionsQuery } from "../../api/definitions.ts";
import type { DecisionRecord } from "../../api/types.ts";
import { fromLocalInput, toLocalInput } from "../../forms/local-time.ts";
import { Icon } from "../../icons/Icon.tsx";
import { formatInteger } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Badge } from "../../parts/Badge.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { bestIdentifier } from "../../parts/IdentifierTag.tsx";
import { Page } from "../../parts/Page.tsx";
import { PersonPicker } from "../../parts/PersonPicker.tsx";
import { type Column, VirtualTable } from "../../parts/VirtualTable.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { When } from "../../parts/When.tsx";
import css from "./Decisions.module.css";
import { decisionIdIn } from "./record.ts";

const route = getRouteApi("/app/decisions");

export function Decisions() {
  const filter = route.useSearch();
  const query = useInfiniteQuery(decisionListQuery(filter));
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  const filtered = Object.values(filter).some(Boolean);
  return (
    <Page
      title={t("decisions.title")}
      lede={t("decisions.lede")}
      actions={
        <Button
          variant="default"
          loading={query.isRefetching}
          leftSection={<Icon name="refresh" size={16} />}
          onClick={() => void query.refetch()}
        >
          {t("decisions.refresh")}
        </Button>
      }
      fill
    >
      <Filters />
      {query.error && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Waiting lines={8} height={24} />}
      {query.data && rows.length === 0 && (
        <Empty icon="spark" title={t(filtered ? "decisions.emptyFilter" : "decisions.empty")}>
          {t(filtered ? "decisions.emptyFilterText" : "decisions.emptyText")}
        </Empty>
      )}
      {rows.length > 0 && (
        <VirtualTable
          key={JSON.stringify(filter)}
          label={t("decisions.tableLabel")}
          columns={COLUMNS}
          rows={rows}
          rowKey={(record) => record.decision_id}
          rowHeight={56}
          hasMore={query.hasNextPage}
          onMore={() => !query.isFetchingNextPage && void query.fetchNextPage()}
          control={(record, props) => (
            <Link to="/decisions/$id" params={{ id: record.decision_id }} {...props} />
          )}
        />
      )}
    </Page>
  );
}

function Filters() {
  const { placement, person, until } = route.useSearch();
  const navigate = route.useNavigate();
  const placements = useInfiniteQuery(definitionsQuery("placement"));
  const known = placements.data?.pages.flatMap((page) => page.items.map(({ id }) => id)) ?? [];
  const change = (changed: Record<string, string | undefined>) =>
    void navigate({ search: (before) => ({ ...before, ...changed }), replace: true });
  return (
    <div className={css.filters}>
      <PersonPicker
        label={t("decisions.person")}
        nobody={t("decisions.anybody")}
        personId={person}
        onChange={(chosen) => change({ person: chosen })}
      />
      <Select
        label={t("decisions.placement")}
        placeholder={t("decisions.anyPlacement")}
        data={[...new Set([...known, ...(placement ? [placement] : [])])]}
        value={placement ?? null}
        onChange={(chosen) => change({ placement: chosen ?? undefined })}
        clearable
        clearButtonProps={{ "aria-label": t("parts.clear") }}
        searchable
      />
      <TextInput
        type="datetime-local"
        label={t("decisions.until")}
        value={toLocalInput(until ?? null)}
        onChange={(event) => change({ until: fromLocalInput(event.currentTarget.value) ?? undefined })}
      />
      <ById />
    </div>
  );
}

function ById() {
  const navigate = route.useNavigate();
  const [text, setText] = useState("");
  const open = (event: FormEvent) => {
    event.preventDefault();
    const id = decisionIdIn(text);
    if (id) void navigate({ to: "/decisions/$id", params: { id }, search: {} });
  };
  return (
    <form onSubmit={open}>
      <TextInput
        label={t("decisions.byId")}
        placeholder={t("decisions.byIdHint")}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        rightSectionWidth={58}
        rightSection={
          <Button type="submit" size="compact-xs" variant="default" disabled={!text.trim()}>
            {t("decisions.open")}
          </Button>
        }
      />
    </form>
  );
}

/** What was shown, in the fewest words. */
function shownIn({ decision }: DecisionRecord): string {
  const titles = decision.choices.map(({ content, id }) =>
    typeof content.title === "string" && content.title ? content.title : id,
  );
  return titles.join(" · ");
}

const COLUMNS: Column<DecisionRecord>[] = [
  {
    id: "shown",
    header: t("decisions.column.shown"),
    width: "minmax(160px, 2.4fr)",
    render: (record) => (
      <span className={css.shown}>
        <span className="k-ellipsis" title={shownIn(record)}>
          {shownIn(record) || <span className="k-muted">{t("persons.nothingChosen")}</span>}
        </span>
        <span className="k-ellipsis k-tiny k-muted">{record.placement}</span>
      </span>
    ),
  },
  {
    id: "state",
    header: t("decisions.column.state"),
    width: "96px",
    wideOnly: true,
    render: ({ decision }) =>
      decision.error ? (
        <Badge tone="bad">{t("decisions.failed")}</Badge>
      ) : (
        decision.fallback && <Badge tone="warn">{t("persons.fallback")}</Badge>
      ),
  },
  {
    id: "person",
    header: t("decisions.column.person"),
    width: "minmax(130px, 1.2fr)",
    wideOnly: true,
    render: (record) => {
      const named = bestIdentifier(record.request.identifiers ?? [])?.value ?? record.person_id;
      return (
        <span className="k-ellipsis k-soft" title={named ?? undefined}>
          {named ?? t("decisions.nobody")}
        </span>
      );
    },
  },
  {
    id: "lost",
    header: t("decisions.column.lost"),
    width: "72px",
    align: "end",
    wideOnly: true,
    render: ({ losers, losers_cut }) => (
      <span className="k-number">{formatInteger(losers.length + losers_cut)}</span>
    ),
  },
  {
    id: "at",
    header: t("decisions.column.at"),
    width: "100px",
    align: "end",
    render: ({ decided_at }) => <When at={decided_at} />,
  },
];
