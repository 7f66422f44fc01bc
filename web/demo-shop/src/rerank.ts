/** Search results in the order of this person: ids go to Kith, and come back in another order. */

import type { Product } from './catalog.ts';
import { consent } from './consent.ts';
import * as kith from './kith.ts';
import type { Decision } from './kith.ts';

/** Nobody waits longer for a better order; a later answer is not shown. */
const ANSWER_WITHIN_MS = 1500;
const PLACEMENT = 'search_results';

/** True when there is somebody to ask for: Kith runs, and may know who this is. */
export function mayRank(): boolean {
  const status = kith.status();
  return (status === 'ready' || status === 'loading') && consent.made?.personalization === true;
}

/** Null when the order stays as it was found: no answer in time, or nothing to say about anyone. */
export async function rank(found: readonly Product[]): Promise<Decision | null> {
  const late = new Promise<null>((resolve) => setTimeout(resolve, ANSWER_WITHIN_MS, null));
  try {
    return await Promise.race([ask(found), late]);
  } catch {
    return null;
  }
}

async function ask(found: readonly Product[]): Promise<Decision | null> {
  const { anonymous_id, user_id } = await kith.known();
  const body = {
    placement: PLACEMENT,
    items: found.map(({ item_id }) => item_id),
    identifiers: { anonymous_id, ...(user_id !== null && { user_id }) },
    context: { page: { path: location.pathname, search: location.search } },
  };
  // Plain text with the key in the query: no browser asks first before it sends this.
  const response = await fetch(`/v1/rerank?writeKey=${kith.writeKey()}`, {
    method: 'POST',
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  return response.ok ? readRanked(await response.json()) : null;
}

/** Null when it is no order, or the order in which the items came. */
export function readRanked(answer: unknown): Decision | null {
  const given = answer as Partial<Decision> | null;
  if (typeof given?.decision_id !== 'string' || !Array.isArray(given.choices)) return null;
  if (given.fallback === true) return null;
  return { ...given, placement: PLACEMENT, choices: given.choices };
}

/** Every product that was found, once: those that Kith named in its order, then the others. */
export function inOrder(found: readonly Product[], { choices }: Decision): Product[] {
  const left = new Map(found.map((product) => [product.item_id, product]));
  const first = choices.flatMap(({ id }) => {
    const product = left.get(id);
    left.delete(id);
    return product === undefined ? [] : [product];
  });
  return [...first, ...left.values()];
}
