import "../../i18n/late-identity.ts";
import { Tabs } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { personQuery, personUnderQuery } from "../../api/persons.ts";
import { asApiError } from "../../api/problem.ts";
import { useEventStream } from "../../api/stream.ts";
import type { Person } from "../../api/types.ts";
import { Icon } from "../../icons/Icon.tsx";
import { t } from "../../i18n/t.ts";
import { Avatar } from "../../parts/Avatar.tsx";
import { Dot } from "../../parts/Badge.tsx";
import { Copy } from "../../parts/Copy.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import {
  bestIdentifier,
  IdentifierTag,
  isVisitor,
  personTitle,
} from "../../parts/IdentifierTag.tsx";
import { Page } from "../../parts/Page.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { When } from "../../parts/When.tsx";
import { Attributes } from "./Attributes.tsx";
import { Decisions } from "./Decisions.tsx";
import { ExplainDrawer } from "./ExplainDrawer.tsx";
import { Identity } from "./Identity.tsx";
import { KeyFigures } from "./KeyFigures.tsx";
import css from "./Profile.module.css";
import { Sidebar } from "./Sidebar.tsx";
import { Timeline } from "./Timeline.tsx";
import { Under } from "./Under.tsx";

const route = getRouteApi("/app/profiles/$personId");
/** A burst of events refreshes the profile once, after it. */
const REFRESH_PAUSE_MS = 400;

export function Profile() {
  const { personId } = route.useParams();
  const { data: person, error, refetch } = useQuery(personQuery(personId));
  const above = <Back />;

  if (error && asApiError(error).status === 404) {
    return (
      <Page title={t("persons.missing")} above={above} titleHidden>
        <Empty
          icon="person"
          title={t("persons.missing")}
          action={<Link to="/profiles">{t("persons.search")}</Link>}
        >
          {t("persons.missingText")}
        </Empty>
      </Page>
    );
  }
  if (!person) {
    return (
      <Page title={t("persons.column.person")} above={above} titleHidden>
        {error ? <Failure error={error} onRetry={() => void refetch()} /> : <Waiting lines={10} />}
      </Page>
    );
  }
  return <Known person={person} />;
}

function Back() {
  return (
    <Link to="/profiles" className="k-row k-small">
      <Icon name="back" size={15} />
      {t("persons.back")}
    </Link>
  );
}

function Known({ person }: { person: Person }) {
  const { tab, as } = route.useSearch();
  const under = useQuery({
    ...personUnderQuery(person.person_id, as ?? "exact"),
    enabled: as !== undefined,
  });
  const shown = (as && under.data) || person;
  const navigate = route.useNavigate();
  const live = useLiveProfile(person.person_id);
  const title = personTitle(person);
  return (
    <Page title={title} above={<Back />} titleHidden>
      <Header person={person} title={title} live={live} />
      {as && <Under policy={as} person={under.data} error={under.error} />}
      <KeyFigures person={shown} />
      <div className={css.columns}>
        <Tabs
          value={tab ?? "timeline"}
          onChange={(value) =>
            navigate({
              search: (before) => ({
                ...before,
                tab: value === "timeline" ? undefined : (value as typeof tab),
              }),
              replace: true,
              resetScroll: false,
            })
          }
          keepMounted={false}
        >
          <Tabs.List aria-label={t("persons.tabsLabel")}>
            <Tabs.Tab value="timeline">{t("persons.tabs.timeline")}</Tabs.Tab>
            <Tabs.Tab value="decisions">{t("persons.tabs.decisions")}</Tabs.Tab>
            <Tabs.Tab value="identity">{t("persons.tabs.identity")}</Tabs.Tab>
            <Tabs.Tab value="attributes">{t("persons.tabs.attributes")}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="timeline" className={css.panel}>
            <Timeline personId={person.person_id} />
          </Tabs.Panel>
          <Tabs.Panel value="decisions" className={css.panel}>
            <Decisions personId={person.person_id} />
          </Tabs.Panel>
          <Tabs.Panel value="identity" className={css.panel}>
            <Identity person={person} />
          </Tabs.Panel>
          <Tabs.Panel value="attributes" className={css.panel}>
            <Attributes person={shown} />
          </Tabs.Panel>
        </Tabs>
        <Sidebar person={shown} />
      </div>
      <ExplainDrawer person={person} name={title} />
    </Page>
  );
}

interface HeaderProps {
  person: Person;
  title: string;
  live: boolean;
}

function Header({ person, title, live }: HeaderProps) {
  const best = bestIdentifier(person.identifiers);
  return (
    <div className={css.header}>
      <Avatar
        name={title}
        id={person.person_id}
        size={56}
        visitor={isVisitor(person.identifiers)}
      />
      <div className="k-stack-tight k-grow">
        <p className={css.title} aria-hidden="true">
          {title}
        </p>
        <div className="k-row-wrap k-small k-muted">
          {best && best.value !== title && <IdentifierTag identifier={best} />}
          <span className="k-row">
            <code className={css.id}>{person.person_id}</code>
            <Copy text={person.person_id} label={t("persons.personId")} />
          </span>
        </div>
      </div>
      <div className={css.seen}>
        <span className="k-row">
          <Dot tone={live ? "good" : "neutral"} pulse={live} />
          {live ? t("persons.live") : t("events.connecting")}
        </span>
        <span>
          {t("persons.card.lastSeen")} <When at={person.last_seen_at} />
        </span>
      </div>
    </div>
  );
}

/** While the page is open, each event of this person refreshes what it may have changed. */
function useLiveProfile(personId: string): boolean {
  const queryClient = useQueryClient();
  const refresh = useDebouncedCallback(
    () => void queryClient.invalidateQueries({ queryKey: ["person", personId] }),
    REFRESH_PAUSE_MS,
  );
  const state = useEventStream({ person: personId }, { onEvent: refresh, onReopen: refresh });
  return state === "open";
}
