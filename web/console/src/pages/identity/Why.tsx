/** How sure a link is, from what it follows, and why it waits or where it counts. */
import type { ProbableLink } from "../../api/reviews.ts";
import { formatConfidence } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { When } from "../../parts/When.tsx";
import { Standing } from "./Confidence.tsx";
import css from "./Reviews.module.css";

export function Why({ link }: { link: ProbableLink }) {
  return (
    <div className="k-stack-tight">
      <p className={css.sure}>
        <strong className="k-number">{formatConfidence(link.confidence)}</strong>
        <span>{t("identity.probable.sure")}</span>
      </p>
      <p className="k-row-wrap k-small">
        <Standing link={link} />
        <span className="k-soft">{t(`identity.probable.basis.${link.basis}`)}</span>
        <span className="k-muted">
          <When at={link.found_at} />
        </span>
      </p>
      <p className="k-small k-soft">{whyOf(link)}</p>
    </div>
  );
}

/** Why it waits, or where it counts, in a sentence. */
export function whyOf(link: ProbableLink): string {
  if (link.hindrance) return t("identity.probable.because", { reason: link.hindrance });
  if (link.basis === "household") return t("identity.probable.householdText");
  if (link.policy === null) return t("identity.probable.greyText");
  return t(`identity.probable.countsText.${link.policy}`);
}
