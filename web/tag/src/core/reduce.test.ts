import { expect, test } from "vitest";
import { parseCall } from "./call.ts";
import { withDefaults } from "./config.ts";
import type { TagEvent } from "./event.ts";
import { QUEUE_EVENTS_MAX } from "./limits.ts";
import { changesWaiting } from "./queue.ts";
import { reduce } from "./reduce.ts";
import { remembered, start, type Found } from "./start.ts";
import type { Effect, Fresh, Input, State, Step } from "./state.ts";

const T0 = Date.parse("2026-11-01T00:00:00Z");
const KNOWN = { anonymousId: "known", userId: null, groupId: null };

/** One browser page: feeds inputs, keeps the state and prints effects in short. */
class Page {
  now = T0;
  count = 0;
  state: State;
  effects: string[] = [];

  constructor(found: Partial<Found> = {}, byDefault: "granted" | "denied" = "granted") {
    const categories = ["analytics", "personalization", "marketing"];
    const config = withDefaults({ consent: { default: byDefault, categories } }, "https://k");
    const nothing: Found = {
      choice: {},
      person: null,
      queue: [],
      signal: false,
      linkedId: null,
      visited: false,
    };
    const first = start(config, { ...nothing, ...found }, "made", T0);
    this.state = first.state;
    this.take(first);
  }

  /** The effects that this input caused, but for wishes to be woken and news for listeners. */
  on(input: Input): string {
    this.effects = [];
    this.take(reduce(this.state, input, this.now));
    return this.effects.filter((effect) => !/^(wake|tell|forget-decisions)/.test(effect)).join(" ");
  }

  call(...given: unknown[]): string {
    const call = parseCall(given[0], given[1], given[2]);
    if (!call) throw new Error(`no call: ${given}`);
    return this.on({ on: "call", call, fresh: this.fresh() });
  }

  consent(choice: Record<string, boolean>): string {
    return this.on({ on: "consent", choice, fresh: this.fresh() });
  }

  after(ms: number): string {
    this.now += ms;
    return this.on({ on: "wake" });
  }

  sent(outcome: "done" | number, random = 0): string {
    const read = outcome === "done" ? outcome : { retryAfterMs: outcome };
    return this.on({ on: "sent", outcome: read, random });
  }

  queue(): string {
    return this.state.queue.map((event) => event.event || event.type).join(" ");
  }

  private fresh(): Fresh {
    const page = { url: "https://s/", path: "/", title: "S", referrer: "", search: "" };
    const around = { page, locale: "en", timezone: "UTC", screen: { width: 1, height: 1 } };
    this.count++;
    return { messageId: `m${this.count}`, anonymousId: `fresh${this.count}`, around };
  }

  private take({ state, effects }: Step): void {
    this.state = state;
    this.effects.push(...effects.map(short));
  }
}

function short(effect: Effect): string {
  const names = (events: readonly TagEvent[]) =>
    events.map((event) => event.event || event.type).join(",");
  switch (effect.do) {
    case "send":
      return `send(${names(effect.events)})`;
    case "beacon":
      return `beacon(${effect.batches.map(names).join("|")})`;
    case "visitor":
      return `visitor(${effect.anonymousId}${effect.reset ? ",reset" : ""})`;
    case "wake":
      return `wake(${effect.at - T0})`;
    case "tell":
      return `tell(${effect.topic})`;
    case "forget-decisions":
      return "forget-decisions";
  }
}

function settled(): Page {
  return new Page({ person: KNOWN, visited: true });
}

function stale(hours: number): TagEvent {
  const timestamp = new Date(T0 - hours * 3_600_000).toISOString();
  const ids = { messageId: "x", anonymousId: "a" };
  return { type: "track", event: `h${hours}`, ...ids, timestamp, context: {} };
}

test("a batch leaves after two seconds, or when ten wait", () => {
  const page = settled();
  expect(page.call("track", "A")).toBe("");
  expect(page.after(1_999)).toBe("");
  expect(page.call("track", "B")).toBe("");
  expect(page.after(1)).toBe("send(A,B)");
  expect(page.sent("done")).toBe("");
  expect(page.queue()).toBe("");
  for (let count = 1; count < 10; count++) expect(page.call("track", "E")).toBe("");
  expect(page.call("track", "Last")).toBe("send(E,E,E,E,E,E,E,E,E,Last)");
});

test("one request at a time, and what came meanwhile follows", () => {
  const page = settled();
  page.call("track", "A");
  expect(page.on({ on: "flush" })).toBe("send(A)");
  expect(page.call("track", "B")).toBe("");
  expect(page.after(5_000)).toBe("");
  expect(page.sent("done")).toBe("send(B)");
});

test("failures wait longer each time, and as long as the server says", () => {
  const page = settled();
  page.call("track", "A");
  page.on({ on: "flush" });
  const waits = [0, 0, 0, 0, 0, 0, 0, 0].map(() => {
    page.sent(0, 1);
    const wait = page.state.retryAt - page.now;
    expect(page.after(wait - 1)).toBe("");
    expect(page.after(1)).toBe("send(A)");
    return wait;
  });
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1_000));
  page.sent(90_000);
  expect(page.state.retryAt - page.now).toBe(90_000);
  page.after(90_000);
  page.sent("done");
  expect([page.queue(), page.state.attempts, page.state.retryAt]).toEqual(["", 0, 0]);
});

test("the queue is bounded, and travelling events keep their place", () => {
  const page = settled();
  page.call("track", "First");
  page.on({ on: "flush" });
  for (let count = 0; count < 150; count++) page.call("track", `E${count}`);
  expect(page.state.queue).toHaveLength(QUEUE_EVENTS_MAX);
  expect(page.state.queue[0]?.event).toBe("First");
  expect(page.state.queue[1]?.event).toBe("E51");
});

test("an event no browser would send is dropped alone", () => {
  const page = settled();
  page.call("track", "Huge", { text: "x".repeat(70_000) });
  page.call("track", "Small");
  expect(page.queue()).toBe("Small");
});

test("a page that goes away hands over what waits, but not what travels", () => {
  const page = settled();
  expect(page.on({ on: "hidden", online: true })).toBe("");
  page.call("track", "A");
  page.on({ on: "flush" });
  page.call("track", "B");
  expect(page.on({ on: "hidden", online: true })).toBe("beacon(B)");
  expect(page.on({ on: "beaconed", messageIds: ["m1", "m2"] })).toBe("");
  expect(page.queue()).toBe("A");
});

test("offline, or asked to wait, the next page sends from storage", () => {
  const page = settled();
  page.call("track", "A");
  expect(page.on({ on: "hidden", online: false })).toBe("");
  page.on({ on: "flush" });
  page.sent(60_000);
  expect(page.on({ on: "hidden", online: true })).toBe("");
  expect(remembered(page.state).queue).toHaveLength(1);
  const unstored = new Page({ signal: true });
  unstored.call("track", "A");
  expect(unstored.on({ on: "hidden", online: false })).toBe("beacon(A)");
});

test("events of earlier pages are taken up, unless the server would count them twice", () => {
  const page = new Page({ person: KNOWN, visited: true, queue: [stale(24 * 8), stale(2)] });
  expect(page.queue()).toBe("h2");
  expect(page.on({ on: "wake" })).toBe("send(h2)");
});

test("a new visitor's events wait for the server's word, but not for ever", () => {
  const page = new Page();
  expect(page.effects).toEqual(["visitor(made)", "wake(1000)"]);
  page.call("track", "A");
  expect(page.on({ on: "flush" })).toBe("");
  expect(page.on({ on: "visitor", asked: "made", answered: "older" })).toBe("send(A)");
  expect(page.state.queue[0]?.anonymousId).toBe("older");
  expect(page.state.person.anonymousId).toBe("older");

  const unanswered = new Page();
  unanswered.call("track", "A");
  expect(unanswered.after(2_000)).toBe("send(A)");
  expect(unanswered.state.queue[0]?.anonymousId).toBe("made");
});

test("a known visitor waits for nothing, and the server's cookie is set once a session", () => {
  expect(new Page({ person: KNOWN }).effects[0]).toBe("visitor(known)");
  expect(settled().effects).toEqual([]);
  expect(new Page({ linkedId: "linked" }).effects[0]).toBe("visitor(linked)");
  expect(new Page({ linkedId: "linked", person: KNOWN }).state.person).toEqual(KNOWN);
});

test("an answer about somebody else is not taken", () => {
  const page = new Page();
  page.call("reset");
  page.on({ on: "visitor", asked: "made", answered: "older" });
  expect(page.state.person.anonymousId).toBe("fresh1");
});

test("two users on one browser are two people", () => {
  const page = settled();
  expect(page.call("identify", "1", { plan: "pro" })).toBe("");
  page.call("track", "A");
  expect(page.call("identify", "1")).toBe("");
  expect(page.call("identify", "2")).toBe("visitor(fresh4,reset)");
  const ids = page.state.queue.map((event) => `${event.anonymousId}/${event.userId}`);
  expect(ids).toEqual(["known/1", "known/1", "known/1", "fresh4/2"]);
  expect(page.call("identify", { email: "a@b.c" })).toBe("");
  expect(page.state.queue[4]).toMatchObject({ userId: "2", traits: { email: "a@b.c" } });
});

test("reset makes somebody new", () => {
  const page = settled();
  page.call("identify", "1");
  page.call("group", "acme");
  expect(page.call("reset")).toBe("visitor(fresh3,reset)");
  expect(page.state.person).toEqual({ anonymousId: "fresh3", userId: null, groupId: null });
});

test("events carry who, where and what was allowed", () => {
  const page = settled();
  page.call("group", "acme", { size: 3 });
  page.call("alias", "9");
  page.call("page", "Home", { a: 1 });
  const [group, alias, view] = page.state.queue;
  expect(group).toMatchObject({ type: "group", groupId: "acme", traits: { size: 3 } });
  expect(alias).toMatchObject({ type: "alias", userId: "9", previousId: "known" });
  expect(view).toMatchObject({ type: "page", name: "Home", properties: { path: "/", a: 1 } });
  expect(view).not.toHaveProperty("userId");
  expect(view?.timestamp).toBe("2026-11-01T00:00:00.000Z");
  expect(view?.context).toMatchObject({
    groupId: "acme",
    page: { url: "https://s/" },
    library: { name: "kith.js", version: "1" },
    consent: { categoryPreferences: { analytics: true } },
  });
});

test("before the choice events wait and nothing is stored; a yes sends them", () => {
  const page = new Page({}, "denied");
  expect(page.effects).toEqual([]);
  page.call("page");
  page.call("track", "A");
  expect([page.queue(), page.state.buffer.length]).toEqual(["", 2]);
  expect(remembered(page.state)).toEqual({ choice: {}, person: null, queue: [] });
  expect(page.on({ on: "hidden", online: true })).toBe("");
  expect(page.consent({ analytics: true })).toBe("visitor(made)");
  expect(page.queue()).toBe("Consent Updated page A");
  expect(page.on({ on: "visitor", asked: "made", answered: "made" })).toBe("");
  expect(page.after(2_000)).toBe("send(Consent Updated,page,A)");
  expect(remembered(page.state).person?.anonymousId).toBe("made");
});

test("the buffer is bounded too", () => {
  const page = new Page({}, "denied");
  for (let count = 0; count < 300; count++) page.call("track", "A");
  expect(page.state.buffer).toHaveLength(QUEUE_EVENTS_MAX);
});

test("a no by somebody unknown leaves no trace but the choice", () => {
  const page = new Page({}, "denied");
  page.call("page");
  expect(page.consent({ analytics: false, personalization: false })).toBe("");
  page.call("track", "A");
  expect([page.queue(), page.state.buffer.length]).toEqual(["", 0]);
  expect(remembered(page.state).choice).toEqual({ analytics: false, personalization: false });
});

test("a withdrawal is told once, under the old id, and then nobody is known", () => {
  const page = settled();
  page.call("identify", "1");
  const effects = page.consent({ analytics: false, personalization: false });
  expect(effects).toBe("visitor(null,reset) send(identify,Consent Updated)");
  expect(page.state.queue[1]).toMatchObject({ anonymousId: "known", userId: "1" });
  expect(page.state.person).toEqual({ anonymousId: "fresh2", userId: null, groupId: null });
  expect(remembered(page.state)).toMatchObject({ person: null, queue: [] });
  page.sent("done");
  page.call("track", "A");
  expect(page.queue()).toBe("");
});

test("the same choice again is no news", () => {
  const page = settled();
  page.consent({ analytics: true });
  const { queue } = page.state;
  expect(page.consent({ analytics: true })).toBe("");
  expect(page.state.queue).toBe(queue);
});

test("a browser signal sends without storing, and clears what was stored before", () => {
  const page = new Page({ signal: true });
  expect(page.effects).toEqual([]);
  page.call("track", "A");
  expect(page.after(2_000)).toBe("send(A)");
  expect(remembered(page.state)).toEqual({ choice: {}, person: null, queue: [] });
  const purged = new Page({ signal: true, person: KNOWN, queue: [stale(1)] });
  expect(purged.effects).toEqual(["forget-decisions", "visitor(null,reset)"]);
  expect([purged.state.person.anonymousId, purged.queue()]).toEqual(["made", ""]);
});

test("what the visitor does makes decisions stale; looking at pages does not", () => {
  const page = settled();
  const forgets = (...given: unknown[]) => {
    page.call(...given);
    return page.effects.includes("forget-decisions");
  };
  expect(forgets("page")).toBe(false);
  expect(forgets("track", "Decision Viewed", {})).toBe(false);
  expect(changesWaiting(page.state)).toEqual([]);
  expect(forgets("track", "Product Added", {})).toBe(true);
  expect(forgets("identify", "1")).toBe(true);
  expect(forgets("reset")).toBe(true);
  expect(changesWaiting(page.state).map((event) => event.type)).toEqual(["track", "identify"]);
});

test("a visitor the server has not heard of is introduced to decisions by the page view", () => {
  const waiting = (page: Page) => changesWaiting(page.state).map(({ messageId }) => messageId);
  const page = new Page();
  page.on({ on: "visitor", asked: "made", answered: "made" });
  page.call("page");
  page.call("page");
  expect(waiting(page)).toEqual(["m2"]);
  page.call("track", "Saved");
  expect(waiting(page)).toEqual(["m3"]);
  page.after(2_000);
  page.sent("done");
  page.call("page");
  expect(waiting(page)).toEqual([]);
  page.call("reset");
  page.call("page");
  expect(waiting(page)).toEqual(["m6"]);

  const returned = new Page({ person: KNOWN, visited: true });
  returned.call("page");
  expect(waiting(returned)).toEqual([]);
});
