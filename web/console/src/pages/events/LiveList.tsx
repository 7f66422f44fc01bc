import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type EventFilter, eventsQuery } from "../../api/events.ts";
import { type StreamState, useEventStream } from "../../api/stream.ts";
import type { KithEvent } from "../../api/types.ts";
import { Icon } from "../../icons/Icon.tsx";
import { formatClock } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Dot } from "../../parts/Badge.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { bestIdentifier, IdentifierTag } from "../../parts/IdentifierTag.tsx";
import { type Column, VirtualTable } from "../../parts/VirtualTable.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { summaryOf } from "./describe.ts";
import { EventDrawer } from "./EventDrawer.tsx";
import { EventName } from "./EventName.tsx";
import css from "./Events.module.css";
import { arrive, emptyFeed, release, rowsOf } from "./feed.ts";
import { Filters } from "./Filters.tsx";

const route = getRouteApi("/app/events");
/** Bursts reach the screen at this rate, so that a busy stream does not freeze the page. */
const FLUSH_MS = 250;

export function LiveList() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { name, source, person, open } = search;
  const filter = useMemo(() => ({ name, source, person }), [name, source, person]);
  const filtered = Boolean(name || source || person);
  const live = useLiveRows(filter);

  return (
    <>
      <div className={css.toolbar}>
        <Filters />
        <Follow live={live} />
      </div>
      {live.held > 0 && (
        <button type="button" className={css.pending} onClick={live.resume}>
          <Icon name="up" size={15} />
          {t("events.pending", { count: live.held })}
        </button>
      )}
      {live.error && <Failure error={live.error} onRetry={live.retry} />}
      {live.loading && <Waiting lines={12} height={20} />}
      {!live.loading && !live.error && live.rows.length === 0 && <NoEvents filtered={filtered} />}
      {live.rows.length > 0 && (
        <VirtualTable
          // Other filters are another list, read from its top.
          key={JSON.stringify(filter)}
          label={t("events.tableLabel")}
          columns={COLUMNS}
          rows={live.rows}
          rowKey={(event) => event.message_id}
          rowHeight={44}
          selectedKey={open}
          isFresh={live.isFresh}
          hasMore={live.hasMore}
          onMore={live.more}
          onScrolledAway={live.setAway}
          control={(event, props) => (
            <button
              type="button"
              {...props}
              onClick={() => navigate({ search: { ...search, open: event.message_id } })}
            />
          )}
        />
      )}
      <EventDrawer
        messageId={open}
        onClose={() => navigate({ search: { ...search, open: undefined } })}
      />
    </>
  );
}

const COLUMNS: Column<KithEvent>[] = [
  {
    id: "event",
    header: t("events.column.event"),
    width: "minmax(110px, 1.4fr)",
    render: (event) => <EventName event={event} />,
  },
  {
    id: "person",
    header: t("events.column.person"),
    width: "minmax(80px, 1.3fr)",
    render: (event) => <PersonCell event={event} />,
  },
  {
    id: "details",
    header: t("events.column.details"),
    width: "minmax(120px, 2fr)",
    wideOnly: true,
    render: (event) => <span className="k-soft">{summaryOf(event)}</span>,
  },
  {
    id: "source",
    header: t("events.column.source"),
    width: "minmax(80px, 0.7fr)",
    wideOnly: true,
    render: (event) => <span className="k-soft">{event.source}</span>,
  },
  {
    id: "time",
    header: t("events.column.time"),
    width: "72px",
    align: "end",
    render: (event) => (
      <time className={css.clock} dateTime={event.received_at}>
        {formatClock(event.received_at)}
      </time>
    ),
  },
];

function PersonCell({ event }: { event: KithEvent }) {
  const identifier = bestIdentifier(event.identifiers);
  if (!identifier) return <span className="k-muted">–</span>;
  if (!event.person_id) return <IdentifierTag identifier={identifier} />;
  return (
    <Link to="/profiles/$personId" params={{ personId: event.person_id }} tabIndex={-1}>
      <IdentifierTag identifier={identifier} />
    </Link>
  );
}

interface Live {
  rows: KithEvent[];
  held: number;
  paused: boolean;
  stream: StreamState;
  loading: boolean;
  error: Error | null;
  hasMore: boolean;
  isFresh: (event: KithEvent) => boolean;
  setAway: (away: boolean) => void;
  resume: () => void;
  pause: () => void;
  more: () => void;
  retry: () => void;
}

function useLiveRows(filter: EventFilter): Live {
  const loaded = useInfiniteQuery(eventsQuery(filter));
  const [feed, setFeed] = useState(emptyFeed<KithEvent>);
  const [paused, setPaused] = useState(false);
  const away = useRef(false);
  const waiting = useRef<KithEvent[]>([]);
  const fresh = useRef(new Set<string>());

  useEffect(() => {
    setFeed(emptyFeed());
    waiting.current = [];
  }, [filter]);

  const flush = useCallback((hold: boolean) => {
    const events = waiting.current;
    if (events.length === 0) return;
    waiting.current = [];
    fresh.current = new Set(events.map((event) => event.message_id));
    setFeed((feed) => arrive(feed, events, hold));
  }, []);
  useEffect(() => {
    const timer = setInterval(() => flush(paused || away.current), FLUSH_MS);
    return () => clearInterval(timer);
  }, [flush, paused]);

  const stream = useEventStream(filter, {
    onEvent: (event) => waiting.current.push(event),
    onReopen: () => void loaded.refetch(),
  });
  const pages = loaded.data?.pages;
  const rows = useMemo(
    () => rowsOf(feed, pages?.flatMap((page) => page.items) ?? []),
    [feed, pages],
  );

  return {
    rows,
    held: feed.held.length,
    paused,
    stream,
    loading: loaded.isPending,
    error: loaded.error,
    hasMore: loaded.hasNextPage,
    isFresh: (event) => fresh.current.has(event.message_id),
    setAway: (isAway) => {
      away.current = isAway;
      if (!isAway && !paused) setFeed(release);
    },
    resume: () => {
      setPaused(false);
      away.current = false;
      setFeed(release);
    },
    pause: () => setPaused(true),
    more: () => {
      if (!loaded.isFetchingNextPage) void loaded.fetchNextPage();
    },
    retry: () => void loaded.refetch(),
  };
}

function Follow({ live }: { live: Live }) {
  const lost = live.stream === "lost";
  const words = live.paused
    ? t("events.paused")
    : t(`events.${live.stream === "open" ? "following" : lost ? "lost" : "connecting"}`);
  const following = live.stream === "open" && !live.paused;
  return (
    <div className={css.state}>
      <Dot tone={following ? "good" : lost ? "bad" : "neutral"} pulse={following} />
      <span role="status">{words}</span>
      <Button
        variant="default"
        onClick={live.paused ? live.resume : live.pause}
        leftSection={<Icon name={live.paused ? "play" : "pause"} size={15} />}
      >
        {live.paused ? t("events.follow") : t("events.pause")}
      </Button>
    </div>
  );
}

function NoEvents({ filtered }: { filtered: boolean }) {
  if (filtered) {
    return (
      <Empty
        icon="search"
        title={t("events.emptyFiltered")}
        action={
          <Link to="/events" search={{}}>
            {t("events.clearFilters")}
          </Link>
        }
      >
        {t("events.emptyFilteredText")}
      </Empty>
    );
  }
  return (
    <Empty
      icon="pulse"
      title={t("events.empty")}
      action={<Link to="/install">{t("events.install")}</Link>}
    >
      {t("events.emptyText")}
    </Empty>
  );
}
