/** One aggregate that is being edited, as inputs or as text. */
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useState } from "react";
import type { ParsedRule, RuleError } from "../api/audience-wire.ts";
import { parseQuery } from "../api/audiences.ts";
import { type Aggregate, newAggregate } from "./model.ts";
import { readTest } from "./operators.ts";
import { readAggregateFact } from "./read.ts";
import type { Rule } from "./tree.ts";
import { isWhole, writeAggregate } from "./write.ts";

const TYPING_PAUSE_MS = 350;
/** Rules are what the server reads, so an aggregate is asked about as one: that it is known. */
const EXISTS = " exists";

export interface EditedAggregate {
  view: "builder" | "text";
  show: (view: "builder" | "text") => void;
  aggregate: Aggregate | null;
  change: (aggregate: Aggregate) => void;
  text: string;
  write: (text: string) => void;
  errors: RuleError[];
  error: Error | null;
  current: boolean;
  /** Its text, once the server has understood it. */
  value: string | null;
  dirty: boolean;
  reset: () => void;
  /** Null: it is not whole, or not understood. */
  resolve: () => Promise<string | null>;
}

export function useAggregate(initial: string): EditedAggregate {
  const queryClient = useQueryClient();
  const [view, setView] = useState<"builder" | "text">("builder");
  const [text, setText] = useState(initial);
  const [aggregate, setAggregate] = useState<Aggregate | null>(initial ? null : newAggregate());
  const [touched, setTouched] = useState(false);

  const asked =
    view === "builder" && aggregate
      ? isWhole(aggregate)
        ? { tree: { left: { aggregate: writeAggregate(aggregate) }, operator: "exists" } as Rule }
        : null
      : text.trim()
        ? { text: text.trim() + EXISTS }
        : null;
  const written = JSON.stringify(asked);
  const [settled] = useDebouncedValue(written, TYPING_PAUSE_MS);
  const settledRule = JSON.parse(settled) as typeof asked;
  const query = useQuery({
    ...parseQuery(settledRule ?? { text: "" }),
    enabled: settledRule !== null,
    placeholderData: keepPreviousData,
  });
  const current =
    asked !== null && written === settled && !query.isPlaceholderData && query.data !== undefined;
  const value = current ? valueOf(query.data) : null;

  const read = useEffectEvent((answer: ParsedRule) => {
    if (view !== "builder" || aggregate !== null) return;
    setAggregate(aggregateOf(answer));
  });
  useEffect(() => {
    if (current && query.data) read(query.data);
  }, [current, query.data, view]);

  return {
    view,
    show: (next) => {
      if (next === "text" && value !== null) setText(value);
      // What cannot be read as inputs stays a text.
      if (next === "builder") setAggregate(text.trim() ? null : newAggregate());
      setView(next);
    },
    aggregate,
    change: (next) => {
      setTouched(true);
      setAggregate(next);
    },
    text,
    write: (next) => {
      setTouched(true);
      setText(next);
    },
    errors: current ? (query.data?.errors ?? []) : [],
    error: query.error,
    current,
    value,
    dirty: touched && (value === null || value !== initial),
    reset: () => {
      setText(initial);
      setAggregate(initial ? null : newAggregate());
      setTouched(false);
    },
    resolve: async () =>
      asked === null ? null : valueOf(await queryClient.fetchQuery(parseQuery(asked))),
  };
}

function valueOf(answer: ParsedRule | undefined): string | null {
  if (answer?.tree == null || aggregateOf(answer) === null) return null;
  return answer.text.endsWith(EXISTS) ? answer.text.slice(0, -EXISTS.length) : null;
}

function aggregateOf({ tree }: ParsedRule): Aggregate | null {
  const test = tree === null ? null : readTest(tree);
  return test?.check.operator === "exists" ? readAggregateFact(test.fact) : null;
}
