/** What probable links are worth: as operators found, and as held-back log-ins say. */
import type { ReviewAgreement } from "../../api/identity.ts";
import type { QualityPoint } from "../../api/matching.ts";

export interface Tenth {
  from: number;
  to: number;
  same: number;
  different: number;
  /** Share of pairs that were one person; undefined when none was decided. */
  share: number | undefined;
  /** Where the share would be if the confidence were exact. */
  expected: number;
}

const STEP = 10;

/** Every tenth from the least that was decided up to certainty, the surest first. */
export function tenths(agreement: ReviewAgreement[]): Tenth[] {
  const known = new Map(agreement.map((one) => [Math.round(one.from_confidence * 100), one]));
  const found: Tenth[] = [];
  for (let from = 100 - STEP; from >= Math.min(...known.keys()); from -= STEP) {
    const { same = 0, different = 0 } = known.get(from) ?? {};
    const all = same + different;
    const to = from + STEP;
    const expected = (from + to) / 200;
    const share = all > 0 ? same / all : undefined;
    found.push({ from: from / 100, to: to / 100, same, different, share, expected });
  }
  return found;
}

export function totals(agreement: ReviewAgreement[]): { same: number; all: number } {
  const same = agreement.reduce((sum, one) => sum + one.same, 0);
  return { same, all: agreement.reduce((sum, one) => sum + one.different, same) };
}

/** What links of at least this confidence are worth; undefined when none is that sure. */
export function worthFrom(points: QualityPoint[], confidence: number): QualityPoint | undefined {
  return rising(points).find((point) => point.confidence >= confidence);
}

export interface Curve {
  precision: string;
  recall: string;
  /** The confidence at the left edge; the right edge is certainty. */
  least: number;
}

/** Two lines over the confidence as paths in a box of 1 by 1, with 0 at its bottom. */
export function curve(points: QualityPoint[]): Curve | undefined {
  const all = rising(points);
  if (all.length < 2) return undefined;
  const least = Math.floor(all[0]!.confidence * 10) / 10;
  const width = 1 - least || 1;
  const line = (read: (point: QualityPoint) => number) =>
    all
      .map((point, at) => {
        const x = (point.confidence - least) / width;
        return `${at === 0 ? "M" : "L"}${round(x)} ${round(1 - read(point))}`;
      })
      .join("");
  return { precision: line((one) => one.precision), recall: line((one) => one.recall), least };
}

const rising = (points: QualityPoint[]) =>
  [...points].sort((a, b) => a.confidence - b.confidence);
const round = (value: number) => Math.round(value * 1000) / 1000;
