/** Addresses of the shop: text to route and back. No history, no page. */

export const BASE = '/shop/';

export type Route =
  | { readonly page: 'home' }
  | { readonly page: 'list'; readonly category: string | null; readonly query: URLSearchParams }
  | { readonly page: 'product'; readonly id: string }
  | { readonly page: 'search'; readonly words: string }
  | { readonly page: 'cart' }
  | { readonly page: 'checkout' }
  | { readonly page: 'order'; readonly id: string }
  | { readonly page: 'account' }
  | { readonly page: 'privacy' }
  | { readonly page: 'missing' };

const SIMPLE = ['cart', 'checkout', 'account', 'privacy'] as const;

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

export function parseRoute(path: string, search: string): Route {
  if (path !== BASE.slice(0, -1) && !path.startsWith(BASE)) return { page: 'missing' };
  const parts = path.slice(BASE.length).split('/').filter(Boolean).map(decode);
  const query = new URLSearchParams(search);
  const [head, id] = parts;
  if (head === undefined || (head === 'index.html' && id === undefined)) return { page: 'home' };
  if (parts.length === 1) {
    if (head === 'all') return { page: 'list', category: null, query };
    if (head === 'search') return { page: 'search', words: (query.get('q') ?? '').slice(0, 200) };
    const simple = SIMPLE.find((name) => name === head);
    if (simple !== undefined) return { page: simple };
  }
  if (parts.length === 2 && id !== undefined) {
    if (head === 'c') return { page: 'list', category: id, query };
    if (head === 'p') return { page: 'product', id };
    if (head === 'order') return { page: 'order', id };
  }
  return { page: 'missing' };
}

export const links = {
  home: BASE,
  all: `${BASE}all`,
  cart: `${BASE}cart`,
  checkout: `${BASE}checkout`,
  account: `${BASE}account`,
  privacy: `${BASE}privacy`,
  category: (id: string): string => `${BASE}c/${encodeURIComponent(id)}`,
  product: (id: string): string => `${BASE}p/${encodeURIComponent(id)}`,
  order: (id: string): string => `${BASE}order/${encodeURIComponent(id)}`,
  search: (words: string): string => `${BASE}search?q=${encodeURIComponent(words)}`,
};
