/** What works in a placement: who chooses now and why, and what would have earned more. */
import "../../i18n/late.ts";
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type PlacementPolicy, type PolicyFigure, policyQuery } from "../../api/policies.ts";
import type { PlacementSpec } from "../../api/types.ts";
import { formatFigure, formatInteger } from "../../i18n/format.ts";
import { t, tMaybe } from "../../i18n/t.ts";
import { Badge } from "../../parts/Badge.tsx";
import { Card } from "../../parts/Card.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { type IntervalRow, Intervals } from "../../parts/Intervals.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { Compare } from "./Compare.tsx";
import css from "./Policies.module.css";

/** Of a normal distribution, the middle 95 %. */
const Z = 1.96;

interface PoliciesProps {
  placement: string;
  spec: PlacementSpec;
  /** As it is typed under Set up, saved or not. */
  draft: PlacementSpec;
  onSetUp: () => void;
}

export function Policies({ placement, spec, draft, onSetUp }: PoliciesProps) {
  if (!spec.learning) {
    return (
      <Empty
        icon="spark"
        title={t("policies.off")}
        action={<Button onClick={onSetUp}>{t("policies.tabs.setUp")}</Button>}
      >
        {t("policies.offText")}
      </Empty>
    );
  }
  return <Learned placement={placement} spec={spec} draft={draft} />;
}

function Learned({ placement, spec, draft }: Omit<PoliciesProps, "onSetUp">) {
  const { data, error, refetch } = useQuery(policyQuery(placement));
  if (error && !data) return <Failure error={error} onRetry={() => void refetch()} />;
  if (!data) return <Waiting lines={10} height={22} />;
  return (
    <div className="k-stack-loose">
      <Gate policy={data} />
      <Compare placement={placement} policy={data} spec={spec} draft={draft} />
      <Offers policy={data} window={windowOf(spec.learning ?? undefined)} />
    </div>
  );
}

function figureRow(
  key: string,
  label: IntervalRow["label"],
  figure: PolicyFigure,
  tone?: IntervalRow["tone"],
): IntervalRow {
  const { value, standard_error } = figure;
  const reach = Z * standard_error;
  const [low, high] = [value - reach, value + reach];
  const [said, from, to] = [value, low, high].map(formatFigure);
  const words = t("policies.compare.between", { value: said!, low: from!, high: to! });
  return { key, label, value, low, high, tone, words };
}

function Gate({ policy }: { policy: PlacementPolicy }) {
  const { serves, best, best_value, learned, lift, hardest, hardest_lower } = policy;
  const rows: IntervalRow[] = [];
  if (learned) {
    const tone = serves === "learned" ? "good" : undefined;
    rows.push(figureRow("learned", t("policies.gate.learned"), learned, tone));
  }
  if (best && best_value) {
    const tone = serves === "fixed" ? "good" : undefined;
    rows.push(figureRow("best", t("policies.gate.fixed", { offer: best }), best_value, tone));
  }
  return (
    <Card
      title={t("policies.gate.title")}
      actions={
        <Badge tone={serves === "turns" ? "neutral" : "good"}>
          {t(`policies.gate.serves.${serves}`)}
        </Badge>
      }
    >
      <div className={css.gate}>
        <div className="k-stack">
          <p className="k-wrap">{policy.words}</p>
          <dl className={css.figures}>
            <Figure name={t("policies.gate.outcomes")}>{formatInteger(policy.outcomes)}</Figure>
            <Figure name={t("policies.gate.waiting")}>{formatInteger(policy.waiting)}</Figure>
            {hardest !== null && lift && hardest_lower !== null && (
              <Figure name={t("policies.gate.lift", { offer: hardest })}>
                {formatFigure(lift.value)}{" "}
                <span className="k-tiny k-muted">
                  {t("policies.gate.atLeast", { lower: formatFigure(hardest_lower) })}
                </span>
              </Figure>
            )}
          </dl>
          <Ignored ignored={policy.ignored} />
        </div>
        {rows.length > 0 && (
          <div className="k-stack-tight">
            <h3>{t("policies.gate.drawing")}</h3>
            <Intervals label={t("policies.gate.drawing")} rows={rows} format={formatFigure} />
          </div>
        )}
      </div>
    </Card>
  );
}

function Figure({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="k-number">{children}</dd>
    </div>
  );
}

function Ignored({ ignored }: { ignored: PlacementPolicy["ignored"] }) {
  const reasons = Object.entries(ignored).filter(([, count]) => count > 0);
  if (reasons.length === 0) return null;
  return (
    <details className="k-small">
      <summary>{t("policies.gate.ignored")}</summary>
      <ul className="k-soft">
        {reasons.map(([reason, count]) => (
          <li key={reason} className="k-spread">
            <span>{tMaybe(`policies.gate.ignoredOf.${reason}`) ?? reason}</span>
            <span className="k-number">{formatInteger(count)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** How long after a decision its outcome is known, in words. */
function windowOf(learning?: { window_days: number; window_minutes?: number }): string {
  const minutes = learning?.window_minutes ?? 0;
  if (minutes > 0) return t("policies.offers.minutes", { count: minutes });
  return t("policies.offers.days", { count: learning?.window_days ?? 1 });
}

function Offers({ policy, window: days }: { policy: PlacementPolicy; window: string }) {
  const known = policy.offers.filter(({ alone }) => alone !== null);
  const unknown = policy.offers.filter(({ alone }) => alone === null);
  const sorted = [...known].sort((one, other) => other.alone!.value - one.alone!.value);
  return (
    <Card title={t("policies.offers.title")} note={t("policies.offers.note")}>
      {policy.offers.length === 0 && (
        <Empty icon="clock" title={t("policies.offers.empty")} compact>
          {t("policies.offers.emptyText", { days })}
        </Empty>
      )}
      {sorted.length > 0 && (
        <Intervals
          label={t("policies.offers.label")}
          format={formatFigure}
          rows={sorted.map(({ offer, alone, shown }) => ({
            ...figureRow(offer, <OfferLink offer={offer} />, alone!, tone(offer, policy)),
            note: t("policies.offers.shown", { count: shown }),
          }))}
        />
      )}
      {unknown.length > 0 && (
        <ul className={`${css.unknown} k-small`}>
          {unknown.map(({ offer, shown }) => (
            <li key={offer}>
              <OfferLink offer={offer} />
              <span className="k-muted">
                {t("policies.offers.unknown")} · {t("policies.offers.shown", { count: shown })}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

const tone = (offer: string, { best }: PlacementPolicy) => (offer === best ? "good" : undefined);

function OfferLink({ offer }: { offer: string }) {
  return (
    <Link to="/offers/$id" params={{ id: offer }} className="k-wrap">
      {offer}
    </Link>
  );
}
