/** The cart as a value: lines, totals and voucher codes. No storage, no page. */

import { parseCoupon } from './coupon.ts';
import type { Coupon } from './coupon.ts';
import type { Cents } from './money.ts';

export interface CartLine {
  readonly item_id: string;
  readonly variant: string | null;
  readonly quantity: number;
  /** The price when it was put in. */
  readonly price: Cents;
}

export interface Cart {
  readonly cart_id: string;
  readonly lines: readonly CartLine[];
  /** The code that counts. */
  readonly voucher: string | null;
  /** What the code takes off when it is the person's own. */
  readonly coupon?: Coupon;
}

export interface Totals {
  readonly count: number;
  readonly subtotal: Cents;
  readonly discount: Cents;
  readonly shipping: Cents;
  readonly total: Cents;
}

export interface Voucher {
  readonly code: string;
  readonly says: string;
  discount(subtotal: Cents): Cents;
  readonly freeShipping: boolean;
}

export const QUANTITY_MAX = 9;
export const LINES_MAX = 50;
export const SHIPPING: Cents = 490;
export const FREE_SHIPPING_FROM: Cents = 8000;

const percent =
  (share: number) =>
  (subtotal: Cents): Cents =>
    Math.round((subtotal * share) / 100);

export const VOUCHERS: readonly Voucher[] = [
  { code: 'CIRCLE10', says: '10 % off for Circle members', discount: percent(10), freeShipping: true },
  { code: 'COMEBACK10', says: '10 % off, good to see you again', discount: percent(10), freeShipping: false },
  { code: 'HELLO5', says: '€5 off your first order', discount: (subtotal) => Math.min(500, subtotal), freeShipping: false },
  { code: 'THREEUP', says: 'free shipping', discount: () => 0, freeShipping: true },
];

export function emptyCart(cart_id: string): Cart {
  return { cart_id, lines: [], voucher: null };
}

function same(line: CartLine, item_id: string, variant: string | null): boolean {
  return line.item_id === item_id && line.variant === variant;
}

export function find(cart: Cart, item_id: string, variant: string | null): CartLine | undefined {
  return cart.lines.find((line) => same(line, item_id, variant));
}

export function add(cart: Cart, added: CartLine): Cart {
  const held = find(cart, added.item_id, added.variant);
  if (held !== undefined) {
    return setQuantity(cart, added.item_id, added.variant, held.quantity + added.quantity);
  }
  if (cart.lines.length >= LINES_MAX) return cart;
  const quantity = Math.min(Math.max(1, added.quantity), QUANTITY_MAX);
  return { ...cart, lines: [...cart.lines, { ...added, quantity }] };
}

/** Zero removes the line. */
export function setQuantity(
  cart: Cart,
  item_id: string,
  variant: string | null,
  quantity: number,
): Cart {
  if (quantity <= 0) return remove(cart, item_id, variant);
  const lines = cart.lines.map((line) =>
    same(line, item_id, variant) ? { ...line, quantity: Math.min(quantity, QUANTITY_MAX) } : line,
  );
  return { ...cart, lines };
}

export function remove(cart: Cart, item_id: string, variant: string | null): Cart {
  const lines = cart.lines.filter((line) => !same(line, item_id, variant));
  return lines.length === 0 ? emptyCart(cart.cart_id) : { ...cart, lines };
}

export function findVoucher(code: string): Voucher | undefined {
  const wanted = code.trim().toUpperCase();
  return VOUCHERS.find((voucher) => voucher.code === wanted);
}

/** The voucher that counts for this cart. */
export function voucherOf({ voucher, coupon }: Cart): Voucher | undefined {
  if (voucher === null) return undefined;
  if (coupon?.code !== voucher) return findVoucher(voucher);
  return { code: coupon.code, says: coupon.says, discount: percent(coupon.percent), freeShipping: false };
}

export function applyCoupon(cart: Cart, coupon: Coupon): Cart {
  return { ...cart, voucher: coupon.code, coupon };
}

/** A coupon that ended takes nothing off any more. */
export function withoutEnded(cart: Cart, now: number): Cart {
  const { coupon, ...rest } = cart;
  if (coupon === undefined || parseCoupon(coupon, now) !== null) return cart;
  return { ...rest, voucher: cart.voucher === coupon.code ? null : cart.voucher };
}

export function totals(cart: Cart): Totals {
  const count = cart.lines.reduce((sum, line) => sum + line.quantity, 0);
  const subtotal = cart.lines.reduce((sum, line) => sum + line.price * line.quantity, 0);
  const voucher = voucherOf(cart);
  const discount = voucher?.discount(subtotal) ?? 0;
  const free = count === 0 || subtotal >= FREE_SHIPPING_FROM || voucher?.freeShipping === true;
  const shipping = free ? 0 : SHIPPING;
  return { count, subtotal, discount, shipping, total: subtotal - discount + shipping };
}

/** Accepts a stored cart only when every line still makes sense. */
export function parseCart(
  value: unknown,
  known: (item_id: string) => boolean,
  now: number = Date.now(),
): Cart | null {
  if (typeof value !== 'object' || value === null) return null;
  const given = value as Partial<Record<keyof Cart, unknown>>;
  if (typeof given.cart_id !== 'string' || !Array.isArray(given.lines)) return null;
  const lines = (given.lines as Partial<Record<keyof CartLine, unknown>>[]).flatMap((line) => {
    const { item_id, variant, quantity, price } = line ?? {};
    if (typeof item_id !== 'string' || !known(item_id)) return [];
    if (!Number.isInteger(quantity) || !Number.isInteger(price)) return [];
    if ((quantity as number) < 1 || (quantity as number) > QUANTITY_MAX) return [];
    return [
      {
        item_id,
        variant: typeof variant === 'string' ? variant : null,
        quantity: quantity as number,
        price: price as Cents,
      },
    ];
  });
  const coupon = parseCoupon(given.coupon, now);
  const held: Cart = {
    cart_id: given.cart_id,
    lines: lines.slice(0, LINES_MAX),
    voucher: typeof given.voucher === 'string' ? given.voucher : null,
    ...(coupon !== null && { coupon }),
  };
  return { ...held, voucher: voucherOf(held)?.code ?? null };
}
