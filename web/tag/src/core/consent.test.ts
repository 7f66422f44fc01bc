import { expect, test } from "vitest";
import { mayStore, readChoice, resolve, undecided, type Choice } from "./consent.ts";

const CATEGORIES = ["analytics", "personalization", "marketing"];

/** Granted categories by first letter; then `s` = ids may be stored, `u` = nobody decided yet. */
function check(byDefault: "granted" | "denied", signal: boolean, choice: Choice, expected: string) {
  const consent = resolve({ default: byDefault, categories: CATEGORIES }, choice, signal);
  const letters = CATEGORIES.filter((name) => consent.categories[name]).map((name) => name[0]);
  const marks = (mayStore(consent) ? "s" : "") + (undecided(consent) ? "u" : "");
  expect(`${letters.join("")} ${marks}`.trim()).toBe(expected);
}

test("the site's default holds until the visitor chooses", () => {
  check("granted", false, {}, "apm s");
  check("denied", false, {}, "u");
  check("denied", false, { analytics: true }, "a s");
  check("denied", false, { personalization: true }, "p su");
  check("denied", false, { marketing: true }, "m u");
  check("denied", false, { analytics: false }, "");
  check("granted", false, { analytics: false }, "pm s");
  check("granted", false, { analytics: false, personalization: false }, "m");
});

test("a browser signal denies what is not plain measurement, and stores nothing", () => {
  check("granted", true, {}, "a");
  check("denied", true, {}, "u");
  check("granted", true, { marketing: true }, "am");
});

test("an explicit yes on this site stands above the signal", () => {
  check("granted", true, { analytics: true }, "a s");
  check("denied", true, { personalization: true, analytics: true }, "ap s");
});

test("only known categories with a clear answer are a choice", () => {
  const read = (given: unknown) => readChoice(given, CATEGORIES);
  const clear = { analytics: true, marketing: false };
  expect(read(clear)).toEqual(clear);
  expect(read({ analytics: "yes", other: true, marketing: 1 })).toEqual({});
  for (const junk of [null, undefined, "x", 7, []]) expect(read(junk)).toEqual({});
});
