import type { JsonObject } from "../api/types.ts";
import { t } from "../i18n/t.ts";
import css from "./Properties.module.css";

/** An object as names and values; what is nested is written as compact JSON. */
export function Properties({ values, label }: { values: JsonObject; label: string }) {
  return (
    <dl className={css.list} aria-label={label}>
      {Object.entries(values).map(([name, value]) => (
        <div key={name} className={css.pair}>
          <dt className={css.name}>{name}</dt>
          <dd className={css.value}>
            <Value value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Value({ value }: { value: unknown }) {
  if (value === null || value === undefined || value === "")
    return <span className="k-muted">–</span>;
  if (typeof value === "boolean") return <>{value ? t("parts.yes") : t("parts.no")}</>;
  if (typeof value === "object") {
    if (Array.isArray(value) && value.every((one) => typeof one !== "object"))
      return <>{value.join(", ") || "–"}</>;
    return <code className={css.nested}>{JSON.stringify(value, null, 1)}</code>;
  }
  return <>{String(value)}</>;
}
