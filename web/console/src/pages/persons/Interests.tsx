import { VisuallyHidden } from "@mantine/core";
import type { Person } from "../../api/types.ts";
import { formatPercent } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { When } from "../../parts/When.tsx";
import css from "./Interests.module.css";

type InterestsOf = Person["interests"];

/** Scale of the bars: the greatest share of the person or the site. */
function greatest(keys: InterestsOf[number]["keys"]): number {
  return Math.max(...keys.map((one) => Math.max(one.share, one.site_share ?? 0)), 0.01);
}

/** Affinities that features define, each share as a bar with a mark where the site's lies. */
export function Interests({ interests, most }: { interests: InterestsOf; most: number }) {
  if (interests.length === 0) return <p className="k-muted">{t("persons.interestsNone")}</p>;
  return (
    <div className={css.features}>
      {interests.map(({ feature_id, name, keys, key_count }) => {
        const shown = keys.slice(0, most);
        const scale = greatest(shown);
        return (
          <section key={feature_id} aria-label={name}>
            <h3 className={css.name}>{name}</h3>
            {shown.length === 0 && <p className="k-muted">{t("persons.interestsEmpty")}</p>}
            {shown.length > 0 && (
              <ul className={css.bars}>
                {shown.map((one) => (
                  <Bar key={one.key} one={one} scale={scale} />
                ))}
              </ul>
            )}
            {key_count > shown.length && (
              <p className="k-tiny k-muted">
                {t("persons.losersCut", { count: key_count - shown.length })}
              </p>
            )}
          </section>
        );
      })}
    </div>
  );
}

function Bar({ one, scale }: { one: InterestsOf[number]["keys"][number]; scale: number }) {
  const width = (share: number) => `${Math.min(100, (share / scale) * 100)}%`;
  const site = one.site_share;
  return (
    <li className={css.bar}>
      <span className="k-ellipsis" title={one.key}>
        {one.key}
        {one.bought_at && (
          <span className="k-tiny k-muted">
            {" · "}
            {t("persons.interestsBought")} <When at={one.bought_at} />
          </span>
        )}
      </span>
      <span className={css.figures}>
        <span className="k-number">{formatPercent(one.share)}</span>
        {site !== null && one.lift !== null && (
          <span className={css.lift} data-tone={tone(one.lift)} title={t("persons.interestsLift")}>
            {t("persons.interestsTimes", { times: times(one.lift) })}
          </span>
        )}
      </span>
      <span className={css.track} aria-hidden="true">
        <span className={css.own} style={{ width: width(one.share) }} />
        {site !== null && <span className={css.site} style={{ left: width(site) }} />}
      </span>
      {site !== null && (
        <VisuallyHidden>
          {t("persons.interestsSite", { share: formatPercent(site) })}
        </VisuallyHidden>
      )}
    </li>
  );
}

function tone(lift: number): "more" | "less" | "same" {
  if (lift >= 1.2) return "more";
  return lift <= 0.8 ? "less" : "same";
}

function times(lift: number): string {
  return lift >= 10 ? lift.toFixed(0) : lift.toFixed(1);
}
