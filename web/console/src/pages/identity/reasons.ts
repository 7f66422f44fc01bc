import type { IdentityShape } from "../../api/identity.ts";
import { tMaybe } from "../../i18n/t.ts";
import type { Bar } from "../../parts/PairedBars.tsx";

/** Refused links by reason, the most frequent first; of two shapes side by side. */
export function refusedBars(...shapes: IdentityShape[]): Bar[] {
  const reasons = new Set(shapes.flatMap((shape) => Object.keys(shape.refused)));
  const bars = [...reasons].map((key) => ({
    key,
    label: tMaybe(`identity.reason.${key}`) ?? key,
    hint: tMaybe(`identity.reasonHint.${key}`),
    values: shapes.map((shape) => shape.refused[key] ?? 0),
  }));
  const most = (bar: Bar) => Math.max(...bar.values);
  return bars
    .filter((bar) => most(bar) > 0)
    .sort((a, b) => most(b) - most(a) || (a.key < b.key ? -1 : 1));
}

export const refusedTotal = (shape: IdentityShape) =>
  Object.values(shape.refused).reduce((sum, count) => sum + count, 0);
