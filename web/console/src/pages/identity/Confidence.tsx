import type { LinkPolicy } from "../../api/identity.ts";
import type { ProbableLink } from "../../api/reviews.ts";
import { formatConfidence } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Badge, type Tone } from "../../parts/Badge.tsx";
import css from "./Confidence.module.css";

/** How sure it is, as a figure and a bar. */
export function Confidence({ confidence }: { confidence: number }) {
  return (
    <span className={css.confidence}>
      <span className={`${css.figure} k-number`}>{formatConfidence(confidence)}</span>
      <span className={css.track} aria-hidden="true">
        <span style={{ width: `${100 * confidence}%` }} />
      </span>
    </span>
  );
}

const TONES: Record<LinkPolicy, Tone> = { exact: "good", strict: "good", loose: "info" };

/** Where a link counts, or what hinders it. */
export function Standing({ link }: { link: ProbableLink }) {
  if (link.hindrance) return <Badge tone="bad">{t("identity.probable.hindered")}</Badge>;
  if (link.basis === "household") return <Badge>{t("identity.probable.household")}</Badge>;
  if (link.policy === null) return <Badge tone="warn">{t("identity.probable.grey")}</Badge>;
  return <Badge tone={TONES[link.policy]}>{t(`identity.probable.counts.${link.policy}`)}</Badge>;
}
