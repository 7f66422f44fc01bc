/**
 * The tag's state, what can happen to it, and what it asks the browser to do.
 * Everything random or timed comes in with the input; everything done leaves as an effect, but
 * for storage: the browser keeps a copy of `remembered(state)`.
 */
import type { Call } from "./call.ts";
import type { Config } from "./config.ts";
import type { Choice, Consent } from "./consent.ts";
import type { Person, Surroundings, TagEvent } from "./event.ts";
import type { Outcome } from "./outcome.ts";

export interface State {
  readonly config: Config;
  readonly consent: Consent;
  readonly person: Person;
  /** Events recorded before anybody decided about analytics; never stored. */
  readonly buffer: readonly TagEvent[];
  readonly queue: readonly TagEvent[];
  /** How many events at the head of the queue are on their way. */
  readonly flying: number;
  /** When the waiting events must leave, though the batch is not full. */
  readonly flushAt: number;
  readonly retryAt: number;
  readonly attempts: number;
  /** The anonymous id under which the server has heard of this visitor. */
  readonly heard?: string | undefined;
  /** Until then events wait for the server's word on who this visitor is; 0 = known. */
  readonly visitorUntil: number;
}

/** Fresh random values and the surroundings, taken by the browser when something is recorded. */
export interface Fresh {
  messageId: string;
  anonymousId: string;
  around: Surroundings;
}

export type Input =
  | { on: "call"; call: Call; fresh: Fresh }
  | { on: "consent"; choice: Choice; fresh: Fresh }
  | { on: "wake" }
  | { on: "flush" }
  | { on: "sent"; outcome: Outcome; random: number }
  | { on: "hidden"; online: boolean }
  | { on: "beaconed"; messageIds: string[] }
  | { on: "visitor"; asked: string; answered: string | null };

export type Effect =
  /** One request that may outlive the page; answered by the input `sent`. */
  | { do: "send"; events: readonly TagEvent[] }
  /** The page is going away; answered at once by the input `beaconed`. */
  | { do: "beacon"; batches: TagEvent[][] }
  | { do: "wake"; at: number }
  /** Ask the server to set its cookie, or to forget it first; answered by `visitor`. */
  | { do: "visitor"; anonymousId: string | null; reset: boolean }
  /** The visitor did something that may change what should be shown. */
  | { do: "forget-decisions" }
  | { do: "tell"; topic: "event"; detail: TagEvent }
  | { do: "tell"; topic: "consent"; detail: Choice };

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export function step(state: State, ...effects: Effect[]): Step {
  return { state, effects };
}

/** Runs `next` on what `done` left and keeps the effects of both, in order. */
export function andThen(done: Step, next: (state: State) => Step): Step {
  const after = next(done.state);
  return { state: after.state, effects: [...done.effects, ...after.effects] };
}
