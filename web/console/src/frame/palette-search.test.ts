import { expect, test } from "vitest";
import { entriesFor, matches } from "./palette-search.ts";

test("every word of the text begins a word of the label", () => {
  expect(matches("Live events", "ev li")).toBe(true);
  expect(matches("home_hero Home hero", "hero")).toBe(true);
  expect(matches("Live events", "vents")).toBe(false);
  expect(matches("anything", "")).toBe(true);
});

test("pages, then people, then definitions", () => {
  const person = {
    person_id: "p1",
    display_name: "Ada",
    identifiers: [{ namespace: "email", value: "ada@example.com" }],
    event_count: 1,
    first_seen_at: null,
    last_seen_at: null,
  };
  const entries = entriesFor("off", [person], []);
  expect(entries.map((entry) => entry.label)).toEqual(["Offers", "New offer", "Ada"]);
  expect(entries.at(-1)).toMatchObject({
    params: { personId: "p1" },
    detail: "email:ada@example.com",
  });
});
