/** How recipes do, and the models behind them. */
import { queryOptions } from "@tanstack/react-query";
import { client, taken } from "./client.ts";
import type { components } from "./schema.d.ts";

type Schemas = components["schemas"];
export type Estimate = Schemas["Estimate"];
export type RecipeReport = Schemas["RecipeReport"];
export type RecipeOffline = Schemas["RecipeOffline"];
export type RecipeOnline = Schemas["RecipeOnline"];
export type Models = Schemas["Models"];
export type ModelVersion = Schemas["ModelVersion"];
export type ModelTraining = Schemas["ModelTraining"];
export type TrainedModel = Schemas["TrainedModel"];

/** Outcomes trickle in; nobody waits for one. */
const REPORT_REFRESH_MS = 60_000;
/** While it is measured, somebody waits. */
const MEASURING_REFRESH_MS = 5_000;
const MODELS_REFRESH_MS = 10_000;
const TRAINING_REFRESH_MS = 2_000;

export type TrainedKind = "linear" | "content";

export const reportQuery = (id: string) =>
  queryOptions({
    queryKey: ["recipe-report", id],
    queryFn: () =>
      taken(client.GET("/api/v1/recipes/{id}/report", { params: { path: { id } } })),
    refetchInterval: ({ state: { data } }) =>
      data && data.words !== "" ? MEASURING_REFRESH_MS : REPORT_REFRESH_MS,
  });

export const modelsQuery = queryOptions({
  queryKey: ["models"],
  queryFn: () => taken(client.GET("/api/v1/models")),
  refetchInterval: ({ state: { data } }) =>
    data?.training?.state === "running" ? TRAINING_REFRESH_MS : MODELS_REFRESH_MS,
});

/** Null: the newest whole one again. */
export function serveModel(model: TrainedKind, version: number | null) {
  return taken(
    client.POST("/api/v1/models/{model}/serve", {
      params: { path: { model } },
      body: { version },
    }),
  );
}
