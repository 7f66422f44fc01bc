import { describe, expect, it } from 'vitest';
import { links, parseRoute } from '../src/router.ts';

const page = (path: string, search = ''): string => parseRoute(path, search).page;

describe('addresses', () => {
  it('lead to their pages', () => {
    expect(page('/shop')).toBe('home');
    expect(page('/shop/')).toBe('home');
    expect(page('/shop/index.html')).toBe('home');
    expect(page('/shop/cart/')).toBe('cart');
    expect(page('/shop/checkout')).toBe('checkout');
    expect(page('/shop/account')).toBe('account');
    expect(page('/shop/privacy')).toBe('privacy');
    expect(parseRoute('/shop/p/fell-boot', '')).toEqual({ page: 'product', id: 'fell-boot' });
    expect(parseRoute('/shop/c/shoes', '?sort=rating')).toMatchObject({ page: 'list', category: 'shoes' });
    expect(parseRoute('/shop/all', '')).toMatchObject({ page: 'list', category: null });
    expect(parseRoute('/shop/search', '?q=red+wool')).toEqual({ page: 'search', words: 'red wool' });
    expect(parseRoute('/shop/order/LF-1', '')).toEqual({ page: 'order', id: 'LF-1' });
  });

  it('that are none say so', () => {
    for (const path of ['/', '/other', '/shopping', '/shop/p', '/shop/p/a/b', '/shop/nope', '/shop/c/']) {
      expect(page(path), path).toBe('missing');
    }
  });

  it('survive odd characters and broken escapes', () => {
    const id = 'a/b c?&ü';
    expect(parseRoute(new URL(links.product(id), 'http://x').pathname, '')).toEqual({ page: 'product', id });
    const found = new URL(links.search('50% & "x"'), 'http://x');
    expect(parseRoute(found.pathname, found.search)).toEqual({ page: 'search', words: '50% & "x"' });
    expect(parseRoute('/shop/p/%E0%A4%A', '')).toEqual({ page: 'product', id: '%E0%A4%A' });
  });
});
