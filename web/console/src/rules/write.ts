/** The builder's rule as a tree, and what it still lacks. */
import type { Aggregate, Check, Condition, Events, Group, Length, Part, Subject } from "./model.ts";
import { hasKeys, propertyOf } from "./model.ts";
import { operatorOf, spanOf } from "./operators.ts";
import type { AggregateTree, EventsTree, FilterTree, OperandObject, Rule } from "./tree.ts";

/** Only for a rule without `unfinished` parts. */
export function writeRule(part: Part): Rule {
  if (part.kind === "fixed") return part.rule;
  if (part.kind === "condition") return writeCondition(part);
  const parts = part.parts.map(writeRule);
  if (part.mode === "all") return { all: parts };
  const any: Rule = parts.length === 1 ? parts[0]! : { any: parts };
  return part.mode === "any" ? any : { not: any };
}

function writeCondition({ subject, check }: Condition): Rule {
  return operatorOf(check.operator).write(writeSubject(subject), check);
}

const pathOf = (name: string) => name.trim().split(".");

function writeSubject(subject: Subject): OperandObject {
  switch (subject.type) {
    case "trait":
    case "account":
    case "property":
    case "context":
      return { [subject.type]: pathOf(subject.name) };
    case "feature": {
      const [name, key] = [subject.name.trim(), subject.key.trim()];
      return key ? { feature_key: [name, key] } : { feature: name };
    }
    case "account_persons":
      return { account_persons: [subject.quantifier, subject.name.trim()] };
    case "affinity":
      return { affinity: [subject.dimension, subject.name.trim()] };
    case "hour":
      return { local_hour: [] };
    case "weekday":
      return { local_weekday: [] };
    case "aggregate":
      return { aggregate: writeAggregate(subject.aggregate) };
    case "sequence": {
      const { steps, absent, window } = subject.sequence;
      return {
        sequence: {
          steps: steps.map((step, index) => ({
            ...writeFilter(step),
            ...(index > 0 && step.within && { within: spanOf(step.within) }),
          })),
          ...(absent?.within && {
            absent: { ...writeFilter(absent), within: spanOf(absent.within) },
          }),
          window: spanOf(window),
        },
      };
    }
    default:
      return { [subject.type]: subject.name.trim() };
  }
}

export function writeAggregate(aggregate: Aggregate): AggregateTree {
  const { window, of, most, by, key } = aggregate;
  const windows = {
    ever: () => undefined,
    rolling: () => window.type === "rolling" && spanOf(window.length),
    calendar: () => window.type === "calendar" && window.name,
    days: () => window.type === "days" && `last ${window.count} calendar days`,
  };
  const text = windows[window.type]();
  return {
    function: aggregate.function,
    ...writeFilter(aggregate),
    ...(propertyOf(aggregate.function) !== "never" && of.trim() && { of: pathOf(of) }),
    ...(aggregate.function === "top" && typeof most === "number" && most > 1 && { most }),
    ...(hasKeys(aggregate.function) &&
      by !== null && { by: pathOf(by), ...(key.trim() && { key: key.trim() }) }),
    ...(text && { window: text }),
  };
}

function writeFilter({ events, where }: { events: Events; where: Group | null }): FilterTree {
  const asked = where !== null && where.parts.length > 0;
  return { events: writeEvents(events), ...(asked && { where: writeRule(where) }) };
}

function writeEvents({ kind, name }: Events): EventsTree {
  if (kind === "any") return "any";
  const named = kind !== "identify" && name.trim();
  return named ? { kind, name: named } : { kind };
}

/** Keys of the conditions, groups and steps that lack something. */
export function unfinished(part: Part): string[] {
  if (part.kind === "fixed") return [];
  if (part.kind === "group")
    return part.parts.length === 0 ? [part.key] : part.parts.flatMap(unfinished);
  const { key, subject, check } = part;
  const inner = unfinishedInside(subject);
  return lacksValue(check) || lacksName(subject) ? [key, ...inner] : inner;
}

/** The key of an aggregate that stands alone is of no interest, only whether it is whole. */
export function isWhole(aggregate: Aggregate): boolean {
  const subject: Subject = { type: "aggregate", aggregate };
  return !lacksName(subject) && unfinishedInside(subject).length === 0;
}

const lacksLength = ({ count }: Length) => count === "" || count <= 0;
const lacksEvents = ({ kind, name }: Events) => kind === "track" && !name.trim();

function lacksName(subject: Subject): boolean {
  switch (subject.type) {
    case "hour":
    case "weekday":
      return false;
    case "aggregate": {
      const { events, of, most, by, window, function: name } = subject.aggregate;
      if (name === "top" && most === "") return true;
      if (hasKeys(name) && by !== null && !by.trim()) return true;
      if (window.type === "rolling" && lacksLength(window.length)) return true;
      if (window.type === "days" && !window.count) return true;
      return lacksEvents(events) || (propertyOf(name) === "must" && !of.trim());
    }
    case "sequence":
      return subject.sequence.steps.length === 0 || lacksLength(subject.sequence.window);
    case "affinity":
      return !subject.dimension.trim() || !subject.name.trim();
    default:
      return !subject.name.trim();
  }
}

function unfinishedInside(subject: Subject): string[] {
  const inGroup = (where: Group | null) => where?.parts.flatMap(unfinished) ?? [];
  if (subject.type === "aggregate") return inGroup(subject.aggregate.where);
  if (subject.type !== "sequence") return [];
  const { steps, absent } = subject.sequence;
  const lacking = steps.filter(
    (step, index) =>
      lacksEvents(step.events) || (index > 0 && step.within !== null && lacksLength(step.within)),
  );
  const missing =
    absent && (lacksEvents(absent.events) || !absent.within || lacksLength(absent.within));
  return [
    ...lacking.map((step) => step.key),
    ...(missing ? [absent.key] : []),
    ...[...steps, ...(absent ? [absent] : [])].flatMap((step) => inGroup(step.where)),
  ];
}

function lacksValue(check: Check): boolean {
  const missing = {
    none: () => false,
    text: () => check.text === "",
    number: () => check.number === "",
    list: () => check.list.length === 0,
    length: () => lacksLength(check.length),
    date: () => !check.date,
  };
  return missing[operatorOf(check.operator).slot]();
}
