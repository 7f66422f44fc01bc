/**
 * Shows decisions in the page's slots without flicker: a slot is hidden from the moment it is
 * found until its decision is in it, or its time is up, and nothing else on the page is touched.
 */
import type { PlacementConfig } from "../core/config.ts";
import { readDecisions, usable, type CachedDecision, type Decision } from "../core/decision.ts";
import { NAVIGATION_SETTLE_MS } from "../core/limits.ts";
import { hidden, NO_SLOTS, stepSlots, type Found, type SlotInput } from "../core/slots.ts";
import { reportDecision } from "./report.ts";
import { render, restore, shownIn } from "./render.ts";
import { parse, read, write } from "./storage.ts";
import { guard, type Tag } from "./tag.ts";

const CACHE = "kith_decisions";
const SHOWN = "data-kith-shown";

export interface Placements {
  /** Looks for slots; called whenever the page changed. */
  scan(): void;
  /** Another page view began. */
  moved(): void;
}

export function startPlacements(tag: Tag): Placements {
  const { placements: configs, hide_timeout_ms } = tag.config;
  const hide = hider();
  const report = reportDecision(tag);
  let slots = NO_SLOTS;
  let seen = new WeakSet<Element>();
  let settling = false;
  let asking: string[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let freshness = 0;

  tag.on("forget", () => {
    freshness++;
    write("sessionStorage", CACHE, null);
  });

  function dispatch(input: SlotInput): void {
    const done = stepSlots(slots, input, Date.now());
    slots = done.slots;
    try {
      for (const effect of done.effects) {
        if (effect.do === "ask") askSoon(effect.placements);
        if (effect.do === "render") show(effect.decision);
        if (effect.do === "timed-out") report.timedOut(effect.placement);
      }
    } finally {
      reveal();
    }
  }

  /** Slots found together, or while a single-page app still draws, are asked for together. */
  function askSoon(wanted: string[]): void {
    asking.push(...wanted);
    if (settling || !asking.length) return;
    clearTimeout(timer);
    timer = setTimeout(ask, 0);
  }

  async function ask(): Promise<void> {
    const wanted = asking;
    const { view } = slots;
    const key = cacheKey(tag);
    const asOf = freshness;
    asking = [];
    let decisions: Decision[] = [];
    try {
      decisions = readDecisions(await tag.decide(wanted));
      if (asOf === freshness) keepDecisions(key, decisions);
    } catch (error) {
      console.warn("kith: no decision:", error);
    } finally {
      dispatch({ on: "answer", view, placements: wanted, decisions });
    }
  }

  function show(decision: Decision): void {
    tag.tell("decision", decision);
    for (const config of configs) {
      if (config.placement !== decision.placement) continue;
      for (const slot of elements(config)) guard(() => fillSlot(slot, decision, config));
    }
  }

  function fillSlot(slot: Element, decision: Decision, config: PlacementConfig): void {
    const own = config.mode === "event";
    if (own || render(slot, decision, config)) report.shown(slot, decision);
    else restore(slot);
  }

  function reveal(): void {
    const waiting = hidden(slots);
    hide(configs.filter(({ placement }) => waiting.includes(placement)));
    for (const config of configs) {
      const slot = slots.byPlacement[config.placement];
      if (!slot || waiting.includes(config.placement)) continue;
      for (const element of elements(config)) {
        if (slot.phase === "original") restore(element);
        if (!element.hasAttribute(SHOWN)) element.setAttribute(SHOWN, "");
      }
    }
  }

  function scan(): void {
    const cache = readCache();
    const found: Found[] = [];
    for (const config of configs) {
      const { placement, mode, selector } = config;
      const known = slots.byPlacement[placement];
      const all = elements(config);
      const news = all.filter((element) => !seen.has(element));
      if (known) {
        for (const element of news) {
          seen.add(element);
          if (known.decision) fillSlot(element, known.decision, config);
        }
        if (news.length) reveal();
      } else if (selector ? (settling ? news : all).length : !settling) {
        all.forEach((element) => seen.add(element));
        const kept = cache[placement];
        const cached = kept && usable(kept, cacheKey(tag), Date.now()) ? kept.decision : null;
        const untouched = mode !== "event" && !all.some(shownIn);
        found.push({ placement, hideMs: untouched ? hide_timeout_ms : 0, cached });
      }
    }
    if (!found.length) return;
    dispatch({ on: "found", found });
    // Timers may be early by the fraction of a millisecond that the clock does not show.
    setTimeout(dispatch, hide_timeout_ms + 1, { on: "tick" });
  }

  function moved(): void {
    settling = true;
    asking = [];
    report.moved();
    dispatch({ on: "navigate" });
    clearTimeout(timer);
    timer = setTimeout(() => {
      settling = false;
      guard(scan);
      askSoon([]);
    }, NAVIGATION_SETTLE_MS);
  }

  return { scan, moved };
}

/** None for a selector the browser cannot read: the slot is then never hidden either. */
function elements({ selector }: PlacementConfig): Element[] {
  try {
    return selector ? Array.from(document.querySelectorAll(selector)) : [];
  } catch {
    return [];
  }
}

/**
 * One rule for all hidden slots, in a constructed sheet, which needs no `style-src` exception.
 * Safari before 16.4 has none: its visitors see the page's own content until the decision is there.
 */
function hider(): (configs: readonly PlacementConfig[]) => void {
  let sheet: CSSStyleSheet | undefined;
  try {
    sheet = new CSSStyleSheet();
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  } catch {
    sheet = undefined;
  }
  let last = "";
  return (configs) => {
    const css = configs.map(({ selector }) => `${selector}{visibility:hidden!important}`).join("");
    if (css !== last) sheet?.replaceSync(css);
    last = css;
  };
}

function cacheKey(tag: Tag): string {
  return `${location.pathname}${location.search} ${tag.item() || ""}`;
}

function readCache(): Record<string, CachedDecision> {
  return (parse(read("sessionStorage", CACHE)) as Record<string, CachedDecision> | null) || {};
}

function keepDecisions(key: string, decisions: readonly Decision[]): void {
  const cache = readCache();
  for (const decision of decisions) cache[decision.placement] = { at: Date.now(), key, decision };
  write("sessionStorage", CACHE, JSON.stringify(cache));
}
