/** The tree of a rule as the builder shows it. */
import {
  type Aggregate,
  CALENDARS,
  type Calendar,
  type Events,
  FUNCTIONS,
  type FunctionName,
  type Group,
  newAggregate,
  newGroup,
  newKey,
  type Part,
  QUANTIFIERS,
  type Sequence,
  type Step,
  type Subject,
  type Window,
} from "./model.ts";
import { readLength, readTest } from "./operators.ts";
import type {
  AggregateTree,
  EventsTree,
  FilterTree,
  OperandObject,
  Rule,
  SequenceTree,
  StepTree,
} from "./tree.ts";

/** The outermost group; a rule that is no group becomes the only part of one. */
export function readRule(rule: Rule): Group {
  if (rule === true) return newGroup();
  const part = readPart(rule);
  return part.kind === "group" ? part : newGroup("all", [part]);
}

function readPart(rule: Rule): Part {
  const fixed: Part = { kind: "fixed", key: newKey(), rule };
  if (typeof rule !== "object") return fixed;
  if ("all" in rule) return newGroup("all", rule.all.map(readPart));
  if ("any" in rule) return newGroup("any", rule.any.map(readPart));
  const test = readTest(rule);
  const subject = test && readSubject(test.fact);
  if (subject) return { kind: "condition", key: newKey(), subject, check: test.check };
  if (!("not" in rule)) return fixed;
  const inner = readPart(rule.not);
  if (inner.kind === "group" && inner.mode === "any") return { ...inner, mode: "none" };
  return newGroup("none", [inner]);
}

function readSubject(fact: OperandObject): Subject | null {
  const [[type, value] = ["", null]] = Object.entries(fact) as [string, unknown][];
  switch (type) {
    case "trait":
    case "account":
    case "property":
    case "context": {
      const parts = typeof value === "string" ? [value] : (value as string[]);
      // A dot inside a name cannot be told from one between names.
      return parts.some((part) => part.includes(".")) ? null : { type, name: parts.join(".") };
    }
    case "feature":
      return { type, name: String(value), key: "" };
    case "feature_key": {
      const [name = "", key = ""] = value as string[];
      return { type: "feature", name, key };
    }
    case "consent":
    case "identifier":
    case "reachable":
    case "audience":
      return { type, name: String(value) };
    case "account_persons": {
      const [word, name = ""] = value as string[];
      const quantifier = QUANTIFIERS.find((known) => known === word);
      return quantifier ? { type: "account_persons", quantifier, name } : null;
    }
    case "affinity": {
      const [dimension = "", name = ""] = value as string[];
      return { type: "affinity", dimension, name };
    }
    case "local_hour":
      return { type: "hour" };
    case "local_weekday":
      return { type: "weekday" };
    case "count":
    case "sum":
    case "first":
    case "last":
      return {
        type: "aggregate",
        aggregate: newAggregate({ function: type, events: { kind: "track", name: String(value) } }),
      };
    case "aggregate": {
      const aggregate = readAggregate(value as AggregateTree);
      return aggregate && { type: "aggregate", aggregate };
    }
    case "sequence": {
      const sequence = readSequence(value as SequenceTree);
      return sequence && { type: "sequence", sequence };
    }
    default:
      return null;
  }
}

/** An aggregate as it stands in a tree under any of its names. */
export function readAggregateFact(fact: OperandObject): Aggregate | null {
  const subject = readSubject(fact);
  return subject?.type === "aggregate" ? subject.aggregate : null;
}

function readAggregate(tree: AggregateTree): Aggregate | null {
  const window = readWindow(tree.window);
  const filter = readFilter(tree);
  if (!window || !filter || !FUNCTIONS.includes(tree.function as FunctionName)) return null;
  return {
    function: tree.function as FunctionName,
    ...filter,
    of: (tree.of ?? []).join("."),
    most: tree.most ?? 1,
    by: tree.by?.join(".") ?? null,
    key: tree.key ?? "",
    window,
  };
}

function readWindow(text: string | undefined): Window | null {
  if (text === undefined) return { type: "ever" };
  if (CALENDARS.includes(text as Calendar)) return { type: "calendar", name: text as Calendar };
  const days = /^last (\d+) calendar days?$/.exec(text);
  if (days) return { type: "days", count: Number(days[1]) };
  const length = readLength(text);
  return length && { type: "rolling", length };
}

function readFilter(tree: FilterTree): { events: Events; where: Group | null } | null {
  const events = readEvents(tree.events);
  return events && { events, where: tree.where === undefined ? null : readRule(tree.where) };
}

const KINDS = ["track", "page", "screen", "identify"];

function readEvents(tree: EventsTree): Events | null {
  if (tree === "any") return { kind: "any", name: "" };
  if (!KINDS.includes(tree.kind)) return null;
  return { kind: tree.kind as Events["kind"], name: tree.name ?? "" };
}

function readSequence(tree: SequenceTree): Sequence | null {
  const steps = tree.steps.map(readStep);
  const absent = tree.absent ? readStep(tree.absent) : null;
  const window = readLength(tree.window);
  if (!window || (tree.absent && !absent)) return null;
  const known = steps.filter((step) => step !== null);
  return known.length === steps.length ? { steps: known, absent, window } : null;
}

function readStep(tree: StepTree): Step | null {
  const filter = readFilter(tree);
  const within = tree.within === undefined ? null : readLength(tree.within);
  return filter && { key: newKey(), ...filter, within };
}
