/** The event queue: what waits, what travels, what comes back and what is given up. */
import { allBatches, firstBatch, sizeOf } from "./batch.ts";
import { granted, mayStore, undecided } from "./consent.ts";
import type { TagEvent } from "./event.ts";
import {
  BACKOFF_FIRST_MS,
  BACKOFF_MAX_MS,
  BATCH_EVENTS_MAX,
  BATCH_WAIT_MS,
  BODY_BYTES_MAX,
  QUEUE_EVENTS_MAX,
} from "./limits.ts";
import type { Outcome } from "./outcome.ts";
import { step, type Effect, type State, type Step } from "./state.ts";

/** Takes an event as far as consent allows: into the queue, into the buffer, or nowhere. */
export function record(state: State, event: TagEvent, now: number): Step {
  if (granted(state.consent, "analytics")) return enqueue(state, [event], now);
  if (!undecided(state.consent)) return step(state);
  return step({ ...state, buffer: [...state.buffer, event].slice(-QUEUE_EVENTS_MAX) });
}

/** When there are too many, the oldest that is not already travelling goes. */
export function enqueue(state: State, events: readonly TagEvent[], now: number): Step {
  const { flying } = state;
  const fit = events.filter((event) => sizeOf(event) <= BODY_BYTES_MAX);
  const waiting = state.queue.slice(flying);
  const next = {
    ...state,
    queue: [
      ...state.queue.slice(0, flying),
      ...[...waiting, ...fit].slice(flying - QUEUE_EVENTS_MAX),
    ],
    flushAt: waiting.length ? state.flushAt : now + BATCH_WAIT_MS,
  };
  return step(next, ...fit.map((detail): Effect => ({ do: "tell", topic: "event", detail })));
}

/** Sends the next batch, or asks to be woken when it may go. */
export function pump(state: State, now: number): Step {
  if (state.flying || !state.queue.length) return step(state);
  const full = state.queue.length >= BATCH_EVENTS_MAX;
  const at = Math.max(state.retryAt, state.visitorUntil, full ? 0 : state.flushAt);
  if (now < at) return step(state, { do: "wake", at });
  const events = firstBatch(state.queue, BATCH_EVENTS_MAX);
  return step({ ...state, flying: events.length }, { do: "send", events });
}

export function afterSent(state: State, outcome: Outcome, random: number, now: number): Step {
  if (outcome === "done") {
    const queue = state.queue.slice(state.flying);
    const heard = state.queue[0]?.anonymousId;
    return step({ ...state, queue, heard, flying: 0, attempts: 0, retryAt: 0 });
  }
  const backoff = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** state.attempts);
  // Half fixed, half random: pages that failed together must not come back together.
  const wait = Math.max(outcome.retryAfterMs, backoff * (0.5 + random / 2));
  return step({ ...state, flying: 0, attempts: state.attempts + 1, retryAt: now + wait });
}

/**
 * Queued events that the next decision ought to know about. A page view is one only when nothing
 * else tells the server that there is such a visitor: nobody it knows gets the fallback alone.
 */
export function changesWaiting(state: State): TagEvent[] {
  const { queue, heard, person } = state;
  const acts = queue.filter((event) => !changesNothing(event));
  return acts.length || heard === person.anonymousId ? acts : queue.slice(-1);
}

/** Page views and the tag's own reports about decisions leave the next decision as it is. */
export function changesNothing({ type, event }: { type: string; event?: string }): boolean {
  return type === "page" || event === "Decision Viewed" || event === "Decision Timed Out";
}

/** Hands what waits to the browser, unless the next page can send it from storage. */
export function whenHidden(state: State, online: boolean, now: number): Step {
  const waiting = state.queue.slice(state.flying);
  const pointless = !online || now < state.retryAt;
  if (!waiting.length || (pointless && mayStore(state.consent))) return step(state);
  return step(state, { do: "beacon", batches: allBatches(waiting) });
}

export function afterBeacon(state: State, messageIds: readonly string[]): Step {
  const queue = state.queue.filter(
    (event, index) => index < state.flying || !messageIds.includes(event.messageId),
  );
  return step({ ...state, queue });
}
