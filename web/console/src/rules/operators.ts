/** The questions the builder can ask, each with the test it stands for. */
import type { Check, Holds, Length, SubjectType, Unit } from "./model.ts";
import { newCheck, UNITS } from "./model.ts";
import type { Literal, Operand, OperandObject, Rule, Test } from "./tree.ts";

export type Slot = "none" | "text" | "number" | "list" | "length" | "date";
export type OperatorGroup = "known" | "text" | "number" | "flag" | "time";

export interface Operator {
  id: string;
  group: OperatorGroup;
  slot: Slot;
  write: (left: OperandObject, check: Check) => Rule;
}

const COMPARISONS: Record<string, string> = {
  eq: "=",
  ne: "!=",
  gt: ">",
  ge: ">=",
  lt: "<",
  le: "<=",
};
const TEXTS: Record<string, string> = {
  is: "=",
  "is-not": "!=",
  contains: "contains",
  "starts-with": "starts with",
  "ends-with": "ends with",
  matches: "matches",
};
/** Each with the comparison, and whether the moment lies before or after now. */
const MOMENTS: Record<string, [operator: string, sign: string]> = {
  last: [">", "-"],
  ago: ["<", "-"],
  next: ["<", ""],
  ahead: [">", ""],
};
const DAYS = ["days_since", "days_until"] as const;

export const spanOf = ({ count, unit }: Length) => `${count} ${unit}${count === 1 ? "" : "s"}`;

export function readLength(text: string): Length | null {
  const found = /^-?(\d+) (second|minute|hour|day|week)s?$/.exec(text);
  return found ? { count: Number(found[1]), unit: found[2] as Unit } : null;
}

const operator = (
  id: string,
  group: OperatorGroup,
  slot: Slot,
  write: Operator["write"],
): Operator => ({ id, group, slot, write });

/** In the order of the menu. */
export const OPERATORS: Operator[] = [
  ...["is", "is-not"].map((id) =>
    operator(id, "text", "text", (left, { text }) => ({
      left,
      operator: TEXTS[id]!,
      right: text,
    })),
  ),
  operator("any-of", "text", "list", (left, { list }) => ({ left, operator: "in", right: list })),
  operator("none-of", "text", "list", (left, { list }) => ({
    left,
    operator: "not in",
    right: list,
  })),
  ...["contains", "starts-with", "ends-with", "matches"].map((id) =>
    operator(id, "text", "text", (left, { text }) => ({
      left,
      operator: TEXTS[id]!,
      right: text,
    })),
  ),
  operator("contains-not", "text", "text", (left, { text }) => ({
    not: { left, operator: "contains", right: text },
  })),
  ...Object.entries(COMPARISONS).map(([id, comparison]) =>
    operator(id, "number", "number", (left, { number }) => ({
      left,
      operator: comparison,
      right: Number(number),
    })),
  ),
  operator("yes", "flag", "none", (left) => ({ left, operator: "is true" })),
  operator("no", "flag", "none", (left) => ({ left, operator: "=", right: false })),
  operator("not", "flag", "none", (left) => ({ not: { left, operator: "is true" } })),
  ...Object.entries(MOMENTS).map(([id, [comparison, sign]]) =>
    operator(id, "time", "length", (left, { length }) => ({
      left,
      operator: comparison,
      right: { now: [], shift: [sign + spanOf(length)] },
    })),
  ),
  operator("after", "time", "date", (left, { date }) => ({
    left,
    operator: ">=",
    right: { time: date },
  })),
  operator("before", "time", "date", (left, { date }) => ({
    left,
    operator: "<",
    right: { time: date },
  })),
  operator("anniversary", "time", "length", (left, { length }) => ({
    left: { anniversary: left.trait },
    operator: "<=",
    right: { now: [], shift: [spanOf(length)] },
  })),
  ...DAYS.flatMap((days) =>
    ["eq", "ge", "le"].map((id) =>
      operator(`${days}-${id}`, "time", "number", (left, { number }) => ({
        left: { [days]: left },
        operator: COMPARISONS[id]!,
        right: Number(number),
      })),
    ),
  ),
  operator("exists", "known", "none", (left) => ({ left, operator: "exists" })),
  operator("missing", "known", "none", (left) => ({ left, operator: "is missing" })),
];

const BY_ID = new Map(OPERATORS.map((one) => [one.id, one]));
export const operatorOf = (id: string): Operator => BY_ID.get(id) ?? OPERATORS[0]!;

const GROUPS: Record<Holds, OperatorGroup[]> = {
  any: ["text", "number", "flag", "time", "known"],
  text: ["text", "known"],
  number: ["number", "known"],
  time: ["time", "known"],
  flag: ["flag", "known"],
  membership: ["flag"],
  consent: ["flag", "known"],
};

/** The operators for what a subject holds, in the order of the menu. */
export function operatorsFor(subject: SubjectType, holds: Holds): Operator[] {
  if (subject === "hour") return OPERATORS.filter(({ group }) => group === "number");
  if (subject === "weekday")
    return OPERATORS.filter(({ id }) => ["is", "is-not", "any-of", "none-of"].includes(id));
  return OPERATORS.filter(({ id, group }) => {
    if (!GROUPS[holds].includes(group)) return false;
    if (id === "anniversary") return subject === "trait";
    if (id === "not") return holds === "membership";
    if (id === "no") return holds !== "membership";
    if (id === "missing" || id === "exists") return holds !== "consent" || id === "missing";
    return true;
  });
}

/** The fact of a test with the check about it, where the builder has inputs for both. */
export function readTest(rule: Rule): { fact: OperandObject; check: Check } | null {
  if (typeof rule !== "object") return null;
  if ("not" in rule) {
    const inner = rule.not;
    if (typeof inner !== "object" || !("left" in inner) || !isFact(inner.left)) return null;
    if (inner.operator === "contains" && typeof inner.right === "string")
      return { fact: inner.left, check: newCheck("contains-not", { text: inner.right }) };
    const member = ["audience", "account_persons", "sequence", "reachable"].some(
      (name) => name in (inner.left as object),
    );
    if (inner.operator === "is true" && member) return { fact: inner.left, check: newCheck("not") };
    return null;
  }
  if (!("left" in rule)) return null;
  const wrapped = unwrap(rule.left);
  if (wrapped === null) return null;
  const check = readCheck(rule, wrapped.wrapper);
  return check && { fact: wrapped.fact, check };
}

function isFact(operand: Operand): operand is OperandObject {
  if (typeof operand !== "object" || "shift" in operand) return false;
  return !["time", "now", "literal", "days_since", "days_until"].some((name) => name in operand);
}

function unwrap(left: Operand): { fact: OperandObject; wrapper: string } | null {
  if (typeof left !== "object" || "shift" in left) return null;
  for (const days of DAYS) {
    if (!(days in left)) continue;
    const inner = (left as OperandObject)[days] as Operand;
    return isFact(inner) ? { fact: inner, wrapper: days } : null;
  }
  if ("anniversary" in left)
    return { fact: { trait: (left as OperandObject).anniversary }, wrapper: "anniversary" };
  return isFact(left) ? { fact: left, wrapper: "" } : null;
}

function readCheck({ operator: word, right }: Test, wrapper: string): Check | null {
  const comparison = Object.entries(COMPARISONS).find(([, symbol]) => symbol === word)?.[0];
  if (wrapper.startsWith("days_")) {
    if (typeof right !== "number") return null;
    if (comparison === "gt" && Number.isInteger(right))
      return newCheck(`${wrapper}-ge`, { number: right + 1 });
    if (comparison === "lt" && Number.isInteger(right))
      return newCheck(`${wrapper}-le`, { number: right - 1 });
    return comparison && BY_ID.has(`${wrapper}-${comparison}`)
      ? newCheck(`${wrapper}-${comparison}`, { number: right })
      : null;
  }
  const moment = momentOf(right);
  if (wrapper === "anniversary") {
    const ahead = moment !== null && moment.sign === "" && word === "<=";
    return ahead ? newCheck("anniversary", { length: moment.length }) : null;
  }
  if (word === "is true") return newCheck("yes");
  if (word === "exists") return newCheck("exists");
  if (word === "is missing") return newCheck("missing");
  if (word === "in" || word === "not in") {
    const id = word === "in" ? "any-of" : "none-of";
    return Array.isArray(right) && right.every((one) => typeof one !== "object")
      ? newCheck(id, { list: right })
      : null;
  }
  if (typeof right === "string") {
    const id = Object.entries(TEXTS).find(([, symbol]) => symbol === word)?.[0];
    return id ? newCheck(id, { text: right }) : null;
  }
  if (typeof right === "number") return comparison ? newCheck(comparison, { number: right }) : null;
  if (right === true) return word === "=" ? newCheck("yes") : null;
  if (right === false) return word === "=" ? newCheck("no") : null;
  if (moment) {
    const id = Object.entries(MOMENTS).find(
      ([, [symbol, sign]]) => symbol === word && sign === moment.sign,
    )?.[0];
    return id ? newCheck(id, { length: moment.length }) : null;
  }
  const date = dateOf(right);
  if (date && word === ">=") return newCheck("after", { date });
  return date && word === "<" ? newCheck("before", { date }) : null;
}

function momentOf(right: Test["right"]): { sign: string; length: Length } | null {
  if (typeof right !== "object" || Array.isArray(right) || !("now" in right)) return null;
  const [shift, ...more] = (right as OperandObject).shift ?? [];
  if (shift === undefined || more.length > 0) return null;
  const length = readLength(shift);
  return length && { sign: shift.startsWith("-") ? "-" : "", length };
}

function dateOf(right: Test["right"]): string | null {
  if (typeof right !== "object" || Array.isArray(right) || !("time" in right)) return null;
  const time = (right as { time: Literal }).time;
  return typeof time === "string" && /^\d{4}-\d\d-\d\d$/.test(time) ? time : null;
}

export const unitsAbove = (least: Unit): Unit[] => UNITS.slice(UNITS.indexOf(least)) as Unit[];
