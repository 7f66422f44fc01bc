/** The axis that several intervals share. */

export interface Spanned {
  value: number;
  low: number | null;
  high: number | null;
}

export interface Axis {
  from: number;
  to: number;
}

/** As far as the values and a little more; intervals that reach far beyond are cut at the edge. */
export function axisOf(rows: Spanned[], lines: number[] = []): Axis {
  const values = [...rows.map(({ value }) => value), ...lines];
  const ends = rows.flatMap(({ value, low, high }) => [low ?? value, high ?? value]);
  const most = Math.max(0, ...values);
  const reach = Math.max(0, ...ends, ...lines);
  const lowest = Math.min(0, ...ends, ...lines);
  // One interval without end must not press the others into a corner.
  const to = Math.min(reach, most * 3 || reach);
  const room = (to - lowest || 1) * 0.04;
  return { from: lowest < 0 ? Math.max(lowest, -2 * (most || -lowest)) - room : 0, to: to + room };
}

/** Where a value stands, in percent of the axis. */
export function placeOf(value: number, { from, to }: Axis): number {
  return Math.min(100, Math.max(0, (100 * (value - from)) / (to - from)));
}
