import "../../i18n/late-identity.ts";
import { expect, it } from "vitest";
import { changeWords, isShown, kindOf } from "./changes.ts";
import { refusedBars, refusedTotal } from "./reasons.ts";
import { curve, tenths, totals, worthFrom } from "./worth.ts";

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

const change = (before: string[], after: string[]) => ({
  what: "regrouped" as const,
  size: null,
  before,
  after,
});

it("says what became of the persons", () => {
  expect(kindOf(change(["a", "b"], ["a"]))).toBe("merged");
  expect(kindOf(change(["a"], ["a", "b"]))).toBe("split");
  expect(kindOf(change(["a"], ["b"]))).toBe("renamed");
  expect(kindOf(change(["a", "b"], ["c", "d"]))).toBe("regrouped");
  expect(changeWords(change(["a", "b", "c"], ["a"]))).toBe("3 persons merged");
});

it("says what was learned of a value, and who grew too large", () => {
  const learned = { ...change([], []), what: "generic" as const };
  expect([kindOf(learned), changeWords(learned)]).toEqual(["generic", "Now generic"]);
  const large = { ...change([], ["a"]), what: "large" as const, size: 131 };
  expect(changeWords(large)).toBe("Large: 131 identifiers");
  expect(isShown(large, "large") && isShown(large, undefined)).toBe(true);
  expect(isShown(large, "people") || isShown(learned, "people")).toBe(false);
  expect(isShown(learned, "values")).toBe(true);
});

const decided = [
  { from_confidence: 0.6, same: 3, different: 1 },
  { from_confidence: 0.8, same: 9, different: 0 },
];

it("every tenth up to certainty has a row, the surest first, decided or not", () => {
  const rows = tenths(decided);
  expect(rows.map((row) => [row.from, row.share])).toEqual([
    [0.9, undefined],
    [0.8, 1],
    [0.7, undefined],
    [0.6, 0.75],
  ]);
  expect(rows[3]).toMatchObject({ expected: 0.65, same: 3, different: 1, to: 0.7 });
  expect(totals(decided)).toEqual({ same: 12, all: 13 });
  expect(tenths([])).toEqual([]);
});

const points = [
  { confidence: 0.9, precision: 1, recall: 0.2 },
  { confidence: 0.5, precision: 0.8, recall: 0.6 },
];

it("right and found are lines over the confidence, whatever the order of the points", () => {
  expect(curve(points)).toEqual({ least: 0.5, precision: "M0 0.2L0.8 0", recall: "M0 0.4L0.8 0.8" });
  expect(curve(points.slice(1))).toBeUndefined();
  expect(worthFrom(points, 0.8)).toEqual(points[0]);
  expect(worthFrom(points, 0.95)).toBeUndefined();
});
