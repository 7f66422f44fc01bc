/** A coupon that Kith granted to this person: its code, what it takes off, and when it ends. */

import type { Decision } from './kith.ts';

export interface Coupon {
  readonly code: string;
  /** On the bill, beside the code. */
  readonly says: string;
  readonly percent: number;
  /** First instant at which the person no longer has it. */
  readonly expires_at: string;
}

type Bag = Readonly<Record<string, unknown>>;

const bag = (value: unknown): Bag => (typeof value === 'object' && value !== null ? (value as Bag) : {});

const CODE_CHARS_MAX = 60;

/** Anything but a whole coupon that still holds is none. */
export function parseCoupon(value: unknown, now: number): Coupon | null {
  const { code, says, percent, expires_at } = bag(value);
  if (typeof code !== 'string' || code === '' || code.length > CODE_CHARS_MAX) return null;
  if (typeof percent !== 'number' || !(percent > 0 && percent <= 100)) return null;
  if (typeof expires_at !== 'string' || !(Date.parse(expires_at) > now)) return null;
  return { code, percent, expires_at, says: typeof says === 'string' ? says : `${percent} % off` };
}

/** The code is the server's, from the grant; the discount stands in the offer. */
export function couponOf(decision: Decision, now: number): Coupon | null {
  for (const { content, granted } of decision.choices) {
    const { code, expires_at } = bag(granted);
    const coupon = parseCoupon({ ...content, code, expires_at }, now);
    if (coupon !== null) return coupon;
  }
  return null;
}
