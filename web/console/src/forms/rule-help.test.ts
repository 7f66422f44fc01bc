import { describe, expect, test } from "vitest";
import { errorOffset, insertAt, lineAround, traitFacts } from "./rule-help.ts";

describe("insertAt", () => {
  test.each([
    ["", 0, 0, "traits.plan", "traits.plan"],
    ["a = 1 and", 9, 9, "b", "a = 1 and b"],
    ["and x", 0, 0, "b", "b and x"],
    ["not ()", 5, 5, "b", "not (b)"],
    ["a OLD c", 2, 5, "new", "a new c"],
  ])("%j at %i–%i", (value, start, end, text, result) => {
    expect(insertAt(value, start, end, text).value).toBe(result);
  });

  test("the cursor lands behind what was inserted", () => {
    expect(insertAt("a and", 5, 5, "b").cursor).toBe(7);
  });
});

describe("errorOffset", () => {
  const rule = "traits.plan = 1\nand feature.x > 2";
  test.each([
    ["line 2, column 5: there is no fact feature.x; write features.x", 20],
    ["at character 3: unexpected", 2],
    ["position 999: unexpected end", rule.length],
    ["something else entirely", null],
  ])("%s", (message, offset) => expect(errorOffset(message, rule)).toBe(offset));

  test("lineAround gives the line and the place in it", () => {
    expect(lineAround(rule, 20)).toEqual({ line: "and feature.x > 2", column: 4 });
    expect(lineAround(rule, 0)).toEqual({ line: "traits.plan = 1", column: 0 });
  });
});

test("only traits that can be written plainly are offered", () => {
  expect(traitFacts({ plan: 1, "a b": 2, "x-y": 3 })).toEqual(["traits.plan"]);
});
