/** The events of the shop, named and shaped as in Segment's e-commerce specification, version 2. */

import { totals, voucherOf } from './cart.ts';
import type { Cart, CartLine } from './cart.ts';
import { categoryOf, priceOf } from './catalog.ts';
import type { Product } from './catalog.ts';
import { amount } from './money.ts';

export type Properties = Readonly<Record<string, unknown>>;
export type ShopEvent = readonly [name: string, properties: Properties];

type Find = (item_id: string) => Product | undefined;

function facts(product: Product): Properties {
  return {
    product_id: product.item_id,
    sku: product.item_id,
    name: product.title,
    category: categoryOf(product),
    brand: product.brand,
    price: amount(priceOf(product)),
    currency: product.currency,
  };
}

function shelf(products: readonly Product[]): Properties[] {
  return products.map((product, index) => ({ ...facts(product), position: index + 1 }));
}

/** The shop's addresses and images are host-relative; events carry the catalogue's own text. */
export function productViewed(product: Product): ShopEvent {
  return [
    'Product Viewed',
    { ...facts(product), url: product.url, image_url: product.image_url, colour: product.attributes.colour },
  ];
}

export function listViewed(list_id: string, category: string | null, products: readonly Product[]): ShopEvent {
  return ['Product List Viewed', { list_id, ...(category !== null && { category }), products: shelf(products) }];
}

export function searched(query: string, found: number): ShopEvent {
  return ['Products Searched', { query, results: found }];
}

function lineFacts(line: CartLine, product: Product): Properties {
  return {
    ...facts(product),
    price: amount(line.price),
    quantity: line.quantity,
    ...(line.variant !== null && { variant: line.variant }),
  };
}

export function lines(cart: Cart, find: Find): Properties[] {
  return cart.lines.flatMap((line) => {
    const product = find(line.item_id);
    return product === undefined ? [] : [lineFacts(line, product)];
  });
}

/** `quantity` is how many came in now, not how many lie in the cart. */
export function added(cart: Cart, line: CartLine, product: Product): ShopEvent {
  return ['Product Added', { cart_id: cart.cart_id, ...lineFacts(line, product) }];
}

export function removed(cart: Cart, line: CartLine, product: Product): ShopEvent {
  return ['Product Removed', { cart_id: cart.cart_id, ...lineFacts(line, product) }];
}

export function wished(product: Product): ShopEvent {
  return ['Product Added to Wishlist', { wishlist_id: 'wishlist', ...facts(product) }];
}

export function unwished(product: Product): ShopEvent {
  return ['Product Removed from Wishlist', { wishlist_id: 'wishlist', ...facts(product) }];
}

export function cartViewed(cart: Cart, find: Find): ShopEvent {
  return ['Cart Viewed', { cart_id: cart.cart_id, currency: 'EUR', products: lines(cart, find) }];
}

export function couponApplied(cart: Cart, order_id: string): ShopEvent {
  return [
    'Coupon Applied',
    { cart_id: cart.cart_id, order_id, coupon_id: cart.voucher, discount: amount(totals(cart).discount) },
  ];
}

export function couponDenied(cart: Cart, code: string): ShopEvent {
  return ['Coupon Denied', { cart_id: cart.cart_id, coupon: code, reason: 'unknown code' }];
}

function bill(cart: Cart): Properties {
  const sums = totals(cart);
  const voucher = voucherOf(cart);
  return {
    value: amount(sums.total),
    // Segment: revenue leaves out shipping and tax.
    revenue: amount(sums.subtotal - sums.discount),
    shipping: amount(sums.shipping),
    discount: amount(sums.discount),
    ...(voucher !== undefined && { coupon: voucher.code }),
    currency: 'EUR',
  };
}

export function checkoutStarted(cart: Cart, order_id: string, find: Find): ShopEvent {
  return ['Checkout Started', { order_id, ...bill(cart), products: lines(cart, find) }];
}

export function orderCompleted(cart: Cart, order_id: string, find: Find): ShopEvent {
  const sums = totals(cart);
  return [
    'Order Completed',
    {
      order_id,
      checkout_id: cart.cart_id,
      ...bill(cart),
      subtotal: amount(sums.subtotal),
      total: amount(sums.total),
      products: lines(cart, find),
    },
  ];
}
