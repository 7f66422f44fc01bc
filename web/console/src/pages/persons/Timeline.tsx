import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { timelineQuery } from "../../api/persons.ts";
import type { KithEvent } from "../../api/types.ts";
import { Icon } from "../../icons/Icon.tsx";
import { formatClock, formatDay, formatExactTime } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Card } from "../../parts/Card.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { Properties } from "../../parts/Properties.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { DecisionLink } from "../events/DecisionLink.tsx";
import { iconOf, nameOf, summaryOf } from "../events/describe.ts";
import css from "./Timeline.module.css";

export function Timeline({ personId }: { personId: string }) {
  const query = useInfiniteQuery(timelineQuery(personId));
  const events = query.data?.pages.flatMap((page) => page.items) ?? [];
  if (query.error && events.length === 0) {
    return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (query.isPending) return <Waiting lines={8} height={28} />;
  if (events.length === 0) {
    return (
      <Card>
        <Empty icon="clock" title={t("persons.timelineEmpty")} compact>
          {t("persons.timelineEmptyText")}
        </Empty>
      </Card>
    );
  }
  return (
    <>
      {byDay(events).map(([day, ofDay]) => (
        <section key={day} aria-label={day}>
          <h2 className={css.day}>{day}</h2>
          <ol className={css.list}>
            {ofDay.map((event) => (
              <Entry key={event.message_id} event={event} />
            ))}
          </ol>
        </section>
      ))}
      {query.hasNextPage && (
        <Button
          variant="default"
          onClick={() => void query.fetchNextPage()}
          loading={query.isFetchingNextPage}
        >
          {t("persons.showMore")}
        </Button>
      )}
    </>
  );
}

function Entry({ event }: { event: KithEvent }) {
  const [open, setOpen] = useState(false);
  const given = Object.keys(event.properties).length > 0 ? event.properties : event.traits;
  const name = nameOf(event);
  return (
    <li className={css.entry} data-type={event.type}>
      <button
        type="button"
        className={css.line}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <span className={css.icon}>
          <Icon name={iconOf(event)} size={15} />
        </span>
        <span className={css.name}>{name}</span>
        <span className={css.summary}>{summaryOf(event)}</span>
        <time className={css.time} dateTime={event.occurred_at}>
          {formatClock(event.occurred_at)}
        </time>
        <span className={css.chevron} data-open={open}>
          <Icon name="chevron" size={14} />
        </span>
      </button>
      {open && (
        <div className={css.details}>
          {Object.keys(given).length > 0 && <Properties values={given} label={name} />}
          <p className="k-row-wrap k-small k-muted">
            <span>{formatExactTime(event.occurred_at)}</span>
            <span>{event.source}</span>
            <Link to="/events" search={{ open: event.message_id }}>
              {t("persons.openEvent")}
            </Link>
            <DecisionLink event={event} />
          </p>
        </div>
      )}
    </li>
  );
}

function byDay(events: KithEvent[]): [string, KithEvent[]][] {
  const days = new Map<string, KithEvent[]>();
  for (const event of events) {
    const day = formatDay(event.occurred_at);
    days.set(day, [...(days.get(day) ?? []), event]);
  }
  return [...days];
}
