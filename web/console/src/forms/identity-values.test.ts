import { expect, it } from "vitest";
import { added, KITH_DEFAULT, moved, PRESETS, specOf, valuesOf } from "./identity-values.ts";

it.each(Object.entries(PRESETS))("%s goes into the form and back unchanged", (_, spec) => {
  expect(specOf(valuesOf(spec))).toEqual(spec);
});

it("the strongest stands first", () => {
  const namespaces = KITH_DEFAULT.namespaces.toReversed();
  const names = valuesOf({ ...KITH_DEFAULT, namespaces }).namespaces.map((one) => one.name);
  expect(names).toEqual(["user_id", "email", "phone", "anonymous_id"]);
});

it("what moves up is stronger than what it passes", () => {
  const { namespaces } = valuesOf(KITH_DEFAULT);
  const after = moved(namespaces, 2, -1);
  expect(after.map((one) => [one.name, one.priority])).toEqual([
    ["user_id", 100],
    ["phone", 80],
    ["email", 70],
    ["anonymous_id", 10],
  ]);
  expect(moved(namespaces, 0, -1)).toBe(namespaces);
});

it("two of equal strength get an order when one moves", () => {
  const namespaces = valuesOf(KITH_DEFAULT).namespaces.map((one) => ({ ...one, priority: 5 }));
  const found = moved(namespaces, 0, 1).map((one) => one.priority);
  expect(found).toEqual([40, 30, 20, 10]);
});

it("a new one is the weakest and has a key of its own", () => {
  const twice = added(added(valuesOf(KITH_DEFAULT).namespaces));
  expect(twice.map((one) => one.priority).slice(-2)).toEqual([9, 8]);
  expect(new Set(twice.map((one) => one.key)).size).toBe(6);
});

it("blocked values are lines, in lower case, each once", () => {
  const values = { ...valuesOf(KITH_DEFAULT), blocked: " NULL \n\nguest\nnull" };
  expect(specOf(values).blocked_values).toEqual(["guest", "null"]);
});

it("unique means one value, whatever the limit says", () => {
  const values = valuesOf(KITH_DEFAULT);
  values.namespaces[0] = { ...values.namespaces[0]!, limit: 7, days: 30 };
  expect(specOf(values).namespaces[0]).toMatchObject({ unique: true, limit: 1, limit_days: null });
});
