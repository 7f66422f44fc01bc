/** The rows of the live list: what arrived while watching, above what was loaded. */

interface Arrived {
  message_id: string;
}

export interface Feed<Event extends Arrived> {
  /** On screen, newest first. */
  shown: Event[];
  /** Arrived while paused or while reading further down, newest first. */
  held: Event[];
}

/** More rows than this are of no use to a reader and would only cost memory. */
export const ROWS_MAX = 5_000;

export function emptyFeed<Event extends Arrived>(): Feed<Event> {
  return { shown: [], held: [] };
}

export function arrive<Event extends Arrived>(
  feed: Feed<Event>,
  events: Event[],
  hold: boolean,
): Feed<Event> {
  const known = new Set([...feed.shown, ...feed.held].map((event) => event.message_id));
  const fresh = events.filter((event) => !known.has(event.message_id)).reverse();
  if (fresh.length === 0) return feed;
  if (hold) return { ...feed, held: [...fresh, ...feed.held].slice(0, ROWS_MAX) };
  return { ...feed, shown: [...fresh, ...feed.shown].slice(0, ROWS_MAX) };
}

export function release<Event extends Arrived>(feed: Feed<Event>): Feed<Event> {
  return { shown: [...feed.held, ...feed.shown].slice(0, ROWS_MAX), held: [] };
}

/** Live rows above loaded ones, each event once. Held events stay hidden wherever they come from. */
export function rowsOf<Event extends Arrived>(feed: Feed<Event>, loaded: Event[]): Event[] {
  const seen = new Set(feed.held.map((event) => event.message_id));
  const rows: Event[] = [];
  for (const event of [...feed.shown, ...loaded]) {
    if (seen.has(event.message_id)) continue;
    seen.add(event.message_id);
    rows.push(event);
  }
  return rows;
}
