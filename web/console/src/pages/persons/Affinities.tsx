import type { Person } from "../../api/types.ts";
import { formatPercent, humanise } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import css from "./Sidebar.module.css";

interface AffinitiesProps {
  affinities: Person["affinities"];
  /** Of each dimension. */
  most: number;
  /** Dimensions beside each other. */
  wide?: boolean;
}

/** Shares of interest, a block of bars for each dimension. */
export function Affinities({ affinities, most, wide }: AffinitiesProps) {
  const groups = Object.entries(affinities).filter(([, shares]) => Object.keys(shares).length > 0);
  if (groups.length === 0) return <p className="k-muted">{t("persons.affinitiesEmpty")}</p>;
  return (
    <div className={wide ? css.dimensions : "k-stack"}>
      {groups.map(([dimension, shares]) => {
        const sorted = Object.entries(shares).sort(([, a], [, b]) => b - a);
        return (
          <section key={dimension}>
            <h3 className={css.attribute}>{humanise(dimension)}</h3>
            <ul className={css.bars}>
              {sorted.slice(0, most).map(([value, share]) => (
                <li key={value} className={css.bar}>
                  <span className="k-ellipsis" title={value}>
                    {value}
                  </span>
                  <span className="k-number k-soft">{formatPercent(share)}</span>
                  <span className={css.track} aria-hidden="true">
                    <span style={{ width: `${Math.min(100, share * 100)}%` }} />
                  </span>
                </li>
              ))}
            </ul>
            {sorted.length > most && (
              <p className="k-tiny k-muted">
                {t("persons.losersCut", { count: sorted.length - most })}
              </p>
            )}
          </section>
        );
      })}
    </div>
  );
}
