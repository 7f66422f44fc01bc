/** What happened to who is whom, in words. */
import type { IdentityChange } from "../../api/identity.ts";
import { t } from "../../i18n/t.ts";

type Grouping = "merged" | "split" | "renamed" | "regrouped";
export type ChangeKind = Grouping | "generic" | "personal" | "large";

/** Which changes are listed: all, or those of one sort. */
export const SHOWN = ["people", "values", "large"] as const;
export type Shown = (typeof SHOWN)[number];

type About = Pick<IdentityChange, "what" | "before" | "after">;

/** What became of the persons, or what was learned. */
export function kindOf({ what, before, after }: About): ChangeKind {
  if (what !== "regrouped") return what;
  if (before.length > 1 && after.length === 1) return "merged";
  if (before.length === 1 && after.length > 1) return "split";
  return before.length === 1 && after.length === 1 ? "renamed" : "regrouped";
}

export function changeWords(change: About & Pick<IdentityChange, "size">): string {
  const kind = kindOf(change);
  if (kind === "merged") return t("identity.quality.merged", { count: change.before.length });
  if (kind === "split") return t("identity.quality.split", { count: change.after.length });
  if (kind === "generic") return t("identity.quality.learnedGeneric");
  if (kind === "personal") return t("identity.quality.learnedPersonal");
  if (kind === "large") return t("identity.quality.large", { count: change.size ?? 0 });
  return t(`identity.quality.${kind}`);
}

export function isShown(change: Pick<IdentityChange, "what">, shown: Shown | undefined): boolean {
  if (shown === undefined) return true;
  if (shown === "large") return change.what === "large";
  const ofValue = change.what === "generic" || change.what === "personal";
  return shown === "values" ? ofValue : change.what === "regrouped";
}
