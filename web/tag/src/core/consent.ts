/**
 * What the visitor allows. A category is granted by an explicit choice, else by the site's
 * default, and a browser signal (Global Privacy Control, Do Not Track) stands above the default.
 */
import type { Config } from "./config.ts";

export type Choice = Record<string, boolean>;

export interface Consent {
  /** Granted or not, for each category of the configuration. */
  categories: Choice;
  /** Only what the visitor said on this site. */
  choice: Choice;
  /** The browser asks not to be tracked. */
  signal: boolean;
}

export function resolve(config: Config["consent"], choice: Choice, signal: boolean): Consent {
  const categories: Choice = {};
  for (const category of config.categories) {
    const allowed = config.default === "granted" && !(signal && category !== "analytics");
    categories[category] = choice[category] ?? allowed;
  }
  return { categories, choice, signal };
}

export function granted(consent: Consent, category: string): boolean {
  return consent.categories[category] === true;
}

/** Whether anything that recognises the visitor later may be stored in this browser. */
export function mayStore(consent: Consent): boolean {
  const analytics = granted(consent, "analytics");
  return (
    granted(consent, "personalization") ||
    (analytics && (!consent.signal || consent.choice["analytics"] === true))
  );
}

/** Nobody has decided yet: events wait instead of being dropped. */
export function undecided(consent: Consent): boolean {
  return !granted(consent, "analytics") && consent.choice["analytics"] === undefined;
}

export function readChoice(given: unknown, categories: readonly string[]): Choice {
  const choice: Choice = {};
  for (const category of categories) {
    const value = (given as Choice | null)?.[category];
    if (typeof value === "boolean") choice[category] = value;
  }
  return choice;
}
