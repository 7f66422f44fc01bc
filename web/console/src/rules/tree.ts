/** The JSON tree of a rule, as the server reads and writes it. */

export type Rule = boolean | { all: Rule[] } | { any: Rule[] } | { not: Rule } | Test;

export interface Test {
  left: Operand;
  operator: string;
  right?: Operand | Literal[];
}

export type Literal = string | number | boolean | { time: string };

/** A literal, or an object with one fact (or `now`, `days_since`…), and `shift` beside it. */
export type Operand = Literal | OperandObject;
export interface OperandObject {
  shift?: string[];
  [member: string]: unknown;
}

export type EventsTree = "any" | { kind: string; name?: string };

export interface FilterTree {
  events: EventsTree;
  where?: Rule;
}

export interface AggregateTree extends FilterTree {
  function: string;
  of?: string[];
  most?: number;
  by?: string[];
  key?: string;
  window?: string;
}

export interface StepTree extends FilterTree {
  within?: string;
}

export interface SequenceTree {
  steps: StepTree[];
  absent?: StepTree;
  window: string;
}
