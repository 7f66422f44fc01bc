/** What a server's answer means for the events that were sent. */
import { RETRY_AFTER_MAX_MS } from "./limits.ts";

/** Done with, whether taken or refused for good, or to be tried again. */
export type Outcome = "done" | { retryAfterMs: number };

/** `status` 0 stands for no answer at all. */
export function readOutcome(status: number, retryAfter: string | null, now: number): Outcome {
  const retry = status < 200 || status > 499 || [408, 410, 429, 460].includes(status);
  return retry ? { retryAfterMs: readRetryAfter(retryAfter, now) } : "done";
}

/** Seconds or an HTTP date, as RFC 9110 allows. */
function readRetryAfter(value: string | null, now: number): number {
  const wait = Number(value) * 1000 || Date.parse(value || "") - now;
  return Math.min(Math.max(wait || 0, 0), RETRY_AFTER_MAX_MS);
}
