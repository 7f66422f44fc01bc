/** A rule that is being edited, as blocks or as text; the server turns one into the other. */
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import type { ParsedRule } from "../api/audience-wire.ts";
import { parseQuery } from "../api/audiences.ts";
import { type Group, newGroup } from "./model.ts";
import { readRule } from "./read.ts";
import type { Rule } from "./tree.ts";
import { unfinished, writeRule } from "./write.ts";

const TYPING_PAUSE_MS = 350;
const HISTORY_MAX = 100;
/** Changes closer together than this are taken back together. */
const UNDO_PAUSE_MS = 700;

export type RuleView = "builder" | "text";
type Asked = { text: string } | { tree: Rule };

export interface EditedRule {
  view: RuleView;
  show: (view: RuleView) => void;
  /** Null until the text has been read for the first time, or while it cannot be. */
  root: Group | null;
  change: (root: Group) => void;
  undo: (() => void) | null;
  redo: (() => void) | null;
  text: string;
  write: (text: string) => void;
  /** Keys of what is not filled in. */
  lacking: string[];
  /** What the server made of it last. */
  parsed: ParsedRule | undefined;
  error: Error | null;
  /** `parsed` is about the rule as it stands. */
  current: boolean;
  /** The rule as text once the server has understood it, for the live count. */
  when: string | null;
  dirty: boolean;
  /** Back to how it was. */
  reset: () => void;
  /** Asks the server now, without waiting for typing to rest. */
  resolve: () => Promise<ParsedRule | "unfinished">;
}

export function useRule(initial: string): EditedRule {
  const queryClient = useQueryClient();
  const [view, setView] = useState<RuleView>("builder");
  const [text, setText] = useState(initial);
  const history = useHistory(initial.trim() ? null : newGroup());
  const { root } = history;
  /** The text the blocks were made from; after a change in the text they are made again. */
  const made = useRef(initial.trim() ? null : initial);

  const blocks = view === "builder" && made.current === text;
  const lacking = root ? unfinished(root) : [];
  const empty = blocks ? root?.parts.length === 0 : !text.trim();
  const asked: Asked | null =
    empty || (blocks && lacking.length > 0)
      ? null
      : blocks && root
        ? { tree: writeRule(root) }
        : { text };
  const written = JSON.stringify(asked);
  const [settled] = useDebouncedValue(written, TYPING_PAUSE_MS);
  const settledRule = JSON.parse(settled) as Asked | null;
  const query = useQuery({
    ...parseQuery(settledRule ?? { text: "" }),
    enabled: settledRule !== null,
    placeholderData: keepPreviousData,
  });
  const current =
    asked !== null && written === settled && !query.isPlaceholderData && query.data !== undefined;
  const parsed = asked === null && !blocks ? undefined : query.data;
  const understood = current && query.data?.tree != null;

  const read = useEffectEvent((answer: ParsedRule) => {
    if (view !== "builder" || made.current === text || answer.tree == null) return;
    made.current = text;
    history.begin(readRule(answer.tree));
  });
  useEffect(() => {
    if (current && query.data) read(query.data);
  }, [current, query.data, view]);

  function show(next: RuleView) {
    if (next === "text" && blocks && root !== history.first) {
      const latest = understood ? query.data!.text : text;
      made.current = latest;
      setText(latest);
    }
    if (next === "builder" && !text.trim() && made.current !== text) {
      made.current = text;
      history.begin(newGroup());
    }
    setView(next);
  }

  async function resolve(): Promise<ParsedRule | "unfinished"> {
    if (asked === null) return "unfinished";
    return queryClient.fetchQuery(parseQuery(asked));
  }

  function reset() {
    if (made.current === initial && history.first) history.begin(history.first);
    else made.current = initial.trim() ? null : initial;
    setText(initial);
  }

  return {
    view,
    show,
    root: blocks ? root : null,
    change: history.push,
    undo: history.undo,
    redo: history.redo,
    text,
    write: setText,
    lacking,
    parsed,
    error: query.error,
    current,
    when: understood ? query.data!.text : null,
    dirty: text !== initial || (made.current === text && root !== history.first),
    reset,
    resolve,
  };
}

interface Past {
  states: (Group | null)[];
  at: number;
}

function useHistory(start: Group | null) {
  const [past, setPast] = useState<Past>({ states: [start], at: 0 });
  const lastChange = useRef(0);
  const { states, at } = past;

  function push(root: Group) {
    const now = Date.now();
    const together = now - lastChange.current < UNDO_PAUSE_MS && at > 0;
    lastChange.current = now;
    setPast((before) => {
      const kept = before.states.slice(0, before.at + (together ? 0 : 1)).slice(-HISTORY_MAX);
      return { states: [...kept, root], at: kept.length };
    });
  }

  function begin(root: Group) {
    setPast({ states: [root], at: 0 });
  }

  const go = (step: number) => () => {
    lastChange.current = 0;
    setPast((before) => ({ ...before, at: before.at + step }));
  };
  return {
    root: states[at] ?? null,
    first: states[0] ?? null,
    push,
    begin,
    undo: at > 0 ? go(-1) : null,
    redo: at < states.length - 1 ? go(1) : null,
  };
}
