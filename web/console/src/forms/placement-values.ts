/** A placement as its form holds it, and back. */
import type { Definition, JsonObject, Learning, PlacementSpec, Strategy } from "../api/types.ts";

export interface PlacementValues {
  id: string;
  name: string;
  description: string;
  type: "offers" | "items";
  limit: number | string;
  /** How items are found. */
  by: "strategies" | "recipe";
  strategies: Strategy[];
  recipe: string;
  exclude: number | string;
  silence: string;
  silenceBelow: number | string;
  formula: string;
  learns: boolean;
  /** The event that is a success, as a feature names events. */
  reward: string;
  window: number | string;
  /** Instead of days; 0 counts the days. */
  minutes: number | string;
  features: string[];
  /** Shares, in percent. */
  floor: number | string;
  trial: number | string;
  holdout: number | string;
  next: string;
  hasFallback: boolean;
  fallback: JsonObject;
}

export const STRATEGIES: Strategy[] = ["popular-now", "also-viewed", "recently-viewed"];

export const CLICK = '"Decision Clicked"';
export const ORDER = '"Order Completed"';
const LEARNING: Learning = {
  reward: CLICK,
  window_days: 1,
  window_minutes: 0,
  features: [],
  floor: 0.02,
  trial: 0.2,
  holdout: 0.1,
};

const percent = (share: number) => Math.round(share * 100_000) / 1000;
const share = (value: number | string) =>
  Math.min(1, Math.max(0, Number(value) || 0) / 100);

export function valuesOf(definition?: Definition<PlacementSpec>): PlacementValues {
  const spec = definition?.spec;
  const fallback = spec?.fallback?.content ?? null;
  const learning = { ...LEARNING, ...spec?.learning };
  return {
    id: definition?.id ?? "",
    name: definition?.name ?? "",
    description: spec?.description ?? "",
    type: spec?.type ?? "offers",
    limit: spec?.limit ?? 1,
    by: spec?.recipe ? "recipe" : "strategies",
    strategies: spec?.strategies?.map((entry) => entry.strategy) ?? ["popular-now"],
    recipe: spec?.recipe ?? "",
    exclude: spec?.exclude_purchased_days ?? 30,
    silence: spec?.silence_promotions_when ?? "",
    silenceBelow: spec?.silence_below ?? "",
    formula: spec?.formula ?? "",
    learns: (spec?.learning ?? null) !== null,
    reward: learning.reward,
    window: learning.window_days,
    minutes: learning.window_minutes,
    features: learning.features ?? [],
    floor: percent(learning.floor),
    trial: percent(learning.trial),
    holdout: percent(learning.holdout),
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
    strategies:
      values.type === "items" && values.by === "strategies"
        ? values.strategies.map((strategy) => ({ strategy }))
        : [],
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
  const recipe = values.type === "items" && values.by === "recipe" ? values.recipe : null;
  if (recipe !== (known?.recipe ?? null)) spec.recipe = recipe;
  const learning = learningOf(values, before, known);
  if (learning !== (known?.learning ?? null)) spec.learning = learning;
  return spec;
}

/** Untouched, it is the very one that was stored. */
function learningOf(
  values: PlacementValues,
  before: PlacementValues,
  known: PlacementSpec | undefined,
): Learning | null {
  if (!values.learns || values.type === "items") return null;
  const names = ["reward", "window", "minutes", "features", "floor", "trial", "holdout"] as const;
  const same = names.every((name) => String(values[name]) === String(before[name]));
  if (before.learns && same && known?.learning) return known.learning;
  return {
    ...known?.learning,
    reward: values.reward.trim(),
    window_days: Math.max(1, Math.trunc(Number(values.window)) || 1),
    window_minutes: Math.max(0, Math.trunc(Number(values.minutes)) || 0),
    features: values.features,
    floor: share(values.floor),
    trial: share(values.trial),
    holdout: share(values.holdout),
  };
}
