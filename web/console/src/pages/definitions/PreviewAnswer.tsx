import { Loader } from "@mantine/core";
import type { Choice, Preview } from "../../api/types.ts";
import { t } from "../../i18n/t.ts";
import { Badge } from "../../parts/Badge.tsx";
import { ChoiceRow } from "../../parts/ChoiceRow.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { Losers } from "../../parts/Losers.tsx";
import { Properties } from "../../parts/Properties.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { Hero } from "./Hero.tsx";
import css from "./PreviewAnswer.module.css";

interface PreviewAnswerProps {
  answer: Preview | undefined;
  error: Error | null;
  updating: boolean;
  /** The offer being edited, to say whether it is the one that wins. */
  offerId?: string;
}

/** What would be decided now, why, and what lost. */
export function PreviewAnswer({ answer, error, updating, offerId }: PreviewAnswerProps) {
  if (error) return <Failure error={error} />;
  if (!answer) return <Waiting lines={6} />;
  const { decision, losers = [], facts = {}, warnings } = answer;
  return (
    <div className={css.preview} aria-busy={updating}>
      <div className="k-spread" role="status">
        <Verdict answer={answer} {...(offerId !== undefined && { offerId })} />
        {updating && <Loader size={14} role="img" aria-label={t("definitions.preview.updating")} />}
      </div>
      {decision?.error && <p className="k-wrap">{decision.error.message}</p>}
      {decision && decision.choices.length === 0 && !decision.error && (
        <Empty icon="slot" title={t("definitions.preview.empty")} compact>
          {t("definitions.preview.emptyText")}
        </Empty>
      )}
      {decision?.choices.map((choice) => (
        <Shown key={`${choice.kind}:${choice.id}`} choice={choice} />
      ))}
      {warnings.length > 0 && (
        <section className={css.warnings}>
          <h3>{t("definitions.preview.warnings")}</h3>
          <ul>
            {warnings.map((warning) => (
              <li key={`${warning.field}${warning.message}`} className="k-wrap">
                <code>{warning.field}</code> {warning.message}
              </li>
            ))}
          </ul>
        </section>
      )}
      {losers.length > 0 && (
        <section>
          <h3 className={css.heading}>{t("definitions.preview.losers")}</h3>
          <Losers losers={losers} />
        </section>
      )}
      {Object.keys(facts).length > 0 && (
        <details>
          <summary className={css.summary}>{t("definitions.preview.facts")}</summary>
          <Properties values={facts} label={t("definitions.preview.facts")} />
        </details>
      )}
    </div>
  );
}

function Verdict({ answer, offerId }: { answer: Preview; offerId?: string }) {
  const { decision } = answer;
  if (!decision) return null;
  const won = decision.choices.some((choice) => choice.id === offerId);
  if (offerId !== undefined && won) {
    return <Badge tone="good">{t("definitions.preview.thisWins")}</Badge>;
  }
  if (decision.fallback) return <Badge tone="warn">{t("definitions.preview.fallback")}</Badge>;
  if (offerId === undefined) return <span />;
  const other = decision.choices.length > 0;
  return (
    <Badge tone="warn">
      {other ? t("definitions.preview.otherWins") : t("definitions.preview.notShown")}
    </Badge>
  );
}

function Shown({ choice }: { choice: Choice }) {
  if (choice.kind === "item") return <ChoiceRow choice={choice} />;
  return (
    <div className="k-stack">
      <Hero content={choice.content} />
      {choice.id !== "fallback" && <ChoiceRow choice={choice} />}
    </div>
  );
}
