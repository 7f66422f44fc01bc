/** Cuts the queue into bodies that a browser still sends while its page goes away. */
import type { TagEvent } from "./event.ts";
import { BODY_BYTES_MAX } from "./limits.ts";

export function firstBatch(events: readonly TagEvent[], eventsMax: number): TagEvent[] {
  const batch: TagEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    bytes += sizeOf(event) + 1;
    if (batch.length === eventsMax || (batch.length && bytes > BODY_BYTES_MAX)) break;
    batch.push(event);
  }
  return batch;
}

export function allBatches(events: readonly TagEvent[]): TagEvent[][] {
  const batches: TagEvent[][] = [];
  for (let at = 0; at < events.length; ) {
    const batch = firstBatch(events.slice(at), events.length);
    batches.push(batch);
    at += batch.length;
  }
  return batches;
}

export function sizeOf(event: TagEvent): number {
  return utf8Bytes(JSON.stringify(event));
}

export function utf8Bytes(text: string): number {
  return encodeURIComponent(text).replace(/%../g, "x").length;
}
