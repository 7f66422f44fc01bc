/** Whether an offer's schedule lets it run now. */
import type { OfferSpec } from "../../api/types.ts";

export type Schedule =
  | { state: "always" }
  | { state: "scheduled"; at: string }
  | { state: "running"; until: string }
  | { state: "ended"; at: string };

export function scheduleOf(spec: OfferSpec, now: number): Schedule {
  const { starts_at, ends_at } = spec;
  if (starts_at && new Date(starts_at).getTime() > now) {
    return { state: "scheduled", at: starts_at };
  }
  if (!ends_at) return { state: "always" };
  const over = new Date(ends_at).getTime() <= now;
  return over ? { state: "ended", at: ends_at } : { state: "running", until: ends_at };
}
