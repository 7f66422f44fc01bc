import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Audience as Shown } from "../../api/audience-wire.ts";
import { audienceQuery, changesQuery, parseQuery } from "../../api/audiences.ts";
import { definitionQuery } from "../../api/definitions.ts";
import { asApiError } from "../../api/problem.ts";
import { Icon } from "../../icons/Icon.tsx";
import { formatDateTime, formatDayShort, formatInteger, formatMinute } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { AreaChart } from "../../parts/AreaChart.tsx";
import { Badge } from "../../parts/Badge.tsx";
import { Card } from "../../parts/Card.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { LinkButton } from "../../parts/LinkButton.tsx";
import { Page } from "../../parts/Page.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { useNow, When } from "../../parts/When.tsx";
import { Archive } from "../definitions/Editor.tsx";
import { JobCard } from "../definitions/Job.tsx";
import { Revisions } from "../definitions/Revisions.tsx";
import css from "./Audience.module.css";
import { Members } from "./Members.tsx";
import { State } from "./State.tsx";
import { pointsIn, type Range, RANGES, rangeStart } from "./trend.ts";
import { UsedByLink } from "./UsedByLinks.tsx";

const route = getRouteApi("/app/audiences/$id");

export function Audience() {
  const { id } = route.useParams();
  const { data: audience, error, refetch } = useQuery(audienceQuery(id));
  const above = (
    <Link to="/audiences" className="k-row k-small">
      <Icon name="back" size={15} />
      {t("audiences.back")}
    </Link>
  );
  if (error && !audience && asApiError(error).status === 404) {
    return (
      <Page title={t("audiences.missing")} above={above} titleHidden>
        <Empty icon="audience" title={t("audiences.missing")}>
          {t("audiences.missingText")}
        </Empty>
      </Page>
    );
  }
  if (!audience) {
    return (
      <Page title={t("audiences.title")} above={above} titleHidden>
        {error ? <Failure error={error} onRetry={() => void refetch()} /> : <Waiting lines={10} />}
      </Page>
    );
  }
  return (
    <Page
      title={audience.name || id}
      above={above}
      lede={
        <span className="k-row-wrap">
          <code>{id}</code>
          {audience.type === "list" && <Badge>{t("audiences.list")}</Badge>}
          {audience.description && <span className="k-wrap">{audience.description}</span>}
        </span>
      }
      actions={
        <>
          <Archive kind="audience" list="/audiences" id={id} name={audience.name} />
          <LinkButton to="/audiences/$id/edit" params={{ id }} icon="edit">
            {t("audiences.edit")}
          </LinkButton>
        </>
      }
    >
      <div className={css.columns}>
        <div className="k-stack-loose">
          {audience.state !== "ready" && <JobCard kind="audience" id={id} />}
          <Size audience={audience} />
          <Members audience={audience} />
        </div>
        <aside className="k-stack-loose" aria-label={t("audiences.definition")}>
          <Definition id={id} />
          <UsedByCard audience={audience} />
          <Changes id={id} />
        </aside>
      </div>
      <CurrentRevisions id={id} />
    </Page>
  );
}

function Size({ audience }: { audience: Shown }) {
  const { range = "7d" } = route.useSearch();
  const navigate = route.useNavigate();
  const now = useNow();
  const { size_history, size } = audience;
  const points = useMemo(
    () => pointsIn(size_history, range, now, size),
    [size_history, range, now, size],
  );
  const values = points.map(({ value }) => value);
  const start = rangeStart(range, now);
  const oldest = size_history[0]?.at;
  const short = oldest !== undefined && Date.parse(oldest) > start.getTime() + 3_600_000;
  return (
    <Card
      title={t("audiences.size")}
      note={t("audiences.sizeNote")}
      actions={
        <SegmentedControl
          size="xs"
          aria-label={t("audiences.rangeLabel")}
          value={range}
          data={RANGES.map((value) => ({ value, label: t(`audiences.range.${value}`) }))}
          onChange={(value) =>
            navigate({
              search: { range: value === "7d" ? undefined : (value as "24h" | "30d") },
              replace: true,
              resetScroll: false,
            })
          }
        />
      }
    >
      <div className="k-stack">
        <div className={css.figures}>
          <p>
            <span className={css.big}>{formatInteger(size)}</span>{" "}
            {t("audiences.people", { count: size })}
          </p>
          <p className={css.entered}>{t("audiences.entered", { count: audience.entered_24h })}</p>
          <p className={css.left}>{t("audiences.left", { count: audience.left_24h })}</p>
          {audience.state !== "ready" && (
            <div className={css.state}>
              <State audience={audience} />
            </div>
          )}
        </div>
        {size_history.length === 0 ? (
          <p className="k-muted">{t("audiences.historyEmpty")}</p>
        ) : (
          <AreaChart
            key={range}
            points={points}
            from={start}
            to={new Date(now)}
            headers={{ at: t("audiences.at"), value: t("audiences.size") }}
            formatAt={FORMATS[range]}
            label={t("audiences.chartLabel", {
              first: formatDateTime(points[0]!.at),
              last: formatDateTime(points.at(-1)!.at),
              low: Math.min(...values),
              high: Math.max(...values),
              points: points.length,
            })}
          />
        )}
        {short && (
          <p className="k-tiny k-muted">
            {t("audiences.historyFrom", { at: formatDateTime(oldest) })}
          </p>
        )}
      </div>
    </Card>
  );
}

const FORMATS: Record<Range, (at: Date) => string> = {
  "24h": formatMinute,
  "7d": formatDayShort,
  "30d": formatDayShort,
};

function Definition({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(definitionQuery("audience", id));
  const spec = data?.definition.spec;
  const when = spec?.when ?? "";
  const parsed = useQuery({ ...parseQuery({ text: when }), enabled: when !== "" });
  return (
    <Card title={t("audiences.definition")}>
      {error && <Failure error={error} onRetry={() => void refetch()} />}
      {!spec && !error && <Waiting lines={3} />}
      {spec?.type === "list" && <p>{t("audiences.definitionList")}</p>}
      {spec?.type === "rule" && (
        <div className="k-stack">
          {parsed.data?.in_words ? (
            <p className={css.words}>{parsed.data.in_words}</p>
          ) : (
            parsed.isPending && when && <Waiting lines={2} />
          )}
          <details className={css.text} open={parsed.isError}>
            <summary>{t("audiences.definitionText")}</summary>
            <pre tabIndex={0}>
              <code>{when}</code>
            </pre>
          </details>
        </div>
      )}
    </Card>
  );
}

function UsedByCard({ audience }: { audience: Shown }) {
  const { used_by, audience_id } = audience;
  return (
    <Card title={t("audiences.usedBy")}>
      {used_by.length === 0 ? (
        <p className="k-small k-muted k-wrap">{t("audiences.usedByEmpty", { id: audience_id })}</p>
      ) : (
        <ul className={css.used}>
          {used_by.map((used) => (
            <li key={`${used.kind}/${used.id}`} className="k-spread">
              <UsedByLink used={used} />
              <Badge>{used.kind}</Badge>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Changes({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(changesQuery(id));
  const items = data?.items ?? [];
  return (
    <Card title={t("audiences.changes")}>
      {error && <Failure error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Waiting lines={4} />}
      {data && items.length === 0 && (
        <p className="k-small k-muted">{t("audiences.changesEmpty")}</p>
      )}
      {items.length > 0 && (
        <ol className={css.changes} aria-label={t("audiences.changes")} tabIndex={0}>
          {items.map((change) => (
            <li key={`${change.person_id}${change.at}${change.entered}`} className={css.change}>
              <span className={css.sign} data-entered={change.entered} aria-hidden="true">
                {change.entered ? "+" : "−"}
              </span>
              <span className="k-grow k-ellipsis">
                <Link to="/profiles/$personId" params={{ personId: change.person_id }}>
                  {change.display_name || change.person_id}
                </Link>{" "}
                <span className="k-muted">
                  {change.entered ? t("audiences.enteredWord") : t("audiences.leftWord")}
                </span>
              </span>
              <span className="k-tiny k-muted">
                <When at={change.at} />
              </span>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}

function CurrentRevisions({ id }: { id: string }) {
  const { data } = useQuery(definitionQuery("audience", id));
  if (!data) return null;
  return <Revisions kind="audience" id={id} current={data.definition.revision} />;
}
