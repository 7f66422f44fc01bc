/** A recipe as its form holds it, and back. */
import type {
  Definition,
  RecipeIngredient,
  RecipeModel,
  RecipeSpec,
} from "../api/types.ts";

export const MODELS: RecipeModel[] = [
  "item-to-item",
  "visits",
  "linear",
  "again",
  "affinity",
  "content",
  "trending",
  "popular",
];
export const WEIGHT_MAX = 1000;
export const BOOSTS_MAX = 20;
export const FALLBACKS_MAX = 5;
const EXPLORATION_MAX_PERCENT = 50;

export interface BoostValues {
  /** Stays while others come and go. */
  key: string;
  when: string;
  factor: number | string;
}

export interface RecipeValues {
  id: string;
  name: string;
  description: string;
  goal: "discover" | "reorder";
  ingredients: { model: RecipeModel; weight: number | string }[];
  include: string;
  exclude: string;
  boosts: BoostValues[];
  perCategory: number | string;
  /** Shares, in percent. */
  mmr: number | string;
  exploration: number | string;
  fallbacks: string[];
}

export function valuesOf(definition?: Definition<RecipeSpec>): RecipeValues {
  const spec = definition?.spec;
  return {
    id: definition?.id ?? "",
    name: definition?.name ?? "",
    description: spec?.description ?? "",
    goal: spec?.goal ?? "discover",
    ingredients: spec?.ingredients.map(({ model, weight = 1 }) => ({ model, weight })) ?? [
      { model: "item-to-item", weight: 2 },
      { model: "popular", weight: 1 },
    ],
    include: spec?.include_when ?? "",
    exclude: spec?.exclude_when ?? "",
    boosts: (spec?.boosts ?? []).map((boost, at) => ({ key: `b${at}`, ...boost })),
    perCategory: spec?.diversity?.per_category ?? "",
    mmr: percentOf(spec?.diversity?.mmr ?? 0),
    exploration: percentOf(spec?.exploration ?? 0),
    fallbacks: spec?.fallbacks ?? [],
  };
}

const percentOf = (share: number) => Math.round(share * 10_000) / 100;

export function specOf(values: RecipeValues, known?: RecipeSpec): RecipeSpec {
  const before = known && valuesOf({ spec: known } as Definition<RecipeSpec>);
  // A share of more digits than the form shows stays as it was.
  const share = (name: "mmr" | "exploration", most: number, was: number | undefined) =>
    before && String(before[name]) === String(values[name])
      ? (was ?? 0)
      : Math.min(most, Math.max(0, Number(values[name]) || 0)) / 100;
  const ingredients: RecipeIngredient[] = values.ingredients.map(({ model, weight }) => ({
    model,
    weight: Math.max(0, Number(weight) || 0),
  }));
  return {
    ...known,
    description: values.description.trim(),
    goal: values.goal,
    ingredients,
    include_when: values.include.trim(),
    exclude_when: values.exclude.trim(),
    boosts: values.boosts.map(({ when, factor }) => ({
      when: when.trim(),
      factor: Math.max(0, Number(factor) || 0),
    })),
    diversity: {
      ...known?.diversity,
      per_category: values.perCategory === "" ? null : Math.max(1, Number(values.perCategory) || 1),
      mmr: share("mmr", 100, known?.diversity?.mmr),
    },
    exploration: share("exploration", EXPLORATION_MAX_PERCENT, known?.exploration),
    fallbacks: values.fallbacks,
  };
}

/** The next key of a boost. */
export function freshKey(boosts: BoostValues[]): string {
  const numbers = boosts.map(({ key }) => Number(key.slice(1)) || 0);
  return `b${Math.max(0, ...numbers) + 1}`;
}

/** Each ingredient's share of the score, 0 to 1. */
export function sharesOf(ingredients: { weight?: number | string }[]): number[] {
  const weights = ingredients.map(({ weight = 1 }) => Math.max(0, Number(weight) || 0));
  const sum = weights.reduce((all, one) => all + one, 0);
  return weights.map((one) => (sum > 0 ? one / sum : 0));
}
