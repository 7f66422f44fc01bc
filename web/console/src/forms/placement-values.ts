/** A placement as its form holds it, and back. */
import type { Definition, JsonObject, PlacementSpec, Strategy } from "../api/types.ts";

export interface PlacementValues {
  id: string;
  name: string;
  description: string;
  type: "offers" | "items";
  limit: number | string;
  strategies: Strategy[];
  exclude: number | string;
  silence: string;
  silenceBelow: number | string;
  formula: string;
  next: string;
  hasFallback: boolean;
  fallback: JsonObject;
}

export const STRATEGIES: Strategy[] = ["popular-now", "also-viewed", "recently-viewed"];

export function valuesOf(definition?: Definition<PlacementSpec>): PlacementValues {
  const spec = definition?.spec;
  const fallback = spec?.fallback?.content ?? null;
  return {
    id: definition?.id ?? "",
    name: definition?.name ?? "",
    description: spec?.description ?? "",
    type: spec?.type ?? "offers",
    limit: spec?.limit ?? 1,
    strategies: spec?.strategies?.map((entry) => entry.strategy) ?? ["popular-now"],
    exclude: spec?.exclude_purchased_days ?? 30,
    silence: spec?.silence_promotions_when ?? "",
    silenceBelow: spec?.silence_below ?? "",
    formula: spec?.formula ?? "",
    next: spec?.fallback?.placement ?? "",
    hasFallback: fallback !== null,
    fallback: fallback ?? {},
  };
}

export function specOf(values: PlacementValues, known?: PlacementSpec): PlacementSpec {
  const before = valuesOf(known && ({ spec: known } as Definition<PlacementSpec>));
  const content = values.hasFallback ? values.fallback : null;
  const spec: PlacementSpec = {
    ...known,
    description: values.description.trim(),
    type: values.type,
    limit: Math.max(1, Number(values.limit) || 1),
    strategies: values.type === "items" ? values.strategies.map((strategy) => ({ strategy })) : [],
    exclude_purchased_days: Math.max(0, Number(values.exclude) || 0),
    fallback: { ...known?.fallback, content },
  };
  // What was never written stays unwritten until somebody changes it.
  const { silence, silenceBelow, formula, next } = values;
  if (silence !== before.silence) spec.silence_promotions_when = silence.trim();
  if (formula !== before.formula) spec.formula = formula.trim();
  if (silenceBelow !== before.silenceBelow) {
    spec.silence_below = silenceBelow === "" ? null : Number(silenceBelow);
  }
  if (next !== before.next) spec.fallback = { placement: next.trim() || null, content };
  return spec;
}
