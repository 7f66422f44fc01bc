import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { DecisionRecord, Loser } from "../../api/types.ts";
import { formatNumber } from "../../i18n/format.ts";
import { t, tMaybe } from "../../i18n/t.ts";
import { Badge } from "../../parts/Badge.tsx";
import { Card } from "../../parts/Card.tsx";
import css from "./Decisions.module.css";
import { behind, bySteps, greatestScore, greatestTerms, type StepOfLosers } from "./record.ts";
import { Score } from "./Score.tsx";

/** Of one step, before somebody asks for the others. */
const LISTED_MAX = 8;

/** What was considered and not shown, step by step, and by how much it missed. */
export function Lost({ record }: { record: DecisionRecord }) {
  const { losers, losers_cut } = record;
  return (
    <Card
      title={t("decisions.lost", { count: losers.length + losers_cut })}
      note={t("decisions.lostNote")}
    >
      {losers.length === 0 && <p className="k-muted">{t("decisions.noLosers")}</p>}
      {bySteps(losers).map((step) => (
        <Step key={step.code} step={step} record={record} />
      ))}
      {losers_cut > 0 && (
        <p className="k-small k-muted">{t("persons.losersCut", { count: losers_cut })}</p>
      )}
    </Card>
  );
}

function Step({ step, record }: { step: StepOfLosers; record: DecisionRecord }) {
  const [all, setAll] = useState(false);
  const name = tMaybe(`persons.loserCode.${step.code}`) ?? step.code;
  const listed = all ? step.losers : step.losers.slice(0, LISTED_MAX);
  const left = step.losers.length - listed.length;
  const of = { score: greatestScore(record), terms: greatestTerms(record) };
  return (
    <section className={css.step} aria-label={name}>
      <div className="k-spread">
        <h3>{name}</h3>
        <Badge>{t("decisions.count", { count: step.losers.length })}</Badge>
      </div>
      <p className="k-tiny k-muted">{tMaybe(`decisions.step.${step.code}`)}</p>
      <ul>
        {listed.map((loser) => (
          <li key={`${loser.kind}:${loser.id}`} className={css.loser}>
            <div className="k-spread">
              <Name loser={loser} />
              <Behind by={behind(loser, record)} />
            </div>
            <p className="k-soft k-wrap">{loser.reason}</p>
            <Score score={loser.score} terms={loser.terms} of={of} />
          </li>
        ))}
      </ul>
      {left > 0 && (
        <Button size="xs" variant="subtle" onClick={() => setAll(true)}>
          {t("funnel.more", { count: left })}
        </Button>
      )}
    </section>
  );
}

function Behind({ by }: { by: number | undefined }) {
  if (by === undefined || by > 1e300) return null;
  return (
    <span className="k-tiny k-muted k-number">{t("decisions.behind", { by: formatNumber(by) })}</span>
  );
}

function Name({ loser }: { loser: Loser }) {
  if (loser.kind === "item") {
    return (
      <Link to="/catalog" search={{ item: loser.id }} className="k-wrap">
        {loser.id}
      </Link>
    );
  }
  return (
    <Link to="/offers/$id" params={{ id: loser.id }} className="k-wrap">
      {loser.id}
    </Link>
  );
}
