import { describe, expect, it } from 'vitest';
import { add, emptyCart } from '../src/cart.ts';
import * as events from '../src/events.ts';
import { productById } from '../src/range.ts';
import type { Product } from '../src/catalog.ts';

const boot = productById('fell-boot') as Product;
const mug = productById('enamel-mug') as Product;
const line = { item_id: 'fell-boot', variant: '42', quantity: 2, price: 18900 };
const cart = { ...add(add(emptyCart('cart_1'), line), { item_id: 'enamel-mug', variant: null, quantity: 1, price: 1450 }), voucher: 'CIRCLE10' };

const FACTS = {
  product_id: 'fell-boot',
  sku: 'fell-boot',
  name: 'Fell Hiking Boot',
  category: 'shoes',
  brand: 'Stenmark',
  price: 189,
  currency: 'EUR',
};

describe('shop events', () => {
  it('tell what a product is', () => {
    expect(events.productViewed(boot)).toEqual(['Product Viewed', { ...FACTS, url: '/shop/p/fell-boot', image_url: '/shop/images/fell-boot.svg', colour: 'chestnut' }]);
    expect(events.wished(boot)).toEqual(['Product Added to Wishlist', { wishlist_id: 'wishlist', ...FACTS }]);
  });

  it('tell what came into the cart and what left it', () => {
    const properties = { cart_id: 'cart_1', ...FACTS, quantity: 2, variant: '42' };
    expect(events.added(cart, line, boot)).toEqual(['Product Added', properties]);
    expect(events.removed(cart, line, boot)).toEqual(['Product Removed', properties]);
  });

  it('number the products of a list', () => {
    const [name, properties] = events.listViewed('all', null, [boot, mug]);
    expect(name).toBe('Product List Viewed');
    expect(properties).not.toHaveProperty('category');
    expect(properties['products']).toMatchObject([{ product_id: 'fell-boot', position: 1 }, { product_id: 'enamel-mug', position: 2 }]);
    expect(events.listViewed('shoes', 'shoes', [boot])[1]).toMatchObject({ list_id: 'shoes', category: 'shoes' });
    expect(events.searched('wool', 3)).toEqual(['Products Searched', { query: 'wool', results: 3 }]);
  });

  it('give the bill of an order, revenue without shipping', () => {
    const [name, properties] = events.orderCompleted(cart, 'LF-1', productById);
    expect(name).toBe('Order Completed');
    expect(properties).toMatchObject({
      order_id: 'LF-1',
      checkout_id: 'cart_1',
      subtotal: 392.5,
      discount: 39.25,
      revenue: 353.25,
      shipping: 0,
      total: 353.25,
      coupon: 'CIRCLE10',
      currency: 'EUR',
    });
    expect(properties['products']).toEqual([
      { ...FACTS, quantity: 2, variant: '42' },
      expect.objectContaining({ product_id: 'enamel-mug', price: 14.5, quantity: 1 }),
    ]);
    expect(events.checkoutStarted(cart, 'LF-1', productById)[1]).toMatchObject({ order_id: 'LF-1', revenue: 353.25 });
  });

  it('leave out products the shop no longer has', () => {
    expect(events.cartViewed(cart, () => undefined)).toEqual(['Cart Viewed', { cart_id: 'cart_1', currency: 'EUR', products: [] }]);
  });
});
