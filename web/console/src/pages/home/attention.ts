/** What on the overview asks somebody to do something, most urgent first. */
import type { Overview } from "../../api/types.ts";

export type Attention =
  | { kind: "rejected"; count: number }
  | { kind: "lag"; count: number }
  | { kind: "no-source" }
  | { kind: "silent"; id: string; name: string; since: string | null }
  | { kind: "no-items" };

/** A few records are always on their way; below this nobody needs to know. */
const LAG_MIN_RECORDS = 1_000;
/** A source that spoke before and has been quiet this long may be broken. */
const SILENT_MIN_MS = 6 * 3_600_000;

export function attentionOf(overview: Overview, now: number): Attention[] {
  const found: Attention[] = [];
  const { rejected_open, position, applied_position, sources, items_total } = overview;
  if (rejected_open > 0) found.push({ kind: "rejected", count: rejected_open });
  const lag = position - applied_position;
  if (lag >= LAG_MIN_RECORDS) found.push({ kind: "lag", count: lag });
  if (sources.length === 0) found.push({ kind: "no-source" });
  for (const { id, name, last_event_at: since } of sources) {
    const quiet = since === null || now - new Date(since).getTime() > SILENT_MIN_MS;
    if (quiet) found.push({ kind: "silent", id, name, since });
  }
  if (items_total === 0) found.push({ kind: "no-items" });
  return found;
}
