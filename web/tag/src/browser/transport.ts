/**
 * Requests to the server. Bodies are plain text with the key in the query, which browsers send
 * to any origin without asking first (no CORS preflight).
 */
import type { Config, Props } from "../core/config.ts";
import type { TagEvent } from "../core/event.ts";
import { DECIDE_WAIT_MS } from "../core/limits.ts";
import { readOutcome, type Outcome } from "../core/outcome.ts";

export interface Transport {
  send(events: readonly TagEvent[]): Promise<Outcome>;
  /** The ids of the events the browser took over. */
  beacon(batches: readonly TagEvent[][]): string[];
  /** The visitor's id by the server's own cookie, or null when it cannot be asked. */
  visitor(anonymousId: string | null, reset: boolean): Promise<string | null>;
  decide(body: Props): Promise<unknown>;
}

export function openTransport({ host, write_key }: Config): Transport {
  const url = (path: string) => `${host}/v1/${path}?writeKey=${write_key}`;
  const post = (path: string, body: unknown, options: RequestInit) =>
    fetch(url(path), { method: "POST", body: JSON.stringify(body), ...options });
  const batch = (events: readonly TagEvent[]) => ({
    batch: events,
    sentAt: new Date().toISOString(),
  });

  return {
    async send(events) {
      try {
        const answer = await post("batch", batch(events), { keepalive: true });
        return readOutcome(answer.status, answer.headers.get("Retry-After"), Date.now());
      } catch {
        return readOutcome(0, null, 0);
      }
    },

    beacon(batches) {
      const taken = batches.filter((events) => {
        try {
          return navigator.sendBeacon(url("batch"), JSON.stringify(batch(events)));
        } catch {
          return false;
        }
      });
      return taken.flat().map((event) => event.messageId);
    },

    async visitor(anonymousId, reset) {
      const options: RequestInit = { credentials: "include", keepalive: true };
      try {
        if (reset) await post("visitor", { reset }, options);
        if (!anonymousId) return null;
        const answer = await post("visitor", { anonymous_id: anonymousId }, options);
        const id = answer.ok && (await answer.json()).anonymous_id;
        return typeof id === "string" && id ? id : null;
      } catch {
        return null;
      }
    },

    async decide(body) {
      // Older browsers wait as long as the network does.
      const signal = AbortSignal.timeout?.(DECIDE_WAIT_MS) ?? null;
      const answer = await post("decide", body, { signal });
      if (!answer.ok) throw new Error(`decide answered ${answer.status}`);
      return answer.json();
    },
  };
}
