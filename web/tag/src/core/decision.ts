/** Decisions as the server answers them, and their short-lived copy for repeat views. */
import type { Props } from "./config.ts";
import { DECISION_AGE_MAX_MS } from "./limits.ts";

export interface DecisionChoice {
  kind: string;
  id: string;
  content: Props;
  /** Of an offer that is theirs: `code`, `expires_at` and so on. */
  granted?: Props;
}

export interface Decision {
  placement: string;
  decision_id: string;
  choices: DecisionChoice[];
  fallback?: boolean;
}

export interface CachedDecision {
  at: number;
  /** The address and item the decision was made for. */
  key: string;
  decision: Decision;
}

/** Trusts nothing: an entry with an error, or without choices to read, is no decision. */
export function readDecisions(answer: unknown): Decision[] {
  const entries = (answer as { decisions?: unknown } | null)?.decisions;
  if (!Array.isArray(entries)) return [];
  return entries.filter(
    (entry) => entry && typeof entry.placement === "string" && Array.isArray(entry.choices),
  );
}

export function usable(cached: CachedDecision | undefined, key: string, now: number): boolean {
  if (!cached || cached.key !== key) return false;
  return now - cached.at >= 0 && now - cached.at < DECISION_AGE_MAX_MS;
}

export function reportProps(decision: Decision, choice: DecisionChoice): Props {
  return {
    decision_id: decision.decision_id,
    placement: decision.placement,
    choice_id: choice.id,
    kind: choice.kind,
  };
}
