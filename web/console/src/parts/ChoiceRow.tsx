import { Link } from "@tanstack/react-router";
import type { Choice } from "../api/types.ts";
import { formatNumber, formatPercent } from "../i18n/format.ts";
import { t } from "../i18n/t.ts";
import css from "./ChoiceRow.module.css";
import { Thumb } from "./Thumb.tsx";

/** One thing that was chosen, and why, in words. */
export function ChoiceRow({ choice }: { choice: Choice }) {
  const { content } = choice;
  const title = typeof content.title === "string" && content.title ? content.title : choice.id;
  const image = typeof content.image_url === "string" ? content.image_url : content.image;
  return (
    <div className={css.choice}>
      <Thumb src={typeof image === "string" ? image : null} size={44} kind={choice.kind} />
      <div className="k-grow">
        <p className={css.title}>
          <Target choice={choice} title={title} />
        </p>
        <ul className={css.reasons} aria-label={t("persons.why")}>
          {choice.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      </div>
      <p className={css.figures}>
        <span>{t("persons.score", { score: formatNumber(choice.score) })}</span>
        {choice.propensity < 1 && (
          <span>{t("persons.propensity", { share: formatPercent(choice.propensity) })}</span>
        )}
      </p>
    </div>
  );
}

function Target({ choice, title }: { choice: Choice; title: string }) {
  if (choice.id === "fallback") return <>{title}</>;
  if (choice.kind === "item") {
    return (
      <Link to="/catalog" search={{ item: choice.id }}>
        {title}
      </Link>
    );
  }
  return (
    <Link to="/offers/$id" params={{ id: choice.id }}>
      {title}
    </Link>
  );
}
