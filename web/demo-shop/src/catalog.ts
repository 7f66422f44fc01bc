/** The range of the shop, read from the same file that Kith imports as its catalogue. */

import { cents } from './money.ts';
import type { Cents } from './money.ts';

export interface Product {
  readonly item_id: string;
  readonly title: string;
  readonly url: string;
  readonly image_url: string;
  readonly price: string;
  readonly currency: string;
  readonly categories: readonly string[];
  readonly brand: string;
  readonly available: boolean;
  readonly attributes: {
    readonly colour: string;
    readonly material: string;
    readonly rating: number;
    readonly reviews: number;
    readonly description: string;
    readonly sizes?: readonly string[];
  };
}

export interface Category {
  readonly id: string;
  readonly title: string;
  readonly lead: string;
}

export const CATEGORIES: readonly Category[] = [
  { id: 'shoes', title: 'Shoes', lead: 'For rock, rain, river and the kitchen floor.' },
  { id: 'clothing', title: 'Clothing', lead: 'Layers you will still be mending in ten years.' },
  { id: 'bags', title: 'Bags', lead: 'From one apple to two weeks away.' },
  { id: 'camp', title: 'Camp', lead: 'A dry night, a warm light, a hot supper.' },
  { id: 'kitchen', title: 'Kitchen', lead: 'At home on the hob and on the embers.' },
  { id: 'home', title: 'Home', lead: 'For the evening after the walk.' },
  { id: 'garden', title: 'Garden', lead: 'Small tools for patient people.' },
];

export function parseCatalog(ndjson: string): Product[] {
  return ndjson
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Product);
}

/** An item as a decision carries it; null when it lacks what a card must show. */
export function readItem(content: Readonly<Record<string, unknown>>): Product | null {
  const { item_id, title, url, image_url, price, brand, categories, currency } = content;
  if (typeof item_id !== 'string' || typeof title !== 'string' || typeof url !== 'string') return null;
  if (typeof price !== 'string' || !/^\d+(\.\d{1,2})?$/.test(price)) return null;
  const given = (content['attributes'] ?? {}) as Partial<Product['attributes']>;
  return {
    item_id,
    title,
    url,
    price,
    image_url: typeof image_url === 'string' ? image_url : '',
    currency: typeof currency === 'string' ? currency : 'EUR',
    categories: Array.isArray(categories) ? categories.map(String) : [],
    brand: typeof brand === 'string' ? brand : '',
    available: content['available'] !== false,
    attributes: {
      colour: String(given.colour ?? ''),
      material: String(given.material ?? ''),
      rating: Number(given.rating ?? 0),
      reviews: Number(given.reviews ?? 0),
      description: String(given.description ?? ''),
    },
  };
}

export function priceOf(product: Product): Cents {
  return cents(product.price);
}

export function categoryOf(product: Product): string {
  return product.categories[0] ?? '';
}

export type Sort = 'featured' | 'price-up' | 'price-down' | 'rating';

export interface Filter {
  readonly category: string | null;
  readonly brand: string | null;
  readonly colour: string | null;
  readonly sort: Sort;
}

export const NO_FILTER: Filter = { category: null, brand: null, colour: null, sort: 'featured' };

const ORDERS: Readonly<Record<Sort, (a: Product, b: Product) => number>> = {
  featured: () => 0,
  'price-up': (a, b) => priceOf(a) - priceOf(b),
  'price-down': (a, b) => priceOf(b) - priceOf(a),
  rating: (a, b) => b.attributes.rating - a.attributes.rating,
};

export function select(products: readonly Product[], filter: Filter): Product[] {
  return products
    .filter(
      (product) =>
        (filter.category === null || product.categories.includes(filter.category)) &&
        (filter.brand === null || product.brand === filter.brand) &&
        (filter.colour === null || product.attributes.colour === filter.colour),
    )
    .sort(ORDERS[filter.sort]);
}

export function parseSort(text: string | null): Sort {
  return text !== null && text in ORDERS ? (text as Sort) : 'featured';
}

function normalise(text: string): string {
  return text.normalize('NFKD').replace(/[\u0300-\u036f]/g, '').toLowerCase();
}

/** Every word must occur; a hit in the title counts most, then brand and category. */
export function search(products: readonly Product[], query: string): Product[] {
  const words = normalise(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const scored = products.map((product) => {
    const fields: [string, number][] = [
      [normalise(product.title), 5],
      [normalise(`${product.brand} ${product.categories.join(' ')}`), 3],
      [normalise(`${product.attributes.colour} ${product.attributes.material}`), 2],
      [normalise(product.attributes.description), 1],
    ];
    const scores = words.map((word) =>
      Math.max(...fields.map(([text, weight]) => (text.includes(word) ? weight : 0))),
    );
    return { product, score: scores.includes(0) ? 0 : scores.reduce((a, b) => a + b, 0) };
  });
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ product }) => product);
}

/** What a shelf shows when Kith has nothing to say: the best rated, same category first. */
export function staffPicks(
  products: readonly Product[],
  options: { near?: Product; count: number },
): Product[] {
  const near = options.near;
  const closeness = (product: Product): number =>
    near !== undefined && categoryOf(product) === categoryOf(near) ? 1 : 0;
  return products
    .filter((product) => product.available && product.item_id !== near?.item_id)
    .sort(
      (a, b) => closeness(b) - closeness(a) || b.attributes.rating - a.attributes.rating,
    )
    .slice(0, options.count);
}
