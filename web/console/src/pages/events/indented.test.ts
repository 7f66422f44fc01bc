import { expect, test } from "vitest";
import { indented } from "./indented.ts";

test.each([
  [`{"a":[1,"b c"]}`, `{\n  "a": [\n    1,\n    "b c"\n  ]\n}`],
  [`{ "a" : "x\\"y" }`, `{\n  "a": "x\\"y"\n}`],
  [`{"userId":12345678901234567890}`, `{"userId":12345678901234567890}`],
  [`{"a":1,"a":2}`, `{"a":1,"a":2}`],
  [`{"price":1.0}`, `{"price":1.0}`],
  [`{"cut`, `{"cut`],
])("%s", (raw, expected) => {
  expect(indented(raw)).toBe(expected);
});
