import type { Audience } from "../../api/audience-wire.ts";
import { formatPercent } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Dot } from "../../parts/Badge.tsx";
import css from "./Audiences.module.css";

/** Ready, or how far computing has come. */
export function State({ audience }: { audience: Audience }) {
  const { state, progress, name, audience_id } = audience;
  if (state === "ready") {
    return (
      <span className="k-row k-small k-soft">
        <Dot tone="good" />
        {t("audiences.ready")}
      </span>
    );
  }
  const share = Math.max(0, Math.min(1, progress ?? 0));
  return (
    <span className={css.progress}>
      <span className="k-spread">
        <span>{t(`audiences.${state}`)}</span>
        <span className="k-number">{formatPercent(share)}</span>
      </span>
      <span
        className={css.track}
        role="progressbar"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        aria-label={t(`audiences.${state}Label`, {
          name: name || audience_id,
          share: formatPercent(share),
        })}
      >
        <span style={{ width: `${share * 100}%` }} />
      </span>
    </span>
  );
}
