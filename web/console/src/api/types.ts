/** The generated wire types under the names the console uses. `npm run types` regenerates them. */
import type { components } from "./schema.d.ts";

type Schemas = components["schemas"];

export type JsonObject = Schemas["JsonObject"];
export type FieldError = Schemas["FieldError"];
export type Problem = Schemas["Problem"];
export type Overview = Schemas["Overview"];

export type Identifier = Schemas["Identifier"];
export type KithEvent = Schemas["Event"];
export type FateStep = Schemas["FateStep"];
export type RejectedEvent = Schemas["RejectedEvent"];

export type PersonRow = Schemas["PersonRow"];
export type Person = Schemas["Person"];
export type PersonIdentifier = Schemas["PersonIdentifier"];
export type Link = Schemas["Link"];

export type Choice = Schemas["Choice"];
export type Loser = Schemas["Loser"];
export type DecisionRecord = Schemas["DecisionRecord"];
export type Preview = Schemas["Preview"];

export type CatalogItem = Schemas["Item"];
export type CatalogItemInput = Schemas["ItemInput"];

/** The envelope comes with any spec; the console knows the spec of each kind it edits. */
export type Definition<Spec> = Omit<Schemas["Definition"], "spec"> & { spec: Spec };
export type PlacementSpec = Schemas["PlacementSpec"];
export type Learning = Schemas["Learning"];
export type RecipeSpec = Schemas["RecipeSpec"];
export type RecipeModel = Schemas["RecipeModel"];
export type RecipeIngredient = Schemas["RecipeIngredient"];
export type RecipeBoost = Schemas["RecipeBoost"];
export type Strategy = Schemas["Strategy"];
export type OfferSpec = Schemas["OfferSpec"];
export type WebhookSpec = Schemas["WebhookSpec"];
export type SourceSpec = Schemas["SourceSpec"];
export type TagPlacement = Schemas["TagPlacement"];

export type Scope = Schemas["Scope"];
export type SecretKey = Schemas["SecretKey"];
export type SecretKeyCreated = Schemas["SecretKeyCreated"];

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}
