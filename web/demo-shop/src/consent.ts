/** The visitor's privacy choice: remembered by the shop, acted on by the tag. */

import * as kith from './kith.ts';
import { load, save } from './storage.ts';

export const CATEGORIES = ['analytics', 'personalization', 'marketing'] as const;
export type CategoryName = (typeof CATEGORIES)[number];
export type Choice = Readonly<Record<CategoryName, boolean>>;

export const CATEGORY_TEXTS: Readonly<Record<CategoryName, { title: string; text: string }>> = {
  analytics: {
    title: 'Analytics',
    text: 'Kith counts what you look at and buy, so that we see what works.',
  },
  personalization: {
    title: 'Personalisation',
    text: 'Kith recognises you when you return and chooses pictures, offers and products for you.',
  },
  marketing: {
    title: 'Marketing',
    text: 'We may write to you about things you liked, and keep campaign ids from links.',
  },
};

export const NOTHING: Choice = { analytics: false, personalization: false, marketing: false };
const EVERYTHING: Choice = { analytics: true, personalization: true, marketing: true };

/** Global Privacy Control: the browser asks not to have data sold or shared. */
export function privacySignal(): boolean {
  return (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl === true;
}

/** Under the signal marketing stays off whatever is ticked; the other two are the visitor's own. */
export function allowed(choice: Choice, signal: boolean): Choice {
  return signal ? { ...choice, marketing: false } : choice;
}

export function parseChoice(value: unknown): Choice | null {
  if (typeof value !== 'object' || value === null) return null;
  const given = value as Partial<Record<CategoryName, unknown>>;
  return CATEGORIES.every((name) => typeof given[name] === 'boolean') ? (given as Choice) : null;
}

let made = load<Choice | null>('consent', parseChoice, null);

export const consent = {
  /** Null until the visitor has chosen. */
  get made(): Choice | null {
    return made;
  },
  choose(choice: Choice): Choice {
    made = allowed(choice, privacySignal());
    save('consent', made);
    kith.consent(made);
    return made;
  },
  acceptAll(): Choice {
    return consent.choose(EVERYTHING);
  },
  onlyNecessary(): Choice {
    return consent.choose(NOTHING);
  },
};
