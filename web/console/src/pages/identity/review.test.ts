import { expect, it } from "vitest";
import type { JsonObject, Person } from "../../api/types.ts";
import { formatConfidence, humaniseField } from "../../i18n/format.ts";
import { compareIdentifiers, compareTraits, compareVisits, countMarks, edits, markOf } from "./compare.ts";
import { inOrder, neighbourOf, placeOf } from "./queue.ts";
import { inShort, waterfall } from "./waterfall.ts";

const person = (traits: JsonObject, features: JsonObject = {}) =>
  ({
    identifiers: [{ namespace: "email", value: "a@x.example" }],
    traits,
    features,
    first_seen_at: null,
    last_seen_at: "2026-01-01T00:00:00Z",
    event_count: 3,
  }) as unknown as Person;

it.each([
  ["Ada Moss", "ada moss ", "same"],
  ["Ada Moss", "Moss, Ada", "alike"],
  ["Chloé", "Chloe", "alike"],
  ["+49 170 123", "+49170123", "alike"],
  ["Jonathan", "Jon", "alike"],
  ["1990-06-15", "1990-06-51", "alike"],
  ["Berlin", "Berlim", "alike"],
  ["M. Moreau", "Mateo Moreau", "alike"],
  ["Mateo Moreau", "Mia Moreau", "differs"],
  ["M. M.", "Mateo Moreau", "differs"],
  ["Ada", "Bob", "differs"],
  ["Ada", "Eda", "differs"],
  ["臺北市", "東京都", "differs"],
  ["!", "?", "differs"],
])("%s and %s: %s", (a, b, mark) => {
  expect(markOf([a], [b])).toBe(mark);
});

it("several values are as near as the nearest two; nothing is no agreement", () => {
  expect(markOf(["a@x", "b@y"], ["c@z", "b@y"])).toBe("same");
  expect(markOf([], ["x"])).toBe("one");
  expect(markOf([], [])).toBe("none");
  expect(edits("abcd", "acbd")).toBe(1);
});

it("what agrees stands first, and devices that differ say nothing", () => {
  const rows = compareIdentifiers(
    [
      { namespace: "anonymous_id", value: "d1" },
      { namespace: "user_id", value: "1" },
      { namespace: "phone", value: "+49170" },
    ],
    [
      { namespace: "anonymous_id", value: "d2" },
      { namespace: "user_id", value: "2" },
      { namespace: "phone", value: "+49170" },
    ],
  );
  expect(rows.map(({ name, mark }) => `${name} ${mark}`)).toEqual([
    "phone same",
    "user_id differs",
    "anonymous_id none",
  ]);
});

it("traits that repeat an identifier are left out, nested ones are written flat", () => {
  const rows = compareTraits(
    person({ email: "a@x.example", address: { city: "Ulm", zip: null }, age: 30, empty: "" }),
    person({ address: { city: "Ulm" }, plan: "pro", empty: null }),
  );
  expect(rows).toEqual([
    { name: "address", a: ["Ulm"], b: ["Ulm"], mark: "same" },
    { name: "age", a: ["30"], b: [], mark: "one" },
    { name: "plan", a: [], b: ["pro"], mark: "one" },
  ]);
  expect(countMarks(rows)).toMatchObject({ same: 1, one: 2, differs: 0 });
});

it("visits are compared by where and on what, dates only told", () => {
  const rows = compareVisits(person({}, { country: "DE", os: null }), person({}, { country: "DE" }));
  expect(rows.map(({ name, mark }) => `${name} ${mark}`)).toEqual([
    "country same",
    "first_seen_at none",
    "last_seen_at none",
    "event_count none",
  ]);
});

const reasons = [
  { about: "start: two records taken at random", bits: -8 },
  { about: "city: same", bits: 2 },
  { about: "surname: one letter off", bits: 8 },
  { about: "phone: different", bits: -4 },
  { about: "plan: missing", bits: 0 },
];

it("bars go left and right of zero, the start first, then the strongest", () => {
  const { steps, total, zero, weak } = waterfall(reasons);
  expect(steps.map((step) => step.bits)).toEqual([-8, 8, -4, 2]);
  expect(zero).toBe(0.5);
  expect(steps.map(({ from, length }) => [from, length])).toEqual([
    [0, 0.5],
    [0.5, 0.5],
    [0.25, 0.25],
    [0.5, 0.125],
  ]);
  expect([total.bits, weak]).toEqual([-2, 1]);
  expect(steps[1]).toMatchObject({ name: "Surname", level: "one letter off" });
  expect(inShort(reasons, 1)).toBe("Surname one letter off");
});

it("no reasons draw nothing", () => {
  expect(waterfall([])).toMatchObject({ steps: [], zero: 0, total: { bits: 0, length: 0 } });
});

const queue = ["a", "b", "c"].map((edge_id) => ({ edge_id }));
const ids = (order: { edge_id: string }[]) => order.map((one) => one.edge_id).join("");

it("what is put off comes last, the latest at the very end", () => {
  expect(ids(inOrder(queue, []))).toBe("abc");
  expect(ids(inOrder(queue, ["a"]))).toBe("bca");
  expect(ids(inOrder(queue, ["a", "b", "a"]))).toBe("cba");
});

it("after a decision the next comes up, at the end the one before", () => {
  expect(neighbourOf(queue, "a")).toBe("b");
  expect(neighbourOf(queue, "c")).toBe("b");
  expect(neighbourOf([{ edge_id: "a" }], "a")).toBeUndefined();
  expect(placeOf(queue, "gone")).toBe(0);
});

it("nothing that is probable is certain, and fields have readable names", () => {
  expect([formatConfidence(0.87), formatConfidence(0.994)]).toEqual(["87%", "99%"]);
  expect(formatConfidence(0.9996)).toBe(">\u202f99%");
  expect(humaniseField("address.postalCode")).toBe("Address, postal code");
  expect(humaniseField("last_name")).toBe("Last name");
});
