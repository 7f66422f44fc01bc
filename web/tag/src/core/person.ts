/** Who the visitor is to this browser: learned ids, changes of user, and being forgotten. */
import { mayStore } from "./consent.ts";
import { nobody, type TagEvent } from "./event.ts";
import { step, type Effect, type State, type Step } from "./state.ts";

/** A second user on one browser gets a new anonymous id: two people must not become one. */
export function identify(state: State, userId: string | undefined, freshId: string): Step {
  if (!userId) return step(state);
  const old = state.person.userId;
  const done = old && old !== userId ? reset(state, freshId) : step(state);
  return { ...done, state: { ...done.state, person: { ...done.state.person, userId } } };
}

/** The next person on this browser, unrelated to the one before. */
export function reset(state: State, freshId: string): Step {
  const asking: Effect[] = mayStore(state.consent)
    ? [{ do: "visitor", anonymousId: freshId, reset: true }]
    : [];
  return step({ ...state, person: nobody(freshId), visitorUntil: 0 }, ...asking);
}

/** Consent is missing or withdrawn: nothing, not even a cookie, names the visitor any more. */
export function forget(state: State, freshId: string): Step {
  return step(
    { ...state, person: nobody(freshId), visitorUntil: 0 },
    { do: "forget-decisions" },
    { do: "visitor", anonymousId: null, reset: true },
  );
}

/** The server's cookie outlives the script's, so its answer wins over the id made here. */
export function adopt(state: State, asked: string, answered: string | null): Step {
  const { person, queue, flying } = state;
  if (asked !== person.anonymousId) return step(state);
  const anonymousId = answered || asked;
  const renamed = (event: TagEvent, index: number): TagEvent =>
    index >= flying && event.anonymousId === asked ? { ...event, anonymousId } : event;
  return step({
    ...state,
    visitorUntil: 0,
    person: { ...person, anonymousId },
    queue: queue.map(renamed),
  });
}
