import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useMemo, useState } from "react";
import {
  type RecipeOffline,
  type RecipeOnline,
  type RecipeReport,
  reportQuery,
} from "../../api/recipes.ts";
import {
  formatDateTime,
  formatDayShort,
  formatFigure,
  formatInteger,
  formatNumber,
  formatPercent,
  formatRate,
} from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Badge, type Tone } from "../../parts/Badge.tsx";
import { Card } from "../../parts/Card.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { Intervals } from "../../parts/Intervals.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import css from "./Recipes.module.css";
import { rowOf, touchesOf, type Verdict, verdictOf } from "./report.ts";

/** Comes when there are days to draw. */
const AreaChart = lazy(async () => {
  const { AreaChart } = await import("../../parts/AreaChart.tsx");
  return { default: AreaChart };
});

/** Novelty beyond this fills the bar: one touch of 4,096. */
const BITS_MAX = 12;
const TONES: Record<Verdict, Tone> = { better: "good", worse: "bad", unclear: "neutral" };

/** How a recipe does: on the past, and where it is shown. */
export function Report({ recipe }: { recipe: string }) {
  const { data, error, refetch } = useQuery(reportQuery(recipe));
  return (
    <Card title={t("recipes.report.title")} note={t("recipes.report.note")}>
      {error && !data && <Failure error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Waiting lines={8} height={20} />}
      {data && (
        <div className="k-stack-loose">
          <div className={css.two}>
            <Offline report={data} />
            <Online online={data.online} />
          </div>
          <Reach report={data} />
          {data.online.days.length > 1 && <Days online={data.online} />}
        </div>
      )}
    </Card>
  );
}

function Offline({ report: { offline, words } }: { report: RecipeReport }) {
  if (!offline) {
    return (
      <section className={css.column}>
        <h3>{t("recipes.report.offline")}</h3>
        <Empty icon="clock" title={t("recipes.report.offlineNone")} compact>
          {words}
        </Empty>
      </section>
    );
  }
  const verdict = verdictOf(offline);
  const tone = verdict === "better" ? "good" : verdict === "worse" ? "bad" : undefined;
  return (
    <section className={css.column}>
      <div>
        <h3>{t("recipes.report.offline")}</h3>
        <p className="k-tiny k-muted">
          {t("recipes.report.offlineNote", {
            persons: offline.persons,
            when: formatDateTime(offline.evaluated_at),
          })}
        </p>
        {words && <p className="k-tiny k-soft k-wrap">{words}</p>}
      </div>
      <div className="k-stack-tight">
        <p className="k-small">{t("recipes.report.ndcg")}</p>
        <p className="k-tiny k-muted">{t("recipes.report.ndcgHint")}</p>
        <Intervals
          label={t("recipes.report.offlineLabel")}
          format={formatFigure}
          rows={[
            rowOf("this", t("recipes.report.this"), offline.ndcg_at_10, formatFigure, tone),
            rowOf("popular", t("recipes.report.popular"), offline.popular_ndcg_at_10, formatFigure),
          ]}
        />
      </div>
      <p>
        <Badge tone={TONES[verdict]}>{verdictWords(offline, verdict)}</Badge>
      </p>
      <dl className={css.figures}>
        <Figure name={t("recipes.report.recall")} hint={t("recipes.report.recallHint")}>
          {formatRate(offline.recall_at_10.value)}
        </Figure>
      </dl>
      <details className="k-small">
        <summary>{t("recipes.report.how")}</summary>
        <p className="k-soft k-wrap">{offline.protocol}</p>
      </details>
    </section>
  );
}

function verdictWords({ ndcg_at_10, popular_ndcg_at_10 }: RecipeOffline, verdict: Verdict): string {
  const times = `${formatNumber(ndcg_at_10.value / popular_ndcg_at_10.value)}×`;
  return t(`recipes.report.${verdict}`, { times });
}

function Figure({ name, hint, children }: { name: string; hint?: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
      {hint && <dd>{hint}</dd>}
    </div>
  );
}

function Online({ online }: { online: RecipeOnline }) {
  const { click_rate, purchase_rate, decisions, items_shown, since_at, fallbacks } = online;
  if (decisions === 0) {
    return (
      <section className={css.column}>
        <h3>{t("recipes.report.online")}</h3>
        <Empty icon="slot" title={t("recipes.report.onlineNone")} compact>
          {t("recipes.report.onlineNoneText")}
        </Empty>
      </section>
    );
  }
  const rates = [
    ["clicks", click_rate],
    ["purchases", purchase_rate],
  ] as const;
  const rows = rates.flatMap(([name, rate]) =>
    rate ? [rowOf(name, t(`recipes.report.${name}`), rate, formatRate, "good")] : [],
  );
  return (
    <section className={css.column}>
      <div>
        <h3>{t("recipes.report.online")}</h3>
        <p className="k-tiny k-muted">
          {t("recipes.report.onlineNote", {
            decisions,
            since: since_at ? formatDayShort(since_at) : t("recipes.report.none"),
          })}
        </p>
      </div>
      <div className="k-stack-tight">
        <p className="k-small">{t("recipes.report.clicks")} · {t("recipes.report.purchases")}</p>
        <p className="k-tiny k-muted">
          {t("recipes.report.ofShown", { shown: items_shown })}
        </p>
        {rows.length > 0 ? (
          <Intervals label={t("recipes.report.rateLabel")} format={formatRate} rows={rows} />
        ) : (
          <p className="k-muted">{t("recipes.report.noRate")}</p>
        )}
      </div>
      <p className="k-small k-soft">
        {t("recipes.report.fallbacks", { share: formatPercent(fallbacks / decisions) })}
      </p>
      <dl className={css.figures}>
        <Figure name={t("recipes.report.clicks")}>{formatInteger(online.clicked)}</Figure>
        <Figure name={t("recipes.report.purchases")}>{formatInteger(online.bought)}</Figure>
      </dl>
    </section>
  );
}

/** How much of the catalog comes up, and how well known that is. */
function Reach({ report: { offline, online, catalog_items } }: { report: RecipeReport }) {
  const coverage = { past: offline?.coverage ?? null, now: online.coverage };
  const novelty = { past: offline?.novelty_bits ?? null, now: online.novelty_bits };
  if ([coverage.past, coverage.now, novelty.past, novelty.now].every((one) => one === null)) {
    return null;
  }
  return (
    <div className={`${css.two} ${css.line}`}>
      <section className={css.column}>
        <div>
          <h3>{t("recipes.report.coverage")}</h3>
          <p className="k-tiny k-muted">
            {t("recipes.report.coverageHint", { items: catalog_items })}
          </p>
        </div>
        <Meter name="offline" share={coverage.past} tone="past">
          {(share) => t("recipes.report.ofCatalog", { share: formatRate(share) })}
        </Meter>
        <Meter name="online" share={coverage.now}>
          {(share) => t("recipes.report.ofCatalog", { share: formatRate(share) })}
        </Meter>
      </section>
      <section className={css.column}>
        <div>
          <h3>{t("recipes.report.novelty")}</h3>
          <p className="k-tiny k-muted">{t("recipes.report.noveltyHint")}</p>
        </div>
        <Meter name="offline" share={novelty.past} of={BITS_MAX} tone="past">
          {bitsInWords}
        </Meter>
        <Meter name="online" share={novelty.now} of={BITS_MAX}>
          {bitsInWords}
        </Meter>
      </section>
    </div>
  );
}

const bitsInWords = (bits: number) =>
  `${t("recipes.report.bits", { bits: formatNumber(bits) })} · ${t("recipes.report.oneIn", {
    touches: formatInteger(touchesOf(bits)),
  })}`;

interface MeterProps {
  name: "offline" | "online";
  share: number | null;
  of?: number;
  tone?: "past";
  children: (share: number) => string;
}

function Meter({ name, share, of = 1, tone, children }: MeterProps) {
  return (
    <div>
      <div className="k-spread k-small">
        <span>{t(`recipes.report.${name}`)}</span>
        <span className="k-number k-soft">
          {share === null ? t("recipes.report.none") : children(share)}
        </span>
      </div>
      <div className={css.bar} data-tone={tone} aria-hidden="true">
        <span style={{ width: `${Math.min(100, (100 * (share ?? 0)) / of)}%` }} />
      </div>
    </div>
  );
}

const SERIES = ["items_shown", "clicked", "bought"] as const;
type Series = (typeof SERIES)[number];

function Days({ online: { days } }: { online: RecipeOnline }) {
  const [series, setSeries] = useState<Series>("clicked");
  const points = useMemo(
    () => days.map((one) => ({ at: `${one.day}T12:00:00`, value: one[series] })),
    [days, series],
  );
  const what = t(`recipes.report.seriesOf.${series}`);
  return (
    <section className={`k-stack ${css.line}`}>
      <div className="k-spread">
        <h3>{t("recipes.report.days")}</h3>
        <SegmentedControl
          size="xs"
          aria-label={t("recipes.report.series")}
          data={SERIES.map((one) => ({ value: one, label: t(`recipes.report.seriesOf.${one}`) }))}
          value={series}
          onChange={(next) => setSeries(next as Series)}
        />
      </div>
      <Suspense fallback={<Waiting lines={6} />}>
        <AreaChart
          points={points}
          label={t("recipes.report.daysLabel", { what })}
          headers={{ at: t("recipes.report.day"), value: what }}
          formatAt={formatDayShort}
        />
      </Suspense>
    </section>
  );
}
