import { expect, it } from "vitest";
import { changeWords, kindOf } from "./changes.ts";
import { refusedBars, refusedTotal } from "./reasons.ts";

const shape = (refused: Record<string, number>) => ({ persons: 1, largest: 1, refused });

it("reasons stand side by side, the most frequent first, in words", () => {
  const bars = refusedBars(shape({ limit: 2, generic: 0 }), shape({ contested: 5, limit: 1 }));
  expect(bars.map(({ label, values }) => [label, values])).toEqual([
    ["Shared device", [0, 5]],
    ["Too many values", [2, 1]],
  ]);
});

it("a reason nobody has words for keeps its code", () => {
  expect(refusedBars(shape({ novel: 1 }))[0]!.label).toBe("novel");
});

it("sums the refused", () => {
  expect(refusedTotal(shape({ a: 2, b: 3 }))).toBe(5);
});

it("says what became of the persons", () => {
  expect(kindOf({ before: ["a", "b"], after: ["a"] })).toBe("merged");
  expect(kindOf({ before: ["a"], after: ["a", "b"] })).toBe("split");
  expect(kindOf({ before: ["a"], after: ["b"] })).toBe("renamed");
  expect(kindOf({ before: ["a", "b"], after: ["c", "d"] })).toBe("regrouped");
  expect(changeWords({ before: ["a", "b", "c"], after: ["a"] })).toBe("3 persons merged");
});
