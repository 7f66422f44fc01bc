/** The one door of the core: `reduce(state, input, now)` gives the next state and the effects. */
import type { Call } from "./call.ts";
import { granted, mayStore, resolve, undecided, type Choice } from "./consent.ts";
import { buildEvent, type Recorded } from "./event.ts";
import { VISITOR_WAIT_MS } from "./limits.ts";
import { adopt, forget, identify, reset } from "./person.ts";
import { afterBeacon, afterSent, changesNothing, enqueue } from "./queue.ts";
import { pump, record, whenHidden } from "./queue.ts";
import { introduce } from "./start.ts";
import { andThen, step, type Fresh, type Input, type State, type Step } from "./state.ts";

export function reduce(state: State, input: Input, now: number): Step {
  const done = handle(state, input, now);
  const leaving = input.on === "hidden" || input.on === "beaconed";
  return leaving ? done : andThen(done, (next) => pump(next, now));
}

function handle(state: State, input: Input, now: number): Step {
  switch (input.on) {
    case "call":
      return onCall(state, input.call, input.fresh, now);
    case "consent":
      return onConsent(state, input.choice, input.fresh, now);
    case "wake":
      return step(now < state.visitorUntil ? state : { ...state, visitorUntil: 0 });
    case "flush":
      return step({ ...state, flushAt: now });
    case "sent":
      return afterSent(state, input.outcome, input.random, now);
    case "hidden":
      return whenHidden(state, input.online, now);
    case "beaconed":
      return afterBeacon(state, input.messageIds);
    case "visitor":
      return adopt(state, input.asked, input.answered);
  }
}

function onCall(state: State, call: Call, fresh: Fresh, now: number): Step {
  if (call.type === "reset") return changing(reset(state, fresh.anonymousId));
  const named = names(state, call, fresh);
  const done = andThen(named, (next) => record(next, buildEvent(call, next, fresh, now), now));
  return changesNothing(call) ? done : changing(done);
}

function names(state: State, call: Recorded, fresh: Fresh): Step {
  if (call.type === "identify") return identify(state, call.userId, fresh.anonymousId);
  if (call.type !== "group") return step(state);
  return step({ ...state, person: { ...state.person, groupId: call.groupId } });
}

function changing({ state, effects }: Step): Step {
  return { state, effects: [...effects, { do: "forget-decisions" }] };
}

function onConsent(state: State, given: Choice, fresh: Fresh, now: number): Step {
  const before = state.consent;
  const choice = { ...before.choice, ...given };
  if (Object.keys(given).every((category) => before.choice[category] === given[category])) {
    return step(state);
  }
  const consent = resolve(state.config.consent, choice, before.signal);
  const { categories } = consent;
  const open = granted(consent, "analytics");
  const decided = { ...state, consent, buffer: undecided(consent) ? state.buffer : [] };
  const updated: Recorded = {
    type: "track",
    event: "Consent Updated",
    properties: { categories },
  };
  const event = buildEvent(updated, decided, fresh, now);
  // A refusal by somebody who was never known is nobody's event.
  const known = open || granted(before, "analytics") || mayStore(consent) || mayStore(before);
  const events = [...(known ? [event] : []), ...(open ? state.buffer : [])];
  const told = step(decided, { do: "tell", topic: "consent", detail: categories });
  const recorded = andThen(told, (next) => enqueue(next, events, now));
  return changing(andThen(recorded, (next) => afterConsent(next, before, fresh, now)));
}

function afterConsent(state: State, before: State["consent"], fresh: Fresh, now: number): Step {
  const may = mayStore(state.consent);
  if (may === mayStore(before)) return step(state);
  return may
    ? introduce(state, now + VISITOR_WAIT_MS)
    : forget({ ...state, flushAt: now }, fresh.anonymousId);
}
