import { expect, it } from "vitest";
import {
  added,
  begunFrom,
  isNetwork,
  KITH_DEFAULT,
  moved,
  PRESETS,
  specOf,
  thresholdFault,
  valuesOf,
  zonesOf,
} from "./identity-values.ts";

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

it("rules from before probable links get them switched off", () => {
  const { namespaces, blocked_values, generic_after, generic_days, shared_device } = KITH_DEFAULT;
  const old = { namespaces, blocked_values, generic_after, generic_days, shared_device };
  expect(specOf(valuesOf(old))).toEqual(KITH_DEFAULT);
  expect(KITH_DEFAULT.probabilistic).toMatchObject({ records: false, visitors: false });
});

it("a preset leaves what was chosen about probable links", () => {
  const chosen = {
    ...KITH_DEFAULT,
    alarm_after: 40,
    probabilistic: { ...KITH_DEFAULT.probabilistic, records: true, loose_percent: 85 },
  };
  const begun = begunFrom("strict", chosen);
  expect(begun.probabilistic).toEqual(chosen.probabilistic);
  expect([begun.alarm_after, begun.generic_after]).toEqual([40, 3]);
});

const zones = (review_percent: number, loose_percent: number, strict_percent: number) =>
  zonesOf({ ...KITH_DEFAULT.probabilistic, review_percent, loose_percent, strict_percent }).map(
    ({ name, from, to }) => `${name} ${from}-${to}`,
  );

it("thresholds divide the scale without gaps", () => {
  expect(zones(60, 80, 95)).toEqual(["ignored 0-60", "review 60-80", "loose 80-95", "strict 95-100"]);
  expect(zones(80, 80, 80)).toEqual(["ignored 0-80", "strict 80-100"]);
  expect(zones(90, 70, 95)).toEqual(["ignored 0-70", "loose 70-95", "strict 95-100"]);
  expect(zones(60, 100, 100)).toEqual(["ignored 0-60", "review 60-100", "strict 100-100"]);
});

it("a threshold above the strict one is refused as the server does", () => {
  const values = { ...valuesOf(KITH_DEFAULT), strictPercent: 70 };
  expect(thresholdFault("loosePercent", values)).toBe(true);
  expect(thresholdFault("reviewPercent", values)).toBe(false);
});

it("keeps accounts by domain and by network, also under a preset", () => {
  const spec = {
    ...KITH_DEFAULT,
    accounts_by_domain: true,
    mail_providers: ["campus.example"],
    account_networks: [{ network: "203.0.113.0/24", account: "acme" }],
  };
  expect(specOf(valuesOf(spec))).toEqual(specOf(valuesOf(begunFrom("kith", spec))));
  expect(specOf(valuesOf(spec)).account_networks).toEqual(spec.account_networks);
  expect(["203.0.113.0/24", "2001:db8:1::/48"].every(isNetwork)).toBe(true);
  expect(["203.0.113.7", "office", "203.0.113.0/"].some(isNetwork)).toBe(false);
});
