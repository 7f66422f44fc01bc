/** The order in which pairs come up, and where one stands among them. */

interface Waiting {
  edge_id: string;
}

/** As the server ranks them; those put off come last, in the order they were put off. */
export function inOrder<One extends Waiting>(items: One[], skipped: string[]): One[] {
  const last = (one: One) => skipped.lastIndexOf(one.edge_id);
  return items
    .map((one, at) => ({ one, at }))
    .sort((a, b) => last(a.one) - last(b.one) || a.at - b.at)
    .map(({ one }) => one);
}

/** Where the pair of an address stands; the first when it waits no more. */
export function placeOf(order: Waiting[], wanted: string | undefined): number {
  return Math.max(
    0,
    order.findIndex((one) => one.edge_id === wanted),
  );
}

/** The pair after this one, or before it at the end; undefined when there is no other. */
export function neighbourOf(order: Waiting[], edge_id: string): string | undefined {
  const at = placeOf(order, edge_id);
  return (order[at + 1] ?? order[at - 1])?.edge_id;
}
