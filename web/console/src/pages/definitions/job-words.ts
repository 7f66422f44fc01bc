import type { Computed, Job } from "../../api/jobs.ts";
import { formatPercent } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";

type Standing = Pick<Job, "state" | "progress">;

/** What can be done about a job; null when it is done. */
export function jobAction({ state }: Standing): "cancel" | "resume" | null {
  if (state === "running") return "cancel";
  return state === "cancelled" ? "resume" : null;
}

export function jobTitle({ state, progress }: Standing): string {
  const share = formatPercent(progress);
  return state === "cancelled" ? t("jobs.cancelled", { share }) : t("jobs.running", { share });
}

/** What it means that it is not done. */
export function jobWords(kind: Computed, { state }: Standing): string {
  return state === "cancelled" ? t(`jobs.cancelledText.${kind}`) : t(`jobs.runningText.${kind}`);
}
