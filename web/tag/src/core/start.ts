/** The first state of a page, from what the browser remembers of earlier ones. */
import type { Config } from "./config.ts";
import { mayStore, resolve, type Choice } from "./consent.ts";
import { nobody, type Person, type TagEvent } from "./event.ts";
import { EVENT_AGE_MAX_MS, QUEUE_EVENTS_MAX, VISITOR_WAIT_MS } from "./limits.ts";
import { forget } from "./person.ts";
import { step, type State, type Step } from "./state.ts";

/** What the browser keeps from page to page: nothing but the choice, unless consent allows. */
export interface Memory {
  choice: Choice;
  person: Person | null;
  queue: readonly TagEvent[];
}

export interface Found extends Memory {
  /** Global Privacy Control or Do Not Track. */
  signal: boolean;
  /** Brought by a decorated link from another domain of the same site. */
  linkedId: string | null;
  /** The server already set its cookie in this browser session. */
  visited: boolean;
}

export function start(config: Config, found: Found, freshId: string, now: number): Step {
  const { choice, signal, person, linkedId, visited } = found;
  const consent = resolve(config.consent, choice, signal);
  const base: State = {
    config,
    consent,
    person: nobody(freshId),
    buffer: [],
    queue: [],
    flying: 0,
    flushAt: 0,
    retryAt: 0,
    attempts: 0,
    visitorUntil: 0,
  };
  // Something may have been stored under an earlier consent that no longer stands.
  if (!mayStore(consent)) return person ? forget(base, freshId) : step(base);
  const queue = found.queue
    .filter((event) => now - Date.parse(event.timestamp) < EVENT_AGE_MAX_MS)
    .slice(-QUEUE_EVENTS_MAX);
  const known = person || (linkedId && nobody(linkedId));
  if (!known) return introduce({ ...base, queue }, now + VISITOR_WAIT_MS);
  // What a page before left behind may be all that the server will ever hear.
  const heard = queue.length ? undefined : known.anonymousId;
  const state = { ...base, queue, person: known, heard };
  return visited && person ? step(state) : introduce(state, 0);
}

/** Lets the server set its cookie; an id that was just made waits for the server's word. */
export function introduce(state: State, visitorUntil: number): Step {
  const { anonymousId } = state.person;
  return step(
    { ...state, visitorUntil },
    { do: "visitor", anonymousId, reset: false },
    { do: "wake", at: visitorUntil },
  );
}

export function remembered({ consent, person, queue }: State): Memory {
  const { choice } = consent;
  return mayStore(consent) ? { choice, person, queue } : { choice, person: null, queue: [] };
}
