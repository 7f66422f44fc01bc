import { useQuery } from "@tanstack/react-query";
import { explanationQuery } from "../../api/decisions.ts";
import { t } from "../../i18n/t.ts";
import { Card } from "../../parts/Card.tsx";
import { Copy } from "../../parts/Copy.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import css from "./Decisions.module.css";

/** Sentences for whoever runs the placement; the record holds them all. */
const SHOWN_MAX = 6;

/** The decision in words: to the marketer, and to the person who asks. */
export function Words({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(explanationQuery(id));
  return (
    <Card title={t("decisions.words")} note={t("decisions.wordsNote")}>
      {error && <Failure error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Waiting lines={5} />}
      {data && (
        <div className="k-stack-loose">
          <section className="k-stack-tight">
            <div className="k-spread">
              <h3>{t("decisions.toThePerson")}</h3>
              {data.to_the_person.length > 0 && (
                <Copy text={data.to_the_person.join("\n")} label={t("parts.copy")} />
              )}
            </div>
            <ul className={css.words} aria-label={t("decisions.toThePerson")}>
              {[...new Set(data.to_the_person)].map((sentence) => (
                <li key={sentence} className={css.said}>
                  {sentence}
                </li>
              ))}
              {data.to_the_person.length === 0 && (
                <li className="k-muted">{t("decisions.nothingToSay")}</li>
              )}
            </ul>
          </section>
          <section className="k-stack-tight">
            <h3>{t("decisions.toYou")}</h3>
            <ul className={css.words} aria-label={t("decisions.toYou")}>
              {data.shown.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
              {data.not_shown.slice(0, SHOWN_MAX).map((sentence) => (
                <li key={sentence} className="k-soft">
                  {sentence}
                </li>
              ))}
              {data.not_shown.length > SHOWN_MAX && (
                <li className="k-muted">
                  {t("persons.losersCut", { count: data.not_shown.length - SHOWN_MAX })}
                </li>
              )}
            </ul>
          </section>
        </div>
      )}
    </Card>
  );
}
