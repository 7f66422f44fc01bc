/**
 * Wire types of how recipes do and of versions of models, until the generated schema has them;
 * then each is one line, such as `export type RecipeReport = Schemas["RecipeReport"]`.
 */
import type { components } from "./schema.d.ts";

type Schemas = components["schemas"];

/** A mean with its 95 % interval. */
export interface Measured {
  value: number;
  lower: number;
  upper: number;
}

export interface RecipeOffline {
  evaluated_at: string;
  persons: number;
  /** How it was measured, in words. */
  protocol: string;
  ndcg_at_10: Measured;
  recall_at_10: Measured;
  /** What the most popular items would have had. */
  popular_ndcg_at_10: Measured;
  /** Share of the available items of the catalog, 0 to 1. */
  coverage: number;
  /** Mean of −log2 of the share of people who touched an item. */
  novelty_bits: number;
}

export interface RecipeDay {
  day: string;
  items_shown: number;
  clicked: number;
  bought: number;
}

export interface RecipeOnline {
  since_at: string | null;
  decisions: number;
  items_shown: number;
  clicked: number;
  bought: number;
  fallbacks: number;
  click_rate: Measured | null;
  purchase_rate: Measured | null;
  coverage: number | null;
  novelty_bits: number | null;
  days: RecipeDay[];
}

export interface RecipeReport {
  recipe: string;
  offline: RecipeOffline | null;
  online: RecipeOnline;
  catalog_items: number;
  /** Why there is no offline score. */
  words: string;
}

export interface ModelVersion {
  version: number;
  trained_at: string;
  histories: number;
  /** Which settings were chosen, and why, in words. */
  chosen: string;
  ndcg_at_10: number | null;
  serves: boolean;
}

export type TrainedModel = Schemas["TrainedModel"] & { versions?: ModelVersion[] };

export type Models = Omit<Schemas["Models"], "linear" | "content"> & {
  linear: TrainedModel | null;
  content: TrainedModel | null;
};

interface Answers<Body> {
  responses: { 200: { headers: Record<string, unknown>; content: { "application/json": Body } } };
}

export interface RecipePaths {
  "/api/v1/recipes/{id}/report": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: { parameters: { path: { id: string } } } & Answers<RecipeReport>;
  };
  "/api/v1/models": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: { parameters: Record<string, never> } & Answers<Models>;
  };
  "/api/v1/models/{model}/serve": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    post: {
      parameters: { path: { model: string } };
      requestBody: { content: { "application/json": { version: number | null } } };
    } & Answers<unknown>;
  };
}
