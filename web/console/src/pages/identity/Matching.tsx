/** How far the search for probable links is, and how right and how complete it is. */
import { useQuery } from "@tanstack/react-query";
import { definitionQuery } from "../../api/definitions.ts";
import { type ProbabilisticSpec, RULES_ID } from "../../api/identity.ts";
import { type MatchingStatus, matchingQuery, type QualityPoint } from "../../api/matching.ts";
import { formatInteger, formatPercent } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Badge, type Tone } from "../../parts/Badge.tsx";
import { Card } from "../../parts/Card.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { LinkButton } from "../../parts/LinkButton.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { When } from "../../parts/When.tsx";
import { isMatching } from "./matching.ts";
import css from "./Worth.module.css";
import { curve, worthFrom } from "./worth.ts";

const TONES: Record<MatchingStatus["state"], Tone> = {
  idle: "neutral",
  learning: "warn",
  running: "good",
};

export function Matching() {
  const { data: status, error, refetch } = useQuery(matchingQuery);
  const rules = useQuery({ ...definitionQuery("identity", RULES_ID), retry: false });
  const spec = rules.data?.definition.spec;
  const waiting = (status === undefined && !error) || rules.isPending;
  const off = !isMatching(spec);
  return (
    <Card
      title={t("identity.matching.title")}
      note={t("identity.matching.note")}
      actions={
        !off &&
        status && <Badge tone={TONES[status.state]}>{t(`identity.matching.${status.state}`)}</Badge>
      }
    >
      {error && <Failure error={error} onRetry={() => void refetch()} />}
      {waiting && <Waiting lines={4} />}
      {!waiting && !error && (off || !status) && <Quiet off={off} />}
      {!waiting && !off && status && <Known status={status} spec={spec?.probabilistic} />}
    </Card>
  );
}

function Quiet({ off }: { off: boolean }) {
  const words = off ? "off" : "silent";
  return (
    <Empty
      icon="link"
      compact
      title={t(`identity.matching.${words}`)}
      action={
        <LinkButton to="/identity-rules" hash="probable" variant="default" size="xs">
          {t("identity.quality.rules")}
        </LinkButton>
      }
    >
      {t(`identity.matching.${words}Text`)}
    </Empty>
  );
}

interface KnownProps {
  status: MatchingStatus;
  spec: ProbabilisticSpec | undefined;
}

function Known({ status, spec }: KnownProps) {
  const { records, visitors, error } = status;
  return (
    <div className="k-stack-loose">
      {error && (
        <p className="k-small k-wrap" role="status">
          {t("identity.matching.failed", { detail: error })}
        </p>
      )}
      {records && (
        <section className="k-stack-tight">
          <h3>{t("identity.matching.records")}</h3>
          <dl className={css.facts}>
            <Fact name={t("identity.matching.persons")} value={formatInteger(records.persons)} />
            <Fact name={t("identity.matching.pairs")} value={formatInteger(records.pairs)} />
            <Fact name={t("identity.matching.links")} value={formatInteger(records.links)} />
            <Fact
              name={t("identity.matching.last")}
              value={records.last_batch_at ? <When at={records.last_batch_at} /> : "–"}
            />
          </dl>
          {records.left_out > 0 && (
            <p className="k-small k-soft">
              {t("identity.matching.leftOut", { count: records.left_out })}
            </p>
          )}
        </section>
      )}
      {visitors && (
        <section className="k-stack-tight">
          <h3>{t("identity.matching.visitors")}</h3>
          <dl className={css.facts}>
            <Fact name={t("identity.matching.sessions")} value={formatInteger(visitors.sessions)} />
            <Fact name={t("identity.matching.ids")} value={formatInteger(visitors.ids)} />
            <Fact name={t("identity.matching.logIns")} value={formatInteger(visitors.log_ins)} />
          </dl>
          <Worth name={t("identity.matching.person")} points={visitors.person_quality} spec={spec} />
          {visitors.household_quality.length > 1 && (
            <Worth name={t("identity.matching.household")} points={visitors.household_quality} />
          )}
        </section>
      )}
    </div>
  );
}

function Fact({ name, value }: { name: string; value: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="k-number">{value}</dd>
    </div>
  );
}

interface WorthProps {
  name: string;
  points: QualityPoint[];
  spec?: ProbabilisticSpec | undefined;
}

/** Precision and recall over confidence, drawn, and in words at each threshold. */
function Worth({ name, points, spec }: WorthProps) {
  const lines = curve(points);
  if (!lines) return <p className="k-small k-muted">{t("identity.matching.unmeasured")}</p>;
  const thresholds = spec
    ? (["loose", "strict"] as const).map((policy) => ({
        policy,
        at: spec[`${policy}_percent`] / 100,
      }))
    : [];
  const x = (confidence: number) => (confidence - lines.least) / (1 - lines.least || 1);
  return (
    <figure className={css.worth}>
      <figcaption className="k-small k-soft">{name}</figcaption>
      <div className={css.plot} role="img" aria-label={t("identity.matching.curve")}>
        <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
          {[0.25, 0.5, 0.75].map((y) => (
            <path key={y} className={css.grid} d={`M0 ${y}H1`} />
          ))}
          {thresholds
            .filter(({ at }) => at > lines.least)
            .map(({ policy, at }) => (
              <path key={policy} className={css.threshold} d={`M${x(at)} 0V1`} />
            ))}
          <path className={css.recall} d={lines.recall} />
          <path className={css.precision} d={lines.precision} />
        </svg>
        <span className={css.top}>{formatPercent(1)}</span>
        <span className={css.bottom}>{formatPercent(0)}</span>
      </div>
      <p className={css.axis} aria-hidden="true">
        <span>{formatPercent(lines.least)}</span>
        <span>{t("identity.matching.axis")}</span>
        <span>{formatPercent(1)}</span>
      </p>
      <p className={css.legend} aria-hidden="true">
        <span data-line="precision">{t("identity.matching.precision")}</span>
        <span data-line="recall">{t("identity.matching.recall")}</span>
      </p>
      <ul className="k-small">
        {thresholds.map(({ policy, at }) => (
          <li key={policy}>{atThreshold(policy, at, worthFrom(points, at))}</li>
        ))}
      </ul>
    </figure>
  );
}

function atThreshold(policy: "loose" | "strict", at: number, found: QualityPoint | undefined) {
  const named = { policy: t(`identity.policy.${policy}`), at: formatPercent(at) };
  if (!found) return t("identity.matching.atNone", named);
  const { precision, recall } = found;
  return t("identity.matching.at", {
    ...named,
    precision: formatPercent(precision),
    recall: formatPercent(recall),
  });
}
