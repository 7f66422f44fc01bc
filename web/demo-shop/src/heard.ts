/** What the tag told this page: the events it recorded and the decisions it was given. */

import type { Decision, SentEvent } from './kith.ts';

const EVENTS_MAX = 25;

let events: readonly SentEvent[] = [];
let decisions: ReadonlyMap<string, Decision> = new Map();
const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

export const heard = {
  get events(): readonly SentEvent[] {
    return events;
  },
  get decisions(): readonly Decision[] {
    return [...decisions.values()];
  },
  onChange(listener: () => void): void {
    listeners.add(listener);
  },
  /** A new page: the decisions of the last one no longer say why it looks as it does. */
  turnPage(): void {
    decisions = new Map();
    tell();
  },
  noteDecision(decision: Decision): void {
    decisions = new Map(decisions).set(decision.placement, decision);
    tell();
  },
  noteEvent(event: SentEvent): void {
    events = [event, ...events].slice(0, EVENTS_MAX);
    tell();
  },
};
