import type { ScoreTerms } from "../../api/decisions.ts";
import { formatNumber } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import css from "./Decisions.module.css";
import { part, TERMS } from "./record.ts";

interface ScoreProps {
  score: number | undefined;
  terms: ScoreTerms | undefined;
  /** The greatest of the decision, which a full bar stands for. */
  of: { score: number; terms: ScoreTerms };
  won?: boolean;
}

/** What something was ranked by, and what that was made of, each as a small bar. */
export function Score({ score, terms, of, won }: ScoreProps) {
  if (score === undefined || (of.score === 0 && !terms)) return null;
  return (
    <dl className={css.terms} aria-label={t("decisions.terms")}>
      <Term name={t("decisions.term.score")} value={score} share={part(score, of.score)} won={won} />
      {terms &&
        TERMS.map((term) => (
          <Term
            key={term}
            name={t(`decisions.term.${term}`)}
            value={terms[term]}
            share={part(terms[term], of.terms[term])}
            won={won}
          />
        ))}
    </dl>
  );
}

interface TermProps {
  name: string;
  value: number;
  share: number;
  won: boolean | undefined;
}

function Term({ name, value, share, won }: TermProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="k-number">
        {/* What must be said has no priority of its own. */}
        {Math.abs(value) > 1e300 ? "–" : formatNumber(value)}
        <span className={css.bar} data-won={won} aria-hidden="true">
          <span style={{ width: `${100 * share}%` }} />
        </span>
      </dd>
    </div>
  );
}
