/** Two persons side by side: what agrees, what is nearly the same, what differs. */
import type { Identifier, JsonObject, Person } from "../../api/types.ts";
import { formatFeature, formatInteger } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";

/** `one`: only one of them has it. `none`: it says nothing. */
export type Mark = "same" | "alike" | "differs" | "one" | "none";

export interface Row {
  name: string;
  a: string[];
  b: string[];
  mark: Mark;
}

/** Each device has an id of its own: two of them differing says nothing. */
const DEVICE = "anonymous_id";
const SIGNS = ["country", "locale", "device_type", "os", "browser", "last_viewed_category"];
const ORDER: Mark[] = ["same", "alike", "differs", "one", "none"];
/** A change of so many letters more is forgiven for every so many letters. */
const LETTERS_PER_EDIT = 6;
const BEGINNING_MIN_CHARS = 3;
const COMPARED_MAX_CHARS = 200;

export function compareIdentifiers(a: Identifier[], b: Identifier[]): Row[] {
  const kinds = [...new Set([...a, ...b].map((one) => one.namespace))];
  const rows = kinds.map((name) => {
    const values = (all: Identifier[]) =>
      all.filter((one) => one.namespace === name).map((one) => one.value);
    const row = rowOf(name, values(a), values(b));
    const silent = name === DEVICE && row.mark !== "same";
    return silent ? { ...row, mark: "none" as const } : row;
  });
  return sorted(rows);
}

/** Traits, but those that repeat an identifier. */
export function compareTraits(a: Person, b: Person): Row[] {
  const told = new Set([...a.identifiers, ...b.identifiers].map((one) => one.namespace));
  const names = [...new Set([...Object.keys(a.traits), ...Object.keys(b.traits)])];
  const rows = names
    .filter((name) => !told.has(name))
    .map((name) => rowOf(name, textsOf(a.traits[name]), textsOf(b.traits[name])));
  return sorted(rows.filter((row) => row.a.length + row.b.length > 0));
}

/** What visits say of a person: where, when and on what. */
export function compareVisits(a: Person, b: Person): Row[] {
  const of = (features: JsonObject, name: string) =>
    features[name] === null ? [] : textsOf(features[name]);
  const signs = SIGNS.map((name) => rowOf(name, of(a.features, name), of(b.features, name)));
  const plain = (name: string, read: (person: Person) => string | undefined): Row => {
    const values = (person: Person) => [read(person) ?? ""].filter(Boolean);
    return { name, a: values(a), b: values(b), mark: "none" };
  };
  const facts = [
    plain("first_seen_at", (person) => date(person.first_seen_at)),
    plain("last_seen_at", (person) => date(person.last_seen_at)),
    plain("event_count", (person) => formatInteger(person.event_count)),
  ];
  return [...sorted(signs.filter((row) => row.a.length + row.b.length > 0)), ...facts];
}

const date = (at: string | null) => (at === null ? undefined : formatFeature("seen_at", at));

export function countMarks(rows: Row[]): Record<Mark, number> {
  const counts = { same: 0, alike: 0, differs: 0, one: 0, none: 0 };
  for (const row of rows) counts[row.mark] += 1;
  return counts;
}

function rowOf(name: string, a: string[], b: string[]): Row {
  return { name, a, b, mark: markOf(a, b) };
}

const sorted = (rows: Row[]) =>
  [...rows].sort((a, b) => ORDER.indexOf(a.mark) - ORDER.indexOf(b.mark));

/** The best that any two of the values are to each other. */
export function markOf(a: string[], b: string[]): Mark {
  if (a.length === 0 && b.length === 0) return "none";
  if (a.length === 0 || b.length === 0) return "one";
  const marks = a.flatMap((one) => b.map((other) => between(one, other)));
  return ORDER.find((mark) => marks.includes(mark)) ?? "differs";
}

function between(a: string, b: string): Mark {
  const [one, other] = [cut(a.trim().toLowerCase()), cut(b.trim().toLowerCase())];
  if (one === other) return "same";
  const [x, y] = [folded(one), folded(other)];
  if (x === "" || y === "") return "differs";
  if (x === y || wordsFit(one, other)) return "alike";
  const [short, long] = x.length < y.length ? [x, y] : [y, x];
  if (short.length >= BEGINNING_MIN_CHARS && long.startsWith(short)) return "alike";
  const allowed = Math.floor(long.length / LETTERS_PER_EDIT);
  return allowed > 0 && edits(x, y) <= allowed ? "alike" : "differs";
}

const cut = (text: string) => text.slice(0, COMPARED_MAX_CHARS);
const bare = (text: string) => text.normalize("NFKD").replaceAll(/\p{M}/gu, "");
/** Letters and digits without accents. */
const folded = (text: string) => bare(text).replaceAll(/[^\p{L}\p{N}]/gu, "");
const words = (text: string) => bare(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean).sort();

/** The same words in any order, where a word may be the beginning of the other: an initial. */
function wordsFit(a: string, b: string): boolean {
  const [one, other] = [words(a), words(b)];
  if (one.length < 2 || one.length !== other.length) return false;
  const whole = one.filter((word, at) => word === other[at]).length;
  const fits = one.every((word, at) => word.startsWith(other[at]!) || other[at]!.startsWith(word));
  return fits && whole > 0;
}

/** Letters to add, drop, change or swap with their neighbour (Damerau 1964). */
export function edits(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, before[j - 2]! + 1);
      }
      row.push(least);
    }
    [before, last] = [last, row];
  }
  return last[b.length]!;
}

function textsOf(value: unknown): string[] {
  if (value === null || value === undefined || value === "") return [];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value === "boolean") return [t(value ? "parts.yes" : "parts.no")];
  if (typeof value !== "object") return [String(value)];
  const parts = Object.values(value).flatMap(textsOf);
  return parts.length > 0 ? [parts.join(", ")] : [];
}
