/** What the figures of a recipe say. */
import type { Estimate, RecipeOffline } from "../../api/recipes.ts";
import type { IntervalRow } from "../../parts/Intervals.tsx";

export type Verdict = "better" | "worse" | "unclear";

/** Against what is popular: by more than chance only where the intervals lie apart. */
export function verdictOf({ ndcg_at_10, popular_ndcg_at_10 }: RecipeOffline): Verdict {
  if (ndcg_at_10.lower > popular_ndcg_at_10.upper) return "better";
  return ndcg_at_10.upper < popular_ndcg_at_10.lower ? "worse" : "unclear";
}

/** Of so many touches of anything, one is of an item with so many bits. */
export function touchesOf(bits: number): number {
  return Math.max(1, Math.round(2 ** bits));
}

export function rowOf(
  key: string,
  label: string,
  measured: Estimate,
  words: (value: number) => string,
  tone?: IntervalRow["tone"],
): IntervalRow {
  const { value, lower, upper } = measured;
  const said = `${words(value)} (${words(lower)} – ${words(upper)})`;
  return { key, label, value, low: lower, high: upper, tone, words: said };
}
