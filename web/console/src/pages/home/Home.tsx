import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { overviewQuery } from "../../api/overview.ts";
import type { Overview } from "../../api/types.ts";
import { formatCompact, formatInteger } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Card } from "../../parts/Card.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { Page } from "../../parts/Page.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { AttentionList } from "./AttentionList.tsx";
import css from "./Home.module.css";
import { MinuteChart } from "./MinuteChart.tsx";
import { SourceList } from "./SourceList.tsx";

export function Home() {
  const { data, error, refetch } = useQuery(overviewQuery);
  return (
    <Page title={t("home.title")} lede={t("home.lede")}>
      {error && <Failure error={error} onRetry={() => void refetch()} />}
      {data ? <Figures overview={data} /> : !error && <HomeWaiting />}
    </Page>
  );
}

function Figures({ overview }: { overview: Overview }) {
  const hour = overview.events_per_minute.reduce((sum, minute) => sum + minute.count, 0);
  const behind = Math.max(0, overview.position - overview.applied_position);
  return (
    <>
      <div className={css.tiles}>
        <Tile label={t("home.events")} value={overview.events_total}>
          <Link to="/events">{t("home.inLastHour", { count: hour })}</Link>
        </Tile>
        <Tile label={t("home.persons")} value={overview.persons_total}>
          <Link to="/profiles">{t("home.findPeople")}</Link>
        </Tile>
        <Tile label={t("home.items")} value={overview.items_total}>
          <Link to="/catalog">{t("home.openCatalog")}</Link>
        </Tile>
        <Tile
          label={t("home.rejected")}
          value={overview.rejected_open}
          bad={overview.rejected_open > 0}
        >
          {overview.rejected_open > 0 ? (
            <Link to="/events" search={{ tab: "rejected" }}>
              {t("home.seeRejected")}
            </Link>
          ) : (
            t("home.nothingRejected")
          )}
        </Tile>
      </div>
      <div className={css.columns}>
        <div className="k-stack">
          <Card
            title={t("home.perMinute")}
            note={t("home.perMinuteNote")}
            actions={
              <span className="k-tiny k-muted">
                {behind === 0 ? t("home.allProcessed") : t("home.behind", { count: behind })}
              </span>
            }
          >
            {hour === 0 ? (
              <Empty icon="pulse" title={t("home.quiet")}>
                {t("home.quietText")}
              </Empty>
            ) : (
              <MinuteChart minutes={overview.events_per_minute} />
            )}
          </Card>
          <Card title={t("home.sources")} flush>
            <SourceList sources={overview.sources} />
          </Card>
        </div>
        <div className="k-stack">
          <Card title={t("home.attention")} flush>
            <AttentionList overview={overview} />
          </Card>
          <Card title={t("home.topEvents")} note={t("home.topEventsNote")}>
            <TopEvents events={overview.top_events} />
          </Card>
        </div>
      </div>
    </>
  );
}

interface TileProps {
  label: string;
  value: number;
  bad?: boolean;
  children: ReactNode;
}

function Tile({ label, value, bad, children }: TileProps) {
  return (
    <div className={css.tile} data-bad={bad}>
      <p className={css.tileLabel}>{label}</p>
      <p className={css.tileValue} title={formatInteger(value)}>
        {formatCompact(value)}
      </p>
      <p className={css.tileNote}>{children}</p>
    </div>
  );
}

function TopEvents({ events }: { events: Overview["top_events"] }) {
  if (events.length === 0) {
    return <Empty icon="bolt" title={t("home.noEvents")} compact />;
  }
  const most = Math.max(...events.map((event) => event.count));
  return (
    <ol className={css.bars}>
      {events.slice(0, 8).map((event) => (
        <li key={event.name} className={css.bar}>
          <Link to="/events" search={{ name: event.name }} className="k-ellipsis">
            {event.name}
          </Link>
          <span className="k-number k-soft">{formatCompact(event.count)}</span>
          <span className={css.track} aria-hidden="true">
            <span style={{ width: `${(event.count / most) * 100}%` }} />
          </span>
        </li>
      ))}
    </ol>
  );
}

function HomeWaiting() {
  return (
    <>
      <div className={css.tiles}>
        {[0, 1, 2, 3].map((tile) => (
          <Skeleton key={tile} height={104} radius="lg" />
        ))}
      </div>
      <div className={css.columns}>
        <Skeleton height={300} radius="lg" />
        <Card>
          <Waiting lines={5} />
        </Card>
      </div>
    </>
  );
}
