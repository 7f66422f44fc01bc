/** Events as they travel: the Segment spec, one object each. */
import type { Call } from "./call.ts";
import type { Props } from "./config.ts";
import { granted, type Consent } from "./consent.ts";
import { cleanUrl, type PageInfo } from "./page.ts";
import type { Fresh, State } from "./state.ts";

export interface Person {
  anonymousId: string;
  userId: string | null;
  groupId: string | null;
}

export interface TagEvent {
  type: string;
  messageId: string;
  timestamp: string;
  anonymousId: string;
  context: Props;
  userId?: string;
  event?: string;
  name?: string;
  groupId?: string;
  previousId?: string;
  properties?: Props;
  traits?: Props;
}

/** What the browser knows at the moment of the call; the reducer itself sees no window. */
export interface Surroundings {
  page: PageInfo;
  locale: string;
  timezone: string;
  screen: { width: number; height: number };
}

export type Recorded = Exclude<Call, { type: "reset" }>;

export function nobody(anonymousId: string): Person {
  return { anonymousId, userId: null, groupId: null };
}

export function buildEvent(call: Recorded, state: State, fresh: Fresh, now: number): TagEvent {
  const { anonymousId, userId, groupId } = state.person;
  const { page, ...around } = fresh.around;
  const seen = visiblePage(page, state.consent);
  const { campaign, ...address } = seen;
  const event = {
    ...(userId && { userId }),
    ...call,
    messageId: fresh.messageId,
    timestamp: new Date(now).toISOString(),
    anonymousId,
    context: {
      ...around,
      library: { name: "kith.js", version: `${state.config.version}` },
      page: address,
      consent: { categoryPreferences: state.consent.categories },
      ...(campaign && { campaign }),
      ...(groupId && { groupId }),
    },
  } as TagEvent;
  if (call.type === "alias") event.previousId = userId || anonymousId;
  if (call.type === "page") event.properties = { ...address, ...call.properties };
  return event;
}

/** Click ids of advertisers leave the address unless marketing is granted. */
export function visiblePage(page: PageInfo, consent: Consent): PageInfo {
  const clean = (url: string) => cleanUrl(url, granted(consent, "marketing"));
  const { url, search, referrer } = page;
  return { ...page, url: clean(url), search: clean(search), referrer: clean(referrer) };
}
