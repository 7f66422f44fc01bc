import { expect, test } from "vitest";
import { personSearch } from "./persons.ts";
import { asApiError, placeFieldErrors, problemOf, UNREACHABLE } from "./problem.ts";

test("field errors go to the input of the longest matching name", () => {
  const errors = [
    { field: "spec.content.cta", message: "too long" },
    { field: "spec.when", message: "line 1, column 3: no such fact" },
    { field: "spec.when", message: "and another" },
    { field: "spec.other", message: "unknown" },
  ];
  const { placed, rest } = placeFieldErrors(errors, ["spec.content", "spec.when", "name"]);
  expect(placed).toEqual({
    "spec.content": "too long",
    "spec.when": "line 1, column 3: no such fact and another",
  });
  expect(rest).toEqual([errors[3]]);
});

test("a body that is no problem document still says something", () => {
  expect(problemOf("<html>", 502, "Bad Gateway")).toMatchObject({
    title: "Bad Gateway",
    code: "http-502",
    status: 502,
  });
  expect(problemOf(undefined, 500, "")).toMatchObject({ title: "HTTP 500" });
});

test("a server that is not there", () => {
  expect(asApiError(new TypeError("Failed to fetch")).problem.code).toBe(UNREACHABLE);
});

test.each([
  ["email:ada@example.com", { identifier: "email:ada@example.com" }],
  ["user_id:42", { identifier: "user_id:42" }],
  [" Ada ", { q: "Ada" }],
  ["12:30", { q: "12:30" }],
  ["", {}],
])("search %j", (text, query) => expect(personSearch(text)).toEqual(query));
