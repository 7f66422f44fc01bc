import { describe, expect, it } from 'vitest';
import { shopImages } from '../art/images.ts';
import { categoryOf, CATEGORIES, NO_FILTER, priceOf, readItem, search, select, staffPicks } from '../src/catalog.ts';
import { amount, cents, formatMoney } from '../src/money.ts';
import { productById, PRODUCTS } from '../src/range.ts';
import { parseRoute } from '../src/router.ts';

const titles = (query: string): string[] => search(PRODUCTS, query).map(({ title }) => title);

describe('the range', () => {
  it('is 36 products of at least 6 categories and 8 brands, each once', () => {
    expect(PRODUCTS).toHaveLength(36);
    expect(new Set(PRODUCTS.map(({ item_id }) => item_id)).size).toBe(36);
    expect(new Set(PRODUCTS.map(({ brand }) => brand)).size).toBeGreaterThanOrEqual(8);
    expect([...new Set(PRODUCTS.map(categoryOf))]).toEqual(CATEGORIES.map(({ id }) => id));
  });

  it('has an address, a price and a picture for each', () => {
    const images = shopImages(PRODUCTS);
    for (const product of PRODUCTS) {
      expect(parseRoute(product.url, '')).toEqual({ page: 'product', id: product.item_id });
      expect(priceOf(product)).toBeGreaterThan(0);
      const image = images.get(product.image_url.replace('/shop/images/', ''));
      expect(image, product.item_id).toMatch(/^<svg /);
      // The pages forbid inline styles and scripts; the pictures must not need them either.
      expect(image).not.toMatch(/style=|<script|undefined|NaN/);
    }
  });
});

describe('search', () => {
  it('wants every word and puts titles first', () => {
    expect(titles('wool slipper')).toEqual(['Hut Wool Slipper']);
    expect(titles('lantern')[0]).toBe('Glow Lantern');
    expect(titles('NORTHPINE tent')).toEqual(['Two Lakes Tent']);
    expect(titles('cafe')).toEqual(['Harbour Canvas Sneaker']);
  });

  it('finds nothing in nothing', () => {
    for (const query of ['', '   ', 'zeppelin']) expect(titles(query)).toEqual([]);
  });
});

describe('lists', () => {
  it('filter and sort', () => {
    const shoes = select(PRODUCTS, { ...NO_FILTER, category: 'shoes', sort: 'price-up' });
    expect(shoes.map(({ item_id }) => item_id)).toEqual(['hut-slipper', 'creek-sandal', 'harbour-sneaker', 'moor-rain-boot', 'ridge-runner', 'fell-boot']);
    expect(select(PRODUCTS, { ...NO_FILTER, brand: 'Nimbus', colour: 'teal' })).toHaveLength(1);
  });

  it('of staff picks stay near, leave out the product itself and what is sold out', () => {
    const chair = productById('two-lakes-tent');
    const picks = staffPicks(PRODUCTS, { count: 4, ...(chair !== undefined && { near: chair }) });
    expect(picks.map(categoryOf)).toEqual(['camp', 'camp', 'camp', 'camp']);
    expect(picks.map(({ item_id }) => item_id)).not.toContain('two-lakes-tent');
    expect(picks.every(({ available }) => available)).toBe(true);
  });
});

describe('items from Kith', () => {
  it('are read as they are in the catalogue', () => {
    const boot = PRODUCTS.find(({ item_id }) => item_id === 'creek-sandal');
    const { sizes: _, ...attributes } = boot?.attributes ?? {};
    expect(readItem({ ...boot })).toEqual({ ...boot, attributes });
  });

  it('are refused when a card could not show them', () => {
    const least = { item_id: 'x', title: 'X', url: '/shop/p/x', price: '1.00' };
    expect(readItem(least)).toMatchObject({ currency: 'EUR', brand: '', available: true });
    for (const name of Object.keys(least)) expect(readItem({ ...least, [name]: undefined }), name).toBeNull();
    expect(readItem({ ...least, price: 'free' })).toBeNull();
  });
});

describe('money', () => {
  it('is whole cents', () => {
    expect([cents('19.90'), cents('14.5'), cents('7')]).toEqual([1990, 1450, 700]);
    expect(amount(1990)).toBe(19.9);
    expect(formatMoney(123456)).toBe('€1,234.56');
    for (const bad of ['', '-1', '1.999', 'x', '1,50']) expect(() => cents(bad), bad).toThrow();
  });
});
