/** The running tag: feeds the reducer and does what it asks. */
import type { Call } from "../core/call.ts";
import type { Config, Props } from "../core/config.ts";
import { granted, mayStore, readChoice, type Choice } from "../core/consent.ts";
import { visiblePage, type Person, type TagEvent } from "../core/event.ts";
import { arrived } from "../core/link.ts";
import { cleanUrl } from "../core/page.ts";
import { changesWaiting } from "../core/queue.ts";
import { reduce } from "../core/reduce.ts";
import { remembered, start, type Found, type Memory } from "../core/start.ts";
import type { Effect, Fresh, Input, State } from "../core/state.ts";
import { look, signalled, uuid } from "./page.ts";
import { keep, parse, read, recall, takeAll, write } from "./storage.ts";
import { openTransport } from "./transport.ts";

export type Topic = "event" | "consent" | "decision" | "forget";
type Listener = (detail: unknown) => void;

export interface PersonView {
  anonymous_id: string;
  user_id: string | null;
  consent: Choice;
}

export interface Tag {
  readonly config: Config;
  call(call: Call): void;
  consent(choice: Choice): void;
  decide(placements: string[], extra?: Props): Promise<unknown>;
  person(): PersonView;
  /** The id to put on links to the site's other domains; null while none may be stored. */
  linkId(): string | null;
  ready(run: (person: PersonView) => void): void;
  on(topic: Topic, listener: Listener): void;
  tell(topic: Topic, detail: unknown): void;
  /** The item this page is about. */
  item(): string | undefined;
  moved(): void;
}

const IDS = "kith_ids";
const CHOICE = "kith_consent";
const QUEUE = "kith_queue_";
const VISITED = "kith_visited";
/** Events that a decision must know of leave first, but hold it back no longer than this. */
const FLUSH_WAIT_MS = 250;

export function startTag(config: Config): Tag {
  const transport = openTransport(config);
  const queueKey = QUEUE + uuid();
  const listeners: [Topic, Listener][] = [];
  const inputs: Input[] = [];
  let flight = Promise.resolve();
  let isKnown: () => void;
  const known = new Promise<void>((resolve) => (isKnown = resolve));
  let lastItem: string | undefined;
  let timer = 0;
  let wakeAt = Infinity;
  let busy = true;
  const found = lookUp(config);
  // Ids are written anew on every page, which makes their cookie last.
  let kept: Partial<Memory> = { choice: found.choice };
  let state: State;

  function dispatch(input: Input): void {
    inputs.push(input);
    if (!busy) drain();
  }

  /** Inputs caused by effects wait their turn, so that effects are done in the order they arose. */
  function drain(): void {
    busy = true;
    for (let input = inputs.shift(); input; input = inputs.shift()) {
      const done = reduce(state, input, Date.now());
      state = done.state;
      done.effects.forEach(perform);
    }
    busy = false;
    copy(remembered(state));
    if (!state.visitorUntil) isKnown();
  }

  function perform(effect: Effect): void {
    switch (effect.do) {
      case "send":
        flight = transport
          .send(effect.events)
          .then((outcome) => dispatch({ on: "sent", outcome, random: Math.random() }));
        break;
      case "beacon":
        dispatch({ on: "beaconed", messageIds: transport.beacon(effect.batches) });
        break;
      case "wake":
        wake(effect.at);
        break;
      case "visitor":
        askVisitor(effect.anonymousId, effect.reset);
        break;
      case "forget-decisions":
        tell("forget", null);
        break;
      case "tell":
        tell(effect.topic, effect.detail);
    }
  }

  /** What must outlive the page is written after every step that changed it. */
  function copy(next: Memory): void {
    const { person, queue, choice } = next;
    const changed = (name: keyof Memory) => next[name] !== kept[name];
    if (changed("choice")) keep(CHOICE, JSON.stringify(choice));
    if (changed("person")) keep(IDS, person && JSON.stringify(person));
    const events = queue.length ? JSON.stringify(queue) : null;
    if (changed("queue")) write("localStorage", queueKey, events);
    kept = next;
  }

  function wake(at: number): void {
    if (at >= wakeAt && wakeAt > Date.now()) return;
    clearTimeout(timer);
    wakeAt = at;
    timer = window.setTimeout(() => {
      wakeAt = Infinity;
      dispatch({ on: "wake" });
    }, Math.max(0, at - Date.now()));
  }

  function askVisitor(asked: string | null, reset: boolean): void {
    write("sessionStorage", VISITED, null);
    transport.visitor(asked, reset).then((answered) => {
      if (!asked) return;
      if (answered && mayStore(state.consent)) write("sessionStorage", VISITED, "1");
      dispatch({ on: "visitor", asked, answered });
    });
  }

  function tell(topic: Topic, detail: unknown): void {
    for (const [wanted, listener] of listeners) {
      if (wanted === topic) guard(() => listener(detail));
    }
  }

  function identifiers(): Props {
    const { anonymousId, userId } = state.person;
    if (!granted(state.consent, "personalization")) return {};
    return { anonymous_id: anonymousId, ...(userId && { user_id: userId }) };
  }

  /** The decision must know what the visitor just did: the last change rides along with it. */
  async function lastChange(): Promise<TagEvent | undefined> {
    if (!granted(state.consent, "personalization")) return undefined;
    const changes = changesWaiting(state);
    if (changes.length) dispatch({ on: "flush" });
    if (changes.length > 1) {
      await Promise.race([flight, new Promise((go) => setTimeout(go, FLUSH_WAIT_MS))]);
    }
    return changes.pop();
  }

  const tag: Tag = {
    config,
    call(call) {
      if (call.type === "track" && call.event === "Product Viewed") {
        const { product_id, sku } = call.properties;
        lastItem = String(product_id || sku || "") || lastItem;
      }
      dispatch({ on: "call", call, fresh: fresh() });
    },
    consent(choice) {
      dispatch({ on: "consent", choice, fresh: fresh() });
    },
    async decide(placements, extra) {
      await known;
      const event = await lastChange();
      const { page, ...around } = look();
      const item_id = tag.item();
      const { campaign, ...seen } = visiblePage(page, state.consent);
      const item = item_id ? { item_id } : {};
      return transport.decide({
        placements,
        identifiers: identifiers(),
        context: { ...around, page: { ...seen, ...item }, ...item, campaign, ...extra },
        ...(event && { event: { ...event, sentAt: new Date().toISOString() } }),
      });
    },
    person: () => ({
      anonymous_id: state.person.anonymousId,
      user_id: state.person.userId,
      consent: state.consent.categories,
    }),
    linkId: () => (mayStore(state.consent) ? state.person.anonymousId : null),
    ready(run) {
      known.then(() => run(tag.person()));
    },
    on(topic, listener) {
      listeners.push([topic, listener]);
    },
    tell,
    item() {
      const named = document.querySelector("[data-kith-item]")?.getAttribute("data-kith-item");
      return named || lastItem;
    },
    moved() {
      lastItem = undefined;
    },
  };

  const first = start(config, found, uuid(), Date.now());
  state = first.state;
  first.effects.forEach(perform);
  const leave = () => dispatch({ on: "hidden", online: navigator.onLine !== false });
  document.addEventListener("visibilitychange", () => document.hidden && leave());
  addEventListener("pagehide", leave);
  dispatch({ on: "wake" });
  drain();
  return tag;
}

function fresh(): Fresh {
  return { messageId: uuid(), anonymousId: uuid(), around: look() };
}

function lookUp(config: Config): Found {
  const queues = takeAll(QUEUE) as (TagEvent[] | null)[];
  return {
    choice: readChoice(parse(recall(CHOICE)), config.consent.categories),
    signal: signalled(),
    linkedId: takeLinkedId(config.link_domains),
    person: (parse(recall(IDS)) as Person | null),
    queue: queues.flat().filter((event): event is TagEvent => Boolean(event?.messageId)),
    visited: read("sessionStorage", VISITED) !== null,
  };
}

function takeLinkedId(domains: string[]): string | null {
  if (!location.search.includes("kith_id=")) return null;
  const from = /^https?:\/\/([^/:]+)/.exec(document.referrer)?.[1] || "";
  const id = arrived(location.search, from, domains, Date.now());
  guard(() => history.replaceState(history.state, "", cleanUrl(location.href, true)));
  return id;
}

/** Nothing the tag does, and no listener of the page, may break the page. */
export function guard(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    console.error("kith:", error);
  }
}

