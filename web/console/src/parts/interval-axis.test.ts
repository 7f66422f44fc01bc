/** One axis for several intervals. */
import { expect, test } from "vitest";
import { axisOf, placeOf } from "./interval-axis.ts";

test("begins at nought and holds every interval", () => {
  const axis = axisOf([
    { value: 0.1, low: 0.08, high: 0.12 },
    { value: 0.05, low: 0.04, high: 0.06 },
  ]);
  expect(axis.from).toBe(0);
  expect(axis.to).toBeGreaterThan(0.12);
  expect(placeOf(0.12, axis)).toBeLessThan(100);
});

test("an interval without end is cut, and losses are on it", () => {
  const axis = axisOf([{ value: 1, low: -0.5, high: 900 }], [1.5]);
  expect(axis.to).toBeLessThan(5);
  expect(placeOf(900, axis)).toBe(100);
  expect(axis.from).toBeLessThan(-0.4);
  expect(axisOf([])).toEqual({ from: 0, to: 0.04 });
});
