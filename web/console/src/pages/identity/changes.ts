import type { IdentityChange } from "../../api/identity.ts";
import { t } from "../../i18n/t.ts";

export type ChangeKind = "merged" | "split" | "renamed" | "regrouped";

/** What became of the persons. */
export function kindOf({ before, after }: Pick<IdentityChange, "before" | "after">): ChangeKind {
  if (before.length > 1 && after.length === 1) return "merged";
  if (before.length === 1 && after.length > 1) return "split";
  return before.length === 1 && after.length === 1 ? "renamed" : "regrouped";
}

export function changeWords(change: Pick<IdentityChange, "before" | "after">): string {
  const kind = kindOf(change);
  if (kind === "merged") return t("identity.quality.merged", { count: change.before.length });
  if (kind === "split") return t("identity.quality.split", { count: change.after.length });
  return t(`identity.quality.${kind}`);
}
