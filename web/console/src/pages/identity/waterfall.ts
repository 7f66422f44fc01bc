/** What speaks for a link and against it, as bars left and right of zero. */
import type { LinkReason } from "../../api/reviews.ts";
import { humaniseField } from "../../i18n/format.ts";
import { tMaybe } from "../../i18n/t.ts";

export interface Step {
  key: string;
  /** The field, or what else counts. */
  name: string;
  /** How far both agree on it. */
  level: string;
  bits: number;
  /** Where its bar begins and how long it is, as shares of the width. */
  from: number;
  length: number;
}

export interface Waterfall {
  steps: Step[];
  /** Those too weak to be drawn. */
  weak: number;
  total: Step;
  /** Where zero stands, as a share of the width. */
  zero: number;
}

/** What weighs less changes the odds by less than a tenth. */
const WEAK_BITS = 0.1;
/** What pairs in general are like, before anything is known of this one. */
const START = "start";

export function waterfall(reasons: LinkReason[]): Waterfall {
  const told = reasons.filter((one) => Math.abs(one.bits) >= WEAK_BITS);
  const sum = reasons.reduce((all, one) => all + one.bits, 0);
  const all = [sum, ...told.map((one) => one.bits)];
  const least = Math.min(0, ...all);
  const span = Math.max(0, ...all) - least || 1;
  const bar = (bits: number) => ({
    bits,
    from: (Math.min(0, bits) - least) / span,
    length: Math.abs(bits) / span,
  });
  const steps = told.map((one, at) => ({ key: `${at} ${one.about}`, ...named(one), ...bar(one.bits) }));
  const first = (one: LinkReason) => (one.about.startsWith(START) ? 0 : 1);
  const order = told
    .map((one, at) => ({ one, step: steps[at]! }))
    .sort((a, b) => first(a.one) - first(b.one) || Math.abs(b.one.bits) - Math.abs(a.one.bits));
  return {
    steps: order.map(({ step }) => step),
    weak: reasons.length - told.length,
    total: { key: "total", name: "", level: "", ...bar(sum) },
    zero: (0 - least) / span,
  };
}

/** `surname: one letter off` in two parts, in our own words where we have any. */
function named({ about }: LinkReason): { name: string; level: string } {
  const colon = about.indexOf(": ");
  const [name, level] = colon < 0 ? [about, ""] : [about.slice(0, colon), about.slice(colon + 2)];
  const own = tMaybe(`identity.why.named.${name}`);
  return own ? { name: own, level: "" } : { name: humaniseField(name), level };
}

/** The strongest reasons in a few words, for where there is no room to draw. */
export function inShort(reasons: LinkReason[], most: number): string {
  const { steps } = waterfall(reasons.filter((one) => one.bits > 0));
  const words = steps.slice(0, most).map(({ name, level }) => (level ? `${name} ${level}` : name));
  return words.join(", ");
}
