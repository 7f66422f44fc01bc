import { expect, test } from "vitest";
import { readCodes, stepsOf } from "./codes.ts";

test("codes come a line each, or by commas, with or without a heading", () => {
  expect(readCodes("A-1\r\n B-2 \n\nA-1\n")).toEqual({ codes: ["A-1", "B-2", "A-1"], repeated: 1 });
  expect(readCodes('\uFEFFCode\n"A 1",B;C\tD')).toEqual({ codes: ["A 1", "B", "C", "D"], repeated: 0 });
  expect(readCodes("CODE10")).toEqual({ codes: ["CODE10"], repeated: 0 });
  expect(readCodes("  \n")).toEqual({ codes: [], repeated: 0 });
});

test("a long list is sent in steps", () => {
  expect(stepsOf(["a", "b", "c"], 2)).toEqual([["a", "b"], ["c"]]);
  expect(stepsOf([])).toEqual([]);
});
