import { expect, test } from "vitest";
import { isByKey, sorted } from "./KeyBars.tsx";

test("numbers by key are told from every other value", () => {
  expect(isByKey({ shoes: 2, hats: 0.5 })).toBe(true);
  for (const other of [null, undefined, 3, "shoes", ["a", "b"], {}, { shoes: "two" }])
    expect(isByKey(other)).toBe(false);
});

test("the greatest comes first, and of equals the first by its key", () => {
  const values = { bags: 1, shoes: 7, hats: 1, caps: -2 };
  expect(sorted(values).map(([key]) => key)).toEqual(["shoes", "bags", "hats", "caps"]);
});
