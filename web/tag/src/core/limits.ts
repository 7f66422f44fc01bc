/** Every bound of the tag, in one place. */

export const BATCH_EVENTS_MAX = 10;
export const BATCH_WAIT_MS = 2_000;
/** Browsers refuse keepalive requests and beacons above 65,536 B; the envelope needs room too. */
export const BODY_BYTES_MAX = 60_000;
export const QUEUE_EVENTS_MAX = 100;
/** The server forgets message ids after 30 days; an older event could then be counted twice. */
export const EVENT_AGE_MAX_MS = 7 * 86_400_000;

export const BACKOFF_FIRST_MS = 1_000;
export const BACKOFF_MAX_MS = 60_000;
export const RETRY_AFTER_MAX_MS = 300_000;

/** How long events wait for the server to say which visitor this is. */
export const VISITOR_WAIT_MS = 1_000;
export const DECIDE_WAIT_MS = 5_000;
export const DECISION_AGE_MAX_MS = 300_000;
export const LINK_AGE_MAX_MS = 120_000;
/** Single-page apps change the address first and draw the page just after. */
export const NAVIGATION_SETTLE_MS = 50;
/** 400 days: the longest life Chrome gives a cookie. */
export const COOKIE_AGE_S = 34_560_000;
export const TEXT_CHARS_MAX = 80;
export const LAYER_ITEMS_MAX = 20;
