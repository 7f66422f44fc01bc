/**
 * A rule as the builder holds it: groups of conditions, each with a key of its own, and with
 * room for what is not filled in yet. `read.ts` and `write.ts` turn it from and into the tree.
 */
import type { Literal, Rule } from "./tree.ts";

export type Mode = "all" | "any" | "none";
export type Part = Group | Condition | Fixed;

export interface Group {
  kind: "group";
  key: string;
  mode: Mode;
  parts: Part[];
}

export interface Condition {
  kind: "condition";
  key: string;
  subject: Subject;
  check: Check;
}

/** What the builder has no inputs for: it stays as it is, and the text tab edits it. */
export interface Fixed {
  kind: "fixed";
  key: string;
  rule: Rule;
}

type Named =
  | "trait"
  | "account"
  | "property"
  | "context"
  | "consent"
  | "identifier"
  | "reachable"
  | "audience";

export type Subject =
  | { [Type in Named]: { type: Type; name: string } }[Named]
  /** Of a feature that is kept by key, the key that is asked for. */
  | { type: "feature"; name: string; key: string }
  | { type: "account_persons"; quantifier: Quantifier; name: string }
  | { type: "affinity"; dimension: string; name: string }
  | { type: "hour" | "weekday" }
  | { type: "aggregate"; aggregate: Aggregate }
  | { type: "sequence"; sequence: Sequence };
export type SubjectType = Subject["type"];

export const QUANTIFIERS = ["any", "all", "no"] as const;
/** How many of the persons of somebody's accounts. */
export type Quantifier = (typeof QUANTIFIERS)[number];

export const FUNCTIONS = [
  "count",
  "sum",
  "average",
  "min",
  "max",
  "first",
  "last",
  "distinct",
  "top",
  "days_active",
  "streak",
] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

export interface Aggregate {
  function: FunctionName;
  events: Events;
  where: Group | null;
  of: string;
  /** How many values `top` gives. */
  most: number | "";
  /** A property by whose values it is kept apart; null when it is one number. */
  by: string | null;
  /** Of these values the one that is asked for; empty for all. */
  key: string;
  window: Window;
}

export interface Events {
  kind: "any" | "track" | "page" | "screen" | "identify";
  /** Of a track it is needed; a page or a screen may be any. */
  name: string;
}

export interface Sequence {
  steps: Step[];
  absent: Step | null;
  window: Length;
}

export interface Step {
  key: string;
  events: Events;
  where: Group | null;
  within: Length | null;
}

export const UNITS = ["second", "minute", "hour", "day", "week"] as const;
export type Unit = (typeof UNITS)[number];

export interface Length {
  count: number | "";
  unit: Unit;
}

export const CALENDARS = ["today", "this week", "this month", "this year"] as const;
export type Calendar = (typeof CALENDARS)[number];

export type Window =
  | { type: "ever" }
  | { type: "rolling"; length: Length }
  | { type: "calendar"; name: Calendar }
  | { type: "days"; count: number | "" };

/** The operator and a place for each kind of value, so that changing one keeps the others. */
export interface Check {
  operator: string;
  text: string;
  number: number | "";
  list: Literal[];
  length: Length;
  date: string;
}

/** What a subject holds, which decides the operators it is asked with. */
export type Holds = "any" | "text" | "number" | "time" | "flag" | "membership" | "consent";

let made = 0;
export const newKey = () => `n${++made}`;

export const newCheck = (operator: string, given: Partial<Check> = {}): Check => ({
  text: "",
  number: "",
  list: [],
  length: { count: 7, unit: "day" },
  date: "",
  ...given,
  operator,
});

export const newGroup = (mode: Mode = "all", parts: Part[] = []): Group => ({
  kind: "group",
  key: newKey(),
  mode,
  parts,
});

export const newStep = (given: Partial<Step> = {}): Step => ({
  key: newKey(),
  events: { kind: "track", name: "" },
  where: null,
  within: null,
  ...given,
});

export const newAggregate = (given: Partial<Aggregate> = {}): Aggregate => ({
  function: "count",
  events: { kind: "track", name: "" },
  where: null,
  of: "",
  most: 1,
  by: null,
  key: "",
  window: { type: "ever" },
  ...given,
});

const NEW_SUBJECTS: Record<SubjectType, () => Subject> = {
  trait: () => ({ type: "trait", name: "" }),
  account: () => ({ type: "account", name: "" }),
  account_persons: () => ({ type: "account_persons", quantifier: "any", name: "" }),
  property: () => ({ type: "property", name: "" }),
  context: () => ({ type: "context", name: "" }),
  feature: () => ({ type: "feature", name: "", key: "" }),
  consent: () => ({ type: "consent", name: "marketing" }),
  identifier: () => ({ type: "identifier", name: "email" }),
  reachable: () => ({ type: "reachable", name: "email" }),
  audience: () => ({ type: "audience", name: "" }),
  affinity: () => ({ type: "affinity", dimension: "category", name: "" }),
  hour: () => ({ type: "hour" }),
  weekday: () => ({ type: "weekday" }),
  aggregate: () => ({
    type: "aggregate",
    aggregate: newAggregate({
      window: { type: "rolling", length: { count: 30, unit: "day" } },
    }),
  }),
  sequence: () => ({
    type: "sequence",
    sequence: {
      steps: [newStep(), newStep({ within: { count: 1, unit: "hour" } })],
      absent: null,
      window: { count: 7, unit: "day" },
    },
  }),
};

const FIRST_CHECKS: Record<SubjectType, Check> = {
  trait: newCheck("is"),
  account: newCheck("is"),
  account_persons: newCheck("yes"),
  property: newCheck("is"),
  context: newCheck("is"),
  feature: newCheck("ge", { number: 1 }),
  consent: newCheck("yes"),
  identifier: newCheck("exists"),
  reachable: newCheck("yes"),
  audience: newCheck("yes"),
  affinity: newCheck("ge", { number: 0.3 }),
  hour: newCheck("ge", { number: 9 }),
  weekday: newCheck("any-of", { list: ["saturday", "sunday"] }),
  aggregate: newCheck("ge", { number: 1 }),
  sequence: newCheck("yes"),
};

export function newCondition(type: SubjectType): Condition {
  const check = FIRST_CHECKS[type];
  return { kind: "condition", key: newKey(), subject: NEW_SUBJECTS[type](), check: { ...check } };
}

/** A copy with keys of its own. */
export function copied<Copied>(value: Copied): Copied {
  return JSON.parse(JSON.stringify(value), (name, part: unknown) =>
    name === "key" ? newKey() : part,
  ) as Copied;
}

/** What an aggregate's value is. */
export function aggregateHolds(aggregate: Aggregate): Holds {
  const { function: name, of } = aggregate;
  if (name === "top" || isMap(aggregate)) return "any";
  if (name === "first" || name === "last") return of.trim() ? "any" : "time";
  return "number";
}

/** Whether a function looks at one property, cannot, or must. */
export function propertyOf(name: FunctionName): "never" | "may" | "must" {
  if (name === "distinct" || name === "top") return "must";
  return name === "count" || name === "days_active" || name === "streak" ? "never" : "may";
}

const BY_KEY: readonly FunctionName[] = ["count", "sum", "average", "min", "max"];

/** Whether a function can be kept apart by the values of a property. */
export const hasKeys = (name: FunctionName) => BY_KEY.includes(name);

/** A number for each value of a property. */
export const isMap = ({ function: name, by, key }: Aggregate) =>
  hasKeys(name) && by !== null && key.trim() === "";
