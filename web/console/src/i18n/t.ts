/**
 * Every string a person reads comes through `t`. Texts may hold `{name}` places, and a text with
 * `one` and `other` is chosen by its `{count}` under the locale's plural rule.
 */
import { en } from "./en.ts";
import type { LateIdentity } from "./late-identity.ts";
import type { LateMessages } from "./late.ts";

type Text = string | { one: string; other: string };
type KeysOf<Tree> = {
  [Key in keyof Tree & string]: Tree[Key] extends Text ? Key : `${Key}.${KeysOf<Tree[Key]>}`;
}[keyof Tree & string];

type Late = LateMessages & LateIdentity;
export type MessageKey = KeysOf<typeof en> | KeysOf<Late>;
export type Params = Record<string, string | number>;

export const LOCALE_STORAGE = "kith.locale";
/** A made-up locale that brackets every text, so that a bare string stands out. */
export const PSEUDO = "pseudo";

const stored = typeof localStorage === "undefined" ? null : localStorage.getItem(LOCALE_STORAGE);
const pseudo = stored === PSEUDO;
export const locale = "en";
const plurals = new Intl.PluralRules(locale);
const numbers = new Intl.NumberFormat(locale);

const messages: Record<string, unknown> = { ...en };

/** Texts of pages that come with their own script, so that the shell stays light. */
export function addMessages(late: Partial<Late>): void {
  Object.assign(messages, late);
}

export function t(key: MessageKey, params: Params = {}): string {
  const filled = fill(pick(lookUp(key), params), params);
  return pseudo ? `⟦${filled}⟧` : filled;
}

/** The text under a key built at run time, or undefined where the messages have none. */
export function tMaybe(key: string, params: Params = {}): string | undefined {
  return lookUp(key) === undefined ? undefined : t(key as MessageKey, params);
}

function lookUp(key: string): Text | undefined {
  let node: unknown = messages;
  for (const part of key.split(".")) node = (node as Record<string, unknown> | undefined)?.[part];
  return isText(node) ? node : undefined;
}

function isText(node: unknown): node is Text {
  if (typeof node === "string") return true;
  return typeof node === "object" && node !== null && "other" in node;
}

function pick(text: Text | undefined, params: Params): string {
  if (text === undefined) return "";
  if (typeof text === "string") return text;
  return plurals.select(Number(params.count)) === "one" ? text.one : text.other;
}

function fill(text: string, params: Params): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = params[name];
    if (value === undefined) return place;
    return typeof value === "number" ? numbers.format(value) : value;
  });
}
