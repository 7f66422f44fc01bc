/** A recipe in plain words. */
import type { RecipeSpec } from "../../api/types.ts";
import { type Condition, readItemRule } from "../../forms/item-rule.ts";
import { formatPercent, humanise } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";

/** A rule over items as a person says it, or null where only its text says it. */
export function ruleInWords(text: string): string | null {
  const rule = readItemRule(text);
  if (!rule || rule.conditions.length === 0) return null;
  return rule.conditions.map(conditionInWords).join(` ${t(`recipes.rule.${rule.join}`)} `);
}

function conditionInWords({ field, attribute, check, value }: Condition): string {
  const name =
    field === "attribute" ? humanise(attribute).toLowerCase() : t(`recipes.rule.${field}`);
  // A category is one or is not; that an item may have several is of no matter here.
  const asked = field === "categories" ? (check === "has" ? "is" : "isNot") : check;
  const said = t(`recipes.rule.${asked}`);
  if (check === "exists" || check === "missing") return `${name} ${said}`;
  const isText = field !== "price" && !Number.isFinite(Number(value));
  return `${name} ${said} ${isText ? `“${value}”` : value}`;
}

/** How much being alike holds an item back. */
export function strengthOf(mmr: number): "slight" | "clear" | "strong" {
  if (mmr < 0.3) return "slight";
  return mmr < 0.65 ? "clear" : "strong";
}

/** What is changed in the order, one sentence each; rules apart. */
export function orderInWords(spec: RecipeSpec): string[] {
  const { diversity, exploration = 0 } = spec;
  const said: string[] = [];
  if (diversity?.per_category) {
    said.push(t("recipes.words.perCategory", { count: diversity.per_category }));
  }
  if (diversity && diversity.mmr > 0) {
    const strength = t(`recipes.words.mmrOf.${strengthOf(diversity.mmr)}`);
    said.push(t("recipes.words.mmr", { strength }));
  }
  if (exploration > 0) {
    said.push(t("recipes.words.exploration", { share: formatPercent(exploration) }));
  }
  return said;
}
