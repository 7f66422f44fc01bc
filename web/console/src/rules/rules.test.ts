/** Trees as the server writes them, through the builder and back. */
import { describe, expect, test } from "vitest";
import { valueHolds } from "./facts.ts";
import { type Condition, copied, newCondition, newGroup } from "./model.ts";
import { operatorsFor } from "./operators.ts";
import { readRule } from "./read.ts";
import type { Rule } from "./tree.ts";
import { unfinished, writeRule } from "./write.ts";

const download: Rule = {
  left: {
    aggregate: { function: "count", events: { kind: "track", name: "Download" } },
  },
  operator: "=",
  right: 0,
};
const onSite: Rule = {
  left: {
    aggregate: {
      function: "sum",
      events: { kind: "track", name: "Time On Site" },
      of: ["seconds"],
      window: "7 days",
    },
  },
  operator: ">",
  right: 60,
};

/** Every operator and fact the builder has inputs for. */
const TESTS: Rule[] = [
  { left: { trait: ["industry"] }, operator: "=", right: "software" },
  { left: { trait: ["address", "city"] }, operator: "!=", right: "Taipei" },
  { left: { trait: ["plan"] }, operator: "in", right: ["pro", "team"] },
  { left: { trait: ["seats"] }, operator: "not in", right: [1, 2] },
  { left: { trait: ["title"] }, operator: "matches", right: "chief*" },
  { left: { trait: ["title"] }, operator: "starts with", right: "chief" },
  { left: { trait: ["email"] }, operator: "ends with", right: "@example.com" },
  { not: { left: { trait: ["tags"] }, operator: "contains", right: "vip" } },
  { left: { trait: ["newsletter"] }, operator: "is true" },
  { left: { trait: ["newsletter"] }, operator: "=", right: false },
  { left: { trait: ["phone"] }, operator: "exists" },
  { left: { trait: ["phone"] }, operator: "is missing" },
  { left: { trait: ["created_at"] }, operator: ">", right: { now: [], shift: ["-7 days"] } },
  { left: { trait: ["renewal"] }, operator: "<", right: { now: [], shift: ["1 week"] } },
  { left: { trait: ["renewal"] }, operator: ">=", right: { time: "2026-11-01" } },
  { left: { trait: ["renewal"] }, operator: "<", right: { time: "2026-11-01" } },
  {
    left: { anniversary: ["birthday"] },
    operator: "<=",
    right: { now: [], shift: ["7 days"] },
  },
  { left: { days_since: { trait: ["created_at"] } }, operator: ">=", right: 30 },
  { left: { days_until: { trait: ["renewal"] } }, operator: "<=", right: 14 },
  { left: { feature: "purchase_count" }, operator: ">=", right: 2 },
  { left: { feature_key: ["bought", "running shoes"] }, operator: ">=", right: 2 },
  {
    left: {
      aggregate: {
        function: "count",
        events: { kind: "track", name: "Order Completed" },
        by: ["category"],
        key: "shoes",
        window: "90 days",
      },
    },
    operator: ">=",
    right: 2,
  },
  {
    left: {
      aggregate: {
        function: "sum",
        events: { kind: "track", name: "Order Completed" },
        of: ["price"],
        by: ["category"],
      },
    },
    operator: "exists",
  },
  {
    left: {
      aggregate: {
        function: "top",
        events: { kind: "track", name: "Product Viewed" },
        of: ["category"],
        most: 3,
      },
    },
    operator: "contains",
    right: "shoes",
  },
  { left: { consent: "marketing" }, operator: "is true" },
  { left: { identifier: "email" }, operator: "exists" },
  { left: { reachable: "email" }, operator: "is true" },
  { left: { audience: "press" }, operator: "is true" },
  { not: { left: { audience: "press" }, operator: "is true" } },
  { left: { account: ["plan"] }, operator: "=", right: "pro" },
  { left: { account: ["address", "country"] }, operator: "exists" },
  { left: { account_persons: ["any", "press"] }, operator: "is true" },
  { not: { left: { account_persons: ["all", "press"] }, operator: "is true" } },
  { left: { account_persons: ["no", "press"] }, operator: "is true" },
  { left: { affinity: ["category", "shoes"] }, operator: ">", right: 0.3 },
  { left: { context: ["page", "path"] }, operator: "starts with", right: "/p" },
  { left: { local_hour: [] }, operator: ">=", right: 9 },
  { left: { local_weekday: [] }, operator: "in", right: ["saturday", "sunday"] },
  download,
  onSite,
  {
    left: {
      aggregate: {
        function: "max",
        events: { kind: "track", name: "Order Completed" },
        where: { left: { property: ["price"] }, operator: ">", right: 10 },
        of: ["price"],
        window: "last 3 calendar days",
      },
    },
    operator: "exists",
  },
  {
    left: { aggregate: { function: "days_active", events: "any", window: "this month" } },
    operator: ">=",
    right: 3,
  },
  {
    left: {
      sequence: {
        steps: [
          { events: { kind: "track", name: "Product Viewed" } },
          { events: { kind: "page" }, within: "1 hour" },
        ],
        absent: { events: { kind: "track", name: "Order Completed" }, within: "2 days" },
        window: "7 days",
      },
    },
    operator: "is true",
  },
];

/** A group of one is written as the group it is shown in; the server takes it off again. */
const unwrapped = (rule: Rule): Rule => {
  if (typeof rule !== "object") return rule;
  if ("all" in rule) {
    return rule.all.length === 1 ? unwrapped(rule.all[0]!) : { all: rule.all.map(unwrapped) };
  }
  if ("any" in rule) return { any: rule.any.map(unwrapped) };
  if ("not" in rule) return { not: unwrapped(rule.not) };
  const text = JSON.stringify(rule, (name, part: Rule) =>
    name === "where" ? unwrapped(part) : part,
  );
  return JSON.parse(text) as Rule;
};

describe("read and write", () => {
  for (const rule of TESTS) {
    test(JSON.stringify(rule), () => {
      const group = readRule(rule);
      expect(group.parts.map(({ kind }) => kind)).toEqual(["condition"]);
      expect(unfinished(group)).toEqual([]);
      expect(unwrapped(writeRule(group))).toEqual(rule);
    });
  }

  test("nested groups", () => {
    const [one, two, three] = TESTS as [Rule, Rule, Rule];
    const rule: Rule = { all: [{ any: [one, two] }, { not: { any: [two, three] } }, three] };
    const group = readRule(rule);
    expect(group.parts.map((part) => part.kind === "group" && part.mode)).toEqual([
      "any",
      "none",
      false,
    ]);
    expect(unwrapped(writeRule(group))).toEqual(rule);
  });

  test("what has no inputs stays as it is", () => {
    const rule: Rule = { left: { last: "Order Completed" }, operator: ">", right: { first: "X" } };
    const group = readRule({ all: [rule, TESTS[0]!] });
    expect(group.parts[0]?.kind).toBe("fixed");
    expect(writeRule(group)).toEqual({ all: [rule, TESTS[0]] });
  });

  test("shorthands of plain counts are read as aggregates", () => {
    const group = readRule({ left: { count: "Download" }, operator: "=", right: 0 });
    expect(unwrapped(writeRule(group))).toEqual(download);
  });

  test("none of one condition negates it", () => {
    const group = newGroup("none", [...readRule(onSite).parts]);
    expect(writeRule(group)).toEqual({ not: onSite });
  });
});

describe("unfinished", () => {
  test("new conditions name what they lack", () => {
    const trait = newCondition("trait");
    const consent = newCondition("consent");
    const sequence = newCondition("sequence");
    const group = newGroup("all", [trait, consent, sequence]);
    const steps = sequence.subject.type === "sequence" ? sequence.subject.sequence.steps : [];
    expect(unfinished(group)).toEqual([trait.key, ...steps.map(({ key }) => key)]);
  });

  test("an empty group inside another", () => {
    const empty = newGroup();
    expect(unfinished(newGroup("all", [empty, ...readRule(onSite).parts]))).toEqual([empty.key]);
  });
});

test("a copy has keys of its own, all the way down", () => {
  const original = readRule(TESTS.at(-1)!);
  const keys = (value: unknown) =>
    [...JSON.stringify(value).matchAll(/"key":"(\w+)"/g)].map(([, key]) => key);
  const copy = copied(original);
  expect(keys(copy).filter((key) => keys(original).includes(key!))).toEqual([]);
  expect(writeRule(copy)).toEqual(writeRule(original));
});

test("operators go with what is held", () => {
  const ids = (condition: Condition, holds: Parameters<typeof operatorsFor>[1]) =>
    operatorsFor(condition.subject.type, holds).map(({ id }) => id);
  expect(ids(newCondition("audience"), "membership")).toEqual(["yes", "not"]);
  expect(ids(newCondition("consent"), "consent")).toEqual(["yes", "no", "missing"]);
  expect(ids(newCondition("trait"), "any")).toContain("anniversary");
  expect(ids(newCondition("feature"), "time")).not.toContain("anniversary");
});

test("what a feature holds is told by its function", () => {
  expect(valueHolds('count("Login", 7 days)')).toBe("number");
  expect(valueHolds('last("Login")')).toBe("time");
  expect(valueHolds('last("Login", of device)')).toBe("any");
});
