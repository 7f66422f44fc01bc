/** The loaded catalogue and look-ups in it. */

import source from '../../../examples/demo/catalog.ndjson?raw';
import { parseCatalog } from './catalog.ts';
import type { Product } from './catalog.ts';

export const PRODUCTS: readonly Product[] = parseCatalog(source);

const BY_ID = new Map(PRODUCTS.map((product) => [product.item_id, product]));

export function productById(id: string): Product | undefined {
  return BY_ID.get(id);
}

export function valuesOf(products: readonly Product[], read: (product: Product) => string): string[] {
  return [...new Set(products.map(read))].sort((a, b) => a.localeCompare(b));
}
