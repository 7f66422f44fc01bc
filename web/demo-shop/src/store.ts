/** The shop's own memory: cart, log-in, orders and wish list, kept in this browser. */

import { parseAccount } from './account.ts';
import type { Account } from './account.ts';
import { emptyCart, parseCart } from './cart.ts';
import type { Cart } from './cart.ts';
import type { Cents } from './money.ts';
import { productById } from './range.ts';
import { load, save } from './storage.ts';

export interface Order {
  readonly order_id: string;
  readonly placed_at: string;
  readonly cart: Cart;
  readonly total: Cents;
  readonly user_id: string | null;
}

const ORDERS_MAX = 20;
const listeners = new Set<() => void>();

const known = (item_id: string): boolean => productById(item_id) !== undefined;

function token(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes, (byte) => (byte % 36).toString(36)).join('');
}

function parseOrders(value: unknown): Order[] | null {
  if (!Array.isArray(value)) return null;
  return (value as Partial<Order>[]).flatMap((order) => {
    // What was paid stays paid: a coupon that ended since still stands on the bill.
    const cart = parseCart(order?.cart, known, 0);
    if (cart === null || typeof order.order_id !== 'string') return [];
    const { order_id, placed_at, total, user_id } = order;
    if (typeof placed_at !== 'string' || !Number.isInteger(total)) return [];
    return [{ order_id, placed_at, cart, total: total as Cents, user_id: user_id ?? null }];
  });
}

function parseWishes(value: unknown): string[] | null {
  return Array.isArray(value) ? value.filter((id): id is string => typeof id === 'string' && known(id)) : null;
}

let cart = load('cart', (value) => parseCart(value, known), emptyCart(`cart_${token(10)}`));
let account = load<Account | null>('account', parseAccount, null);
let orders = load<Order[]>('orders', parseOrders, []);
let wishes = load<string[]>('wishes', parseWishes, []);

function changed(name: string, value: unknown): void {
  save(name, value);
  for (const listener of listeners) listener();
}

export const store = {
  onChange(listener: () => void): void {
    listeners.add(listener);
  },
  get cart(): Cart {
    return cart;
  },
  get account(): Account | null {
    return account;
  },
  get orders(): readonly Order[] {
    return orders;
  },
  get wishes(): readonly string[] {
    return wishes;
  },
  setCart(next: Cart): void {
    cart = next;
    changed('cart', cart);
  },
  logIn(next: Account): void {
    account = next;
    changed('account', account);
  },
  logOut(): void {
    account = null;
    changed('account', null);
  },
  toggleWish(item_id: string): boolean {
    const held = wishes.includes(item_id);
    wishes = held ? wishes.filter((id) => id !== item_id) : [...wishes, item_id];
    changed('wishes', wishes);
    return !held;
  },
  /** One order number from the first look at the checkout until the order is placed. */
  orderNumber(): string {
    return `LF-${cart.cart_id.slice(5, 13).toUpperCase()}`;
  },
  placeOrder(total: Cents, placed_at: string): Order {
    const order: Order = {
      order_id: store.orderNumber(),
      placed_at,
      cart,
      total,
      user_id: account?.user_id ?? null,
    };
    orders = [order, ...orders].slice(0, ORDERS_MAX);
    save('orders', orders);
    store.setCart(emptyCart(`cart_${token(10)}`));
    return order;
  },
};
