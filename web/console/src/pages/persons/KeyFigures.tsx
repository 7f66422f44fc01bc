import type { Person } from "../../api/types.ts";
import { formatAmount, formatCompact, formatDateTime, formatNumber } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { When } from "../../parts/When.tsx";
import css from "./KeyFigures.module.css";

/** The features a marketer asks for first. Zero is an answer; missing is left out. */
const SHOWN = [
  ["purchase_count", "purchases"],
  ["purchase_revenue", "revenue"],
  ["product_view_count", "viewed"],
  ["cart_item_count", "cart"],
] as const;

export function KeyFigures({ person }: { person: Person }) {
  const { features } = person;
  return (
    <dl className={css.figures}>
      <div className={css.figure}>
        <dt>{t("persons.card.events")}</dt>
        <dd>{formatCompact(person.event_count)}</dd>
      </div>
      {SHOWN.map(([feature, label]) => {
        const value = features[feature];
        if (typeof value !== "number" && typeof value !== "string") return null;
        return (
          <div key={feature} className={css.figure}>
            <dt>{t(`persons.card.${label}`)}</dt>
            <dd>
              {feature === "purchase_revenue"
                ? formatAmount(Number(value))
                : formatNumber(Number(value))}
            </dd>
          </div>
        );
      })}
      <div className={css.figure}>
        <dt>{t("persons.column.first")}</dt>
        <dd title={person.first_seen_at ? formatDateTime(person.first_seen_at) : undefined}>
          <When at={person.first_seen_at} />
        </dd>
      </div>
    </dl>
  );
}
