/** What the tag sees of the page, and when a single-page app moves to another one. */
import type { Surroundings } from "../core/event.ts";
import { campaignOf } from "../core/page.ts";

/** In a single-page app `document.referrer` never changes, so the address before takes over. */
let before: string | null = null;

export function look(): Surroundings {
  const { search } = location;
  const campaign = campaignOf(search);
  return {
    page: {
      url: address(),
      path: location.pathname,
      title: document.title,
      referrer: before ?? document.referrer,
      search,
      ...(campaign && { campaign }),
    },
    locale: navigator.language,
    timezone: timezone(),
    screen: { width: screen.width, height: screen.height },
  };
}

/** In Chromium the first `Intl` object of a page took 20 to 55 ms, `Temporal` took 0.1 ms. */
function timezone(): string {
  const { Temporal } = globalThis as { Temporal?: { Now: { timeZoneId(): string } } };
  return Temporal?.Now.timeZoneId() ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Version 4 of RFC 9562; `crypto.randomUUID` is missing on plain http. */
export function uuid(): string {
  return "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) => {
    const random = crypto.getRandomValues(new Uint8Array(1))[0] as number;
    return (+digit ^ (random & (15 >> (+digit / 4)))).toString(16);
  });
}

/** Booleans by the specifications; some browsers and extensions set text. */
export function signalled(): boolean {
  const { globalPrivacyControl, doNotTrack } = navigator as Navigator & {
    globalPrivacyControl?: unknown;
  };
  return /true|1|yes/.test(`${globalPrivacyControl} ${doNotTrack}`);
}

/** Calls back after the address changed; a `replaceState` that keeps the path is no new page. */
export function watchNavigation(moved: () => void): void {
  let last = address();
  const check = (samePathCounts: boolean) => {
    const now = address();
    const [path, lastPath] = [now, last].map((url) => url.replace(/\?.*/, ""));
    const from = last;
    last = now;
    if (now === from || (!samePathCounts && path === lastPath)) return;
    before = from;
    moved();
  };
  for (const name of ["pushState", "replaceState"] as const) {
    const original = history[name];
    history[name] = function (this: History, ...given: Parameters<History["pushState"]>) {
      original.apply(this, given);
      check(name === "pushState");
    };
  }
  addEventListener("popstate", () => check(true));
}

function address(): string {
  return location.href.replace(/#.*/, "");
}
