import { formatNumber } from "../i18n/format.ts";
import { t } from "../i18n/t.ts";
import css from "./KeyBars.module.css";

/** A number for each key, as the server answers it. */
export type ByKey = Record<string, number>;

/** Tells numbers by key from every other value of a feature. */
export function isByKey(value: unknown): value is ByKey {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const numbers = Object.values(value);
  return numbers.length > 0 && numbers.every((number) => typeof number === "number");
}

/** The greatest first, and equals by their key. */
export function sorted(values: ByKey): [string, number][] {
  return Object.entries(values).sort(([a, one], [b, other]) => other - one || a.localeCompare(b));
}

interface KeyBarsProps {
  label: string;
  values: ByKey;
  most: number;
}

/** Bars for the numbers of a few keys; those below nought have a bar of their own colour. */
export function KeyBars({ label, values, most }: KeyBarsProps) {
  const all = sorted(values);
  const shown = all.slice(0, most);
  const longest = Math.max(...shown.map(([, number]) => Math.abs(number)), Number.MIN_VALUE);
  return (
    <div className={css.bars}>
      <dl aria-label={label}>
        {shown.map(([key, number]) => (
          <div key={key} className={css.row}>
            <dt className="k-ellipsis" title={key}>
              {key}
            </dt>
            <dd>
              <span className={css.track} aria-hidden="true">
                <span
                  className={css.bar}
                  data-below={number < 0}
                  style={{ inlineSize: `${(Math.abs(number) / longest) * 100}%` }}
                />
              </span>
              <span className={css.number}>{formatNumber(number)}</span>
            </dd>
          </div>
        ))}
      </dl>
      {all.length > shown.length && (
        <p className="k-tiny k-muted">
          {t("features.keys", { shown: shown.length, all: all.length })}
        </p>
      )}
    </div>
  );
}
