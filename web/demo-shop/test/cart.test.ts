import { describe, expect, it } from 'vitest';
import { add, applyCoupon, emptyCart, findVoucher, LINES_MAX, parseCart, QUANTITY_MAX, remove, setQuantity, SHIPPING, totals, voucherOf, withoutEnded } from '../src/cart.ts';
import type { Cart, CartLine } from '../src/cart.ts';
import { couponOf } from '../src/coupon.ts';

const line = (item_id: string, price: number, quantity = 1, variant: string | null = null): CartLine => ({ item_id, variant, quantity, price });
const fill = (...lines: CartLine[]): Cart => lines.reduce(add, emptyCart('cart_1'));

describe('lines', () => {
  it('adds to the line of the same item and size', () => {
    const cart = fill(line('boot', 18900, 1, '42'), line('boot', 18900, 2, '42'), line('boot', 18900, 1, '43'));
    expect(cart.lines.map(({ variant, quantity }) => [variant, quantity])).toEqual([['42', 3], ['43', 1]]);
  });

  it('keeps within its bounds', () => {
    expect(fill(line('mug', 1450, 8), line('mug', 1450, 8)).lines[0]?.quantity).toBe(QUANTITY_MAX);
    expect(fill(line('mug', 1450, 99)).lines[0]?.quantity).toBe(QUANTITY_MAX);
    const many = Array.from({ length: LINES_MAX + 3 }, (_, n) => line(`item-${n}`, 100));
    expect(fill(...many).lines).toHaveLength(LINES_MAX);
  });

  it('removes at zero, and the last line takes the voucher along', () => {
    const cart = { ...fill(line('mug', 1450), line('pan', 7400)), voucher: 'HELLO5' };
    const one = setQuantity(cart, 'mug', null, 0);
    expect(one.voucher).toBe('HELLO5');
    expect(remove(one, 'pan', null)).toEqual({ cart_id: 'cart_1', lines: [], voucher: null });
  });

  it('leaves the given cart as it was', () => {
    const cart = fill(line('mug', 1450));
    const before = structuredClone(cart);
    add(cart, line('pan', 7400));
    setQuantity(cart, 'mug', null, 5);
    expect(cart).toEqual(before);
  });
});

describe('sums', () => {
  const check = (cart: Cart, expected: Partial<ReturnType<typeof totals>>): void => {
    expect(totals(cart)).toMatchObject(expected);
  };
  const small = fill(line('mug', 1450, 2));

  it('charges shipping below the limit only', () => {
    check(small, { count: 2, subtotal: 2900, shipping: SHIPPING, total: 2900 + SHIPPING });
    check(fill(line('throw', 8000)), { shipping: 0, total: 8000 });
    check(emptyCart('c'), { count: 0, shipping: 0, total: 0 });
  });

  it('takes vouchers off', () => {
    check({ ...small, voucher: 'CIRCLE10' }, { discount: 290, shipping: 0, total: 2610 });
    check({ ...small, voucher: 'COMEBACK10' }, { discount: 290, shipping: SHIPPING });
    check({ ...small, voucher: 'HELLO5' }, { discount: 500 });
    check({ ...fill(line('x', 300)), voucher: 'HELLO5' }, { discount: 300, total: SHIPPING });
    check({ ...small, voucher: 'THREEUP' }, { discount: 0, shipping: 0, total: 2900 });
  });

  it('reads codes as people write them', () => {
    expect(findVoucher(' hello5 ')?.code).toBe('HELLO5');
    expect(findVoucher('nope')).toBeUndefined();
  });
});

describe('a coupon of one’s own', () => {
  const NOW = Date.parse('2026-11-23T12:00:00Z');
  const coupon = { code: 'STAY-7K2M', says: '15 % off', percent: 15, expires_at: '2026-11-25T12:00:00Z' };
  const held = applyCoupon(fill(line('mug', 1450, 2)), coupon);

  it('takes its share off, and only with its own code', () => {
    expect(totals(held)).toMatchObject({ discount: 435, total: 2900 - 435 + SHIPPING });
    expect(voucherOf({ ...held, voucher: 'HELLO5' })?.says).toBe('€5 off your first order');
    expect(voucherOf({ ...held, voucher: 'STAY-OTHER' })).toBeUndefined();
    expect(remove(held, 'mug', null)).toEqual(emptyCart('cart_1'));
  });

  it('is kept until it ends, and no longer', () => {
    const stored = JSON.parse(JSON.stringify(held));
    expect(parseCart(stored, () => true, NOW)).toEqual(held);
    const end = Date.parse(coupon.expires_at);
    expect(parseCart(stored, () => true, end)).toEqual({ ...fill(line('mug', 1450, 2)), voucher: null });
    expect(withoutEnded(held, NOW)).toBe(held);
    expect(withoutEnded(held, end)).toEqual({ ...fill(line('mug', 1450, 2)), voucher: null });
    expect(withoutEnded({ ...held, voucher: 'HELLO5' }, end).voucher).toBe('HELLO5');
  });

  it('is none when anything is wrong with it', () => {
    const granted = { code: coupon.code, expires_at: coupon.expires_at };
    const decision = (content: object, grant: object | undefined) => ({
      placement: 'cart_offer',
      choices: [{ kind: 'offer', id: 'x', content: { percent: 15, says: '15 % off', code: '', ...content }, ...(grant && { granted: { ...grant } }) }],
    });
    expect(couponOf(decision({}, granted), NOW)).toEqual(coupon);
    for (const [content, grant] of [
      [{}, undefined],
      [{}, { ...granted, code: '' }],
      [{}, { ...granted, code: 'X'.repeat(61) }],
      [{}, { ...granted, expires_at: 'soon' }],
      [{}, { ...granted, expires_at: '2026-11-23T12:00:00Z' }],
      [{ percent: 0 }, granted],
      [{ percent: 101 }, granted],
      [{ percent: '15' }, granted],
    ] as const) {
      expect(couponOf(decision(content, grant), NOW)).toBeNull();
    }
    expect(couponOf({ placement: 'cart_offer', choices: [] }, NOW)).toBeNull();
  });
});

describe('stored carts', () => {
  const known = (id: string): boolean => id !== 'gone';

  it('come back as they were', () => {
    const cart = { ...fill(line('mug', 1450, 2), line('boot', 18900, 1, '42')), voucher: 'HELLO5' };
    expect(parseCart(JSON.parse(JSON.stringify(cart)), known)).toEqual(cart);
  });

  it('lose what makes no sense', () => {
    const bad = { cart_id: 'c', voucher: 'FREE', lines: [null, 7, line('gone', 1), line('mug', 1.5), { ...line('mug', 5), quantity: 0 }, line('mug', 1450)] };
    expect(parseCart(bad, known)).toEqual({ cart_id: 'c', voucher: null, lines: [line('mug', 1450)] });
    for (const broken of [null, 'x', [], {}, { cart_id: 1, lines: [] }]) expect(parseCart(broken, known)).toBeNull();
  });
});
