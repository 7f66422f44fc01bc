import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { personsQuery } from "../../api/persons.ts";
import type { PersonRow } from "../../api/types.ts";
import { formatInteger } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Avatar } from "../../parts/Avatar.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { IdentifierTag, isVisitor, personTitle } from "../../parts/IdentifierTag.tsx";
import { Page } from "../../parts/Page.tsx";
import { SearchField } from "../../parts/SearchField.tsx";
import { type Column, VirtualTable } from "../../parts/VirtualTable.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { When } from "../../parts/When.tsx";
import css from "./Persons.module.css";

const route = getRouteApi("/app/profiles");

export function Persons() {
  const { q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(personsQuery(q));
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title={t("persons.title")} lede={t("persons.lede")} fill>
      <SearchField
        label={t("persons.searchLabel")}
        placeholder={t("persons.searchPlaceholder")}
        value={q}
        onChange={(text) => navigate({ search: { q: text || undefined }, replace: true })}
      />
      {query.error && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Waiting lines={12} height={20} />}
      {query.data && rows.length === 0 && <Nobody text={q} />}
      {rows.length > 0 && (
        <>
          <h2 className={css.caption}>{q ? t("persons.found") : t("persons.recent")}</h2>
          <VirtualTable
            key={q}
            label={t("persons.tableLabel")}
            columns={COLUMNS}
            rows={rows}
            rowKey={(person) => person.person_id}
            rowHeight={52}
            hasMore={query.hasNextPage}
            onMore={() => !query.isFetchingNextPage && void query.fetchNextPage()}
            control={(person, props) => (
              <Link to="/profiles/$personId" params={{ personId: person.person_id }} {...props} />
            )}
          />
        </>
      )}
    </Page>
  );
}

function Nobody({ text }: { text: string }) {
  if (!text) {
    return (
      <Empty
        icon="people"
        title={t("persons.empty")}
        action={<Link to="/install">{t("events.install")}</Link>}
      >
        {t("persons.emptyText")}
      </Empty>
    );
  }
  return (
    <Empty icon="search" title={t("persons.emptySearch", { text })}>
      {t("persons.emptySearchText")}
    </Empty>
  );
}

const TAGS_MAX = 3;

const COLUMNS: Column<PersonRow>[] = [
  {
    id: "person",
    header: t("persons.column.person"),
    width: "minmax(180px, 1.4fr)",
    render: (person) => (
      <span className={css.person}>
        <Avatar
          name={personTitle(person)}
          id={person.person_id}
          size={30}
          visitor={isVisitor(person.identifiers)}
        />
        <span className="k-ellipsis">{personTitle(person)}</span>
      </span>
    ),
  },
  {
    id: "identifiers",
    header: t("persons.column.identifiers"),
    width: "minmax(160px, 2.4fr)",
    wideOnly: true,
    render: ({ identifiers }) => (
      <span className={css.tags}>
        {identifiers.slice(0, TAGS_MAX).map((identifier) => (
          <IdentifierTag
            key={`${identifier.namespace}:${identifier.value}`}
            identifier={identifier}
          />
        ))}
        {identifiers.length > TAGS_MAX && (
          <span className="k-tiny k-muted">+{identifiers.length - TAGS_MAX}</span>
        )}
      </span>
    ),
  },
  {
    id: "events",
    header: t("persons.column.events"),
    width: "80px",
    align: "end",
    wideOnly: true,
    render: (person) => formatInteger(person.event_count),
  },
  {
    id: "first",
    header: t("persons.column.first"),
    width: "100px",
    align: "end",
    wideOnly: true,
    render: (person) => <When at={person.first_seen_at} />,
  },
  {
    id: "last",
    header: t("persons.column.last"),
    width: "100px",
    align: "end",
    render: (person) => <When at={person.last_seen_at} />,
  },
];
