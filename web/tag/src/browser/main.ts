/**
 * Defines `window.kith`. A page may call it before this file is there, through the stub
 *
 *     window.kith = window.kith || function () { (kith.q = kith.q || []).push(arguments) }
 *
 * and everything it queued is done once `kith.start(config)` ran.
 */
import { parseCall } from "../core/call.ts";
import { withDefaults, type Config, type Props } from "../core/config.ts";
import { readChoice } from "../core/consent.ts";
import { readDecisions } from "../core/decision.ts";
import { captureClicks, captureMarkup } from "./capture.ts";
import { showDebug } from "./debug.ts";
import { watchLayer } from "./layer.ts";
import { decorateLinks } from "./links.ts";
import { watchNavigation } from "./page.ts";
import { startPlacements } from "./placements.ts";
import { guard, startTag, type Tag, type Topic } from "./tag.ts";

export interface Kith {
  (method: string, ...given: unknown[]): unknown;
  q?: ArrayLike<unknown>[];
  start?: (config: Partial<Config>) => void;
}

declare global {
  interface Window {
    kith?: Kith;
  }
}

const script = document.currentScript as HTMLScriptElement | null;
/** `https://host/prefix/tag/KEY.js` → `https://host/prefix`. */
const origin = (script?.src || "").replace(/\/(?:tag\/[^/]*|kith\.js)(?:[?#].*)?$/, "");

install(window.kith);

function install(stub: Kith | undefined): void {
  // A second copy of the tag on one page would count everything twice.
  if (stub?.start) return;
  let waiting: (() => void)[] = [];
  let tag: Tag | undefined;

  const kith: Kith = (method, ...given) => {
    if (tag) return run(tag, method, given);
    return new Promise((resolve) => waiting.push(() => resolve(kith(method, ...given))));
  };
  for (const call of stub?.q || []) {
    const [method, ...given] = Array.from(call);
    kith(String(method), ...given);
  }

  kith.start = (given) => {
    const begin = () => {
      if (tag) return;
      tag = startTag(withDefaults(given, origin));
      watch(tag, () => waiting.splice(0).forEach(guard));
    };
    // A page prerendered on suspicion is nobody's visit yet.
    if ((document as { prerendering?: boolean }).prerendering) {
      document.addEventListener("prerenderingchange", begin, { once: true });
    } else begin();
  };
  window.kith = kith;
}

function run(tag: Tag, method: string, given: unknown[]): unknown {
  try {
    const [first, second] = given.map(copy);
    switch (method) {
      case "consent":
        return tag.consent(readChoice(first, tag.config.consent.categories));
      case "decide":
        return decide(tag, first as string[], second as Props | undefined);
      case "ready":
        return tag.ready(first as () => void);
      case "on":
        return tag.on(first as Topic, second as () => void);
      case "person":
        return tag.person();
      case "debug":
        return showDebug(tag);
    }
    const call = parseCall(method, first, second);
    if (!call) throw new Error(`cannot ${method} ${first}`);
    return tag.call(call);
  } catch (error) {
    console.error("kith:", error);
    return undefined;
  }
}

/** The page may go on changing its objects; an event keeps what it was given. */
function copy(value: unknown): unknown {
  return value && typeof value === "object" ? JSON.parse(JSON.stringify(value)) : value;
}

async function decide(tag: Tag, placements: string[], context?: Props): Promise<unknown> {
  const answer = await tag.decide(([] as string[]).concat(placements), context);
  for (const decision of readDecisions(answer)) tag.tell("decision", decision);
  return answer;
}

function watch(tag: Tag, replay: () => void): void {
  const { config } = tag;
  const page = () => {
    if (config.page_views) tag.call({ type: "page", properties: {} });
  };
  const placements = startPlacements(tag);
  const markup = config.declarative ? captureMarkup(tag) : null;
  const scan = () => {
    guard(placements.scan);
    if (markup) guard(markup.scan);
  };
  if (config.click_capture) captureClicks(tag);
  if (config.link_domains.length) decorateLinks(tag);
  if (location.search.includes("kith_debug")) showDebug(tag);
  page();
  replay();
  watchLayer(tag);
  scan();
  // Observers run before the next paint: a late slot is hidden before anybody sees it.
  new MutationObserver(scan).observe(document, { childList: true, subtree: true });
  watchNavigation(() => {
    tag.moved();
    placements.moved();
    // The title of the new page is usually set just after its address.
    setTimeout(page, 0);
  });
}
