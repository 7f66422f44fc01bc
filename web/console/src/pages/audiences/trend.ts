/** The size of an audience over time, and finding audiences by their names. */
import type { Audience, SizePoint } from "../../api/audience-wire.ts";
import { formatInteger } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";

export const RANGES = ["24h", "7d", "30d"] as const;
export type Range = (typeof RANGES)[number];

const HOUR_MS = 3_600_000;
const LENGTHS: Record<Range, number> = { "24h": 24, "7d": 24 * 7, "30d": 24 * 30 };

export function rangeStart(range: Range, now: number): Date {
  return new Date(now - LENGTHS[range] * HOUR_MS);
}

/** The points of a range with the size of now at its end. */
export function pointsIn(
  history: SizePoint[],
  range: Range,
  now: number,
  size: number,
): { at: string; value: number }[] {
  const start = rangeStart(range, now).getTime();
  const points = history
    .filter(({ at }) => Date.parse(at) >= start && Date.parse(at) <= now)
    .map(({ at, size: value }) => ({ at, value }));
  return [...points, { at: new Date(now).toISOString(), value: size }];
}

export function trendLabel(history: SizePoint[]): string {
  const sizes = history.map(({ size }) => size);
  if (sizes.length < 2) return t("audiences.trend.none");
  return t("audiences.trend.label", {
    first: formatInteger(sizes[0]!),
    last: formatInteger(sizes.at(-1)!),
    low: formatInteger(Math.min(...sizes)),
    high: formatInteger(Math.max(...sizes)),
  });
}

/** Those whose name, id or description has every word of the text in it. */
export function found(audiences: Audience[], text: string): Audience[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return audiences;
  return audiences.filter(({ name, audience_id, description }) => {
    const whole = `${name} ${audience_id} ${description}`.toLowerCase();
    return words.every((word) => whole.includes(word));
  });
}
