/** What a decision's record says, made ready to be drawn. */
import type { ScoreTerms } from "../../api/decisions.ts";
import type { DecisionRecord, Loser } from "../../api/types.ts";

/** The steps in the order a decision takes them. */
const STEPS = [
  "not-scheduled",
  "excluded",
  "silenced",
  "unavailable",
  "not-eligible",
  "not-applicable",
  "not-suitable",
  "limit-reached",
  "below-floor",
  "not-relevant",
  "lower-priority",
  "over-limit",
];

export interface StepOfLosers {
  code: string;
  losers: Loser[];
}

/** What lost, by the step at which it fell out; a step this program does not know comes last. */
export function bySteps(losers: Loser[]): StepOfLosers[] {
  const groups = new Map<string, Loser[]>();
  for (const loser of losers) {
    groups.set(loser.code, [...(groups.get(loser.code) ?? []), loser]);
  }
  const place = (code: string) => (STEPS.includes(code) ? STEPS.indexOf(code) : STEPS.length);
  return [...groups]
    .map(([code, all]) => ({ code, losers: all }))
    .sort((one, other) => place(one.code) - place(other.code));
}

/** By how much a loser missed the last place, where it was ranked at all. */
export function behind(loser: Loser, record: DecisionRecord): number | undefined {
  const { choices, fallback } = record.decision;
  const scores = choices.map(({ score }) => score);
  if (loser.score === undefined || fallback || scores.length === 0) return undefined;
  const missed = Math.min(...scores) - loser.score;
  return missed > 0 ? missed : undefined;
}

/** The greatest score of all that were ranked: every bar is drawn against it. */
export function greatestScore({ decision, losers }: DecisionRecord): number {
  const ranked = [...decision.choices, ...losers].map(({ score }) => score ?? 0);
  return Math.max(0, ...ranked);
}

export const TERMS = ["propensity", "context", "value", "lever"] as const;

/** The greatest of each term: a bar tells how a term compares within the decision. */
export function greatestTerms({ decision, losers }: DecisionRecord): ScoreTerms {
  const all = [...decision.choices, ...losers].flatMap(({ terms }) => (terms ? [terms] : []));
  const most = (term: keyof ScoreTerms) => Math.max(0, ...all.map((terms) => terms[term]));
  const [propensity, context] = [most("propensity"), most("context")];
  return { propensity, context, value: most("value"), lever: most("lever") };
}

/** A share of a greatest figure, from 0 to 1. */
export function part(value: number, of: number): number {
  return of > 0 ? Math.max(0, Math.min(1, value / of)) : 0;
}

export interface Difference {
  at: string;
  kept: string;
  again: string;
}

/** Differences that are listed; one that matters shows among the first. */
const DIFFERENCES_MAX = 20;

export type Compared = { same: true; bytes: number } | { same: false; differences: Difference[] };

/** Compares two records byte for byte; where they differ, member for member. */
export function compare(kept: string, again: string): Compared {
  if (kept === again) return { same: true, bytes: new TextEncoder().encode(kept).length };
  const differences: Difference[] = [];
  walk("", JSON.parse(kept), JSON.parse(again), differences);
  return { same: false, differences };
}

function walk(at: string, kept: unknown, again: unknown, found: Difference[]): void {
  if (found.length >= DIFFERENCES_MAX) return;
  if (isObject(kept) && isObject(again)) {
    for (const name of new Set([...Object.keys(kept), ...Object.keys(again)])) {
      const below = Array.isArray(kept) ? `${at}[${name}]` : at ? `${at}.${name}` : name;
      walk(below, kept[name], again[name], found);
    }
    return;
  }
  const [one, other] = [JSON.stringify(kept), JSON.stringify(again)];
  if (one !== other) found.push({ at, kept: one ?? "–", again: other ?? "–" });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** A decision's id as somebody pastes it, perhaps within an address. */
export function decisionIdIn(text: string): string {
  const pasted = text.trim().replace(/[?#].*$/, "");
  return decodeURIComponent(pasted.slice(pasted.lastIndexOf("/") + 1));
}
