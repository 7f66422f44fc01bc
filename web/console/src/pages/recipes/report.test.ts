/** What the figures of a recipe say. */
import { expect, test } from "vitest";
import type { RecipeOffline } from "../../api/recipes.ts";
import "../../i18n/late.ts";
import { touchesOf, verdictOf } from "./report.ts";
import { orderInWords, ruleInWords } from "./words.ts";

const between = (lower: number, upper: number) => ({ value: (lower + upper) / 2, lower, upper });
const offline = (own: [number, number], popular: [number, number]) =>
  ({ ndcg_at_10: between(...own), popular_ndcg_at_10: between(...popular) }) as RecipeOffline;

test("better and worse only where the intervals lie apart", () => {
  expect(verdictOf(offline([0.3, 0.4], [0.1, 0.2]))).toBe("better");
  expect(verdictOf(offline([0.1, 0.2], [0.3, 0.4]))).toBe("worse");
  expect(verdictOf(offline([0.1, 0.3], [0.2, 0.4]))).toBe("unclear");
});

test("bits as touches", () => {
  expect(touchesOf(0)).toBe(1);
  expect(touchesOf(6)).toBe(64);
});

test("rules as a person says them", () => {
  expect(ruleInWords('item.categories contains "shoes" and item.price < 100')).toBe(
    "category is “shoes” and price is below 100",
  );
  expect(ruleInWords("item.attributes.margin > 0.3")).toBe("margin is above 0.3");
  expect(ruleInWords("traits.vip")).toBeNull();
  expect(ruleInWords("")).toBeNull();
  const diversity = { per_category: 2, mmr: 0.7 };
  const said = orderInWords({ ingredients: [], exploration: 0.1, diversity });
  expect(said).toHaveLength(3);
  expect(said[1]).toContain("strongly");
});
