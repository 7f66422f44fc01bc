import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { decisionsQuery } from "../../api/persons.ts";
import type { DecisionRecord } from "../../api/types.ts";
import { t } from "../../i18n/t.ts";
import { Badge } from "../../parts/Badge.tsx";
import { ChoiceRow } from "../../parts/ChoiceRow.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { JsonView } from "../../parts/JsonView.tsx";
import { Losers } from "../../parts/Losers.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { When } from "../../parts/When.tsx";
import css from "./Decisions.module.css";

export function Decisions({ personId }: { personId: string }) {
  const { data, error, refetch } = useQuery(decisionsQuery(personId));
  if (error) return <Failure error={error} onRetry={() => void refetch()} />;
  if (!data) return <Waiting lines={8} height={28} />;
  if (data.items.length === 0) {
    return (
      <Empty icon="spark" title={t("persons.decisionsEmpty")} compact>
        {t("persons.decisionsEmptyText")}
      </Empty>
    );
  }
  return (
    <ol className="k-stack">
      {data.items.map((record) => (
        <Decided key={record.decision_id} record={record} />
      ))}
    </ol>
  );
}

function Decided({ record }: { record: DecisionRecord }) {
  const { decision, losers, losers_cut } = record;
  return (
    <li className={css.decision}>
      <div className={css.header}>
        <Link to="/placements/$id" params={{ id: record.placement }} className={css.placement}>
          {record.placement}
        </Link>
        {decision.fallback && <Badge tone="warn">{t("persons.fallback")}</Badge>}
        <span className="k-grow" />
        <span className="k-small k-muted" title={record.decision_id}>
          <When at={record.decided_at} />
        </span>
        <Link to="/decisions/$id" params={{ id: record.decision_id }} className="k-small">
          {t("decisions.openDecision")}
        </Link>
      </div>
      {decision.error && <p className="k-wrap">{decision.error.message}</p>}
      {decision.choices.length === 0 && !decision.error && (
        <p className="k-muted">{t("persons.nothingChosen")}</p>
      )}
      {decision.choices.map((choice) => (
        <ChoiceRow key={`${choice.kind}:${choice.id}`} choice={choice} />
      ))}
      {losers.length > 0 && (
        <details className={css.more}>
          <summary>{t("persons.losers", { count: losers.length + losers_cut })}</summary>
          <Losers losers={losers} />
          {losers_cut > 0 && (
            <p className="k-small k-muted">{t("persons.losersCut", { count: losers_cut })}</p>
          )}
        </details>
      )}
      <details className={css.more}>
        <summary>{t("persons.record")}</summary>
        <JsonView value={record} label={t("persons.record")} />
      </details>
    </li>
  );
}
