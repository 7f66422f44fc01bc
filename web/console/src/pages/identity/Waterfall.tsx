import type { LinkReason } from "../../api/reviews.ts";
import { formatSigned } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import css from "./Waterfall.module.css";
import { type Step, waterfall } from "./waterfall.ts";

/** Bars that are told; the others are few and short. */
const STEPS_MAX = 12;

/** What speaks for a link, to the right of zero, and what against it, to the left. */
export function Waterfall({ reasons }: { reasons: LinkReason[] }) {
  const { steps, weak, total, zero } = waterfall(reasons);
  if (steps.length === 0) return <p className="k-muted k-small">{t("identity.why.none")}</p>;
  const shown = steps.slice(0, STEPS_MAX);
  const left = steps.length - shown.length + weak;
  return (
    <div className={css.waterfall} style={{ "--zero": `${100 * zero}%` } as React.CSSProperties}>
      <p className={css.sides} aria-hidden="true">
        <span>← {t("identity.why.against")}</span>
        <span>{t("identity.why.for")} →</span>
      </p>
      <ol aria-label={t("identity.why.title")}>
        {shown.map((step) => (
          <Bar key={step.key} step={step} name={step.name} />
        ))}
        <Bar step={total} name={t("identity.why.total")} sum />
      </ol>
      {left > 0 && <p className="k-tiny k-muted">{t("identity.why.left", { count: left })}</p>}
      <p className="k-tiny k-muted">{t("identity.why.unit")}</p>
    </div>
  );
}

function Bar({ step, name, sum }: { step: Step; name: string; sum?: boolean }) {
  const { level, bits, from, length } = step;
  return (
    <li className={css.step} data-sum={sum || undefined}>
      <span className={css.name} title={level ? `${name}: ${level}` : name}>
        {name}
        {level && <span className="k-muted"> {level}</span>}
      </span>
      <span className={`${css.bits} k-number`}>{formatSigned(bits)}</span>
      <span className={css.track} aria-hidden="true">
        <span
          className={css.bar}
          data-for={bits >= 0}
          style={{ left: `${100 * from}%`, width: `${100 * length}%` }}
        />
      </span>
    </li>
  );
}
