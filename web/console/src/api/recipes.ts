/** How recipes do, and the models behind them. */
import { queryOptions } from "@tanstack/react-query";
import createClient from "openapi-fetch";
import { markWrites, taken } from "./client.ts";
import type { RecipePaths } from "./recipe-wire.ts";

const client = createClient<RecipePaths>({ baseUrl: "", credentials: "same-origin" });
client.use(markWrites);

/** Outcomes trickle in; nobody waits for one. */
const REPORT_REFRESH_MS = 60_000;
const MODELS_REFRESH_MS = 10_000;

export type TrainedKind = "linear" | "content";

export const reportQuery = (id: string) =>
  queryOptions({
    queryKey: ["recipe-report", id],
    queryFn: () =>
      taken(client.GET("/api/v1/recipes/{id}/report", { params: { path: { id } } })),
    refetchInterval: REPORT_REFRESH_MS,
  });

export const modelsQuery = queryOptions({
  queryKey: ["models"],
  queryFn: () => taken(client.GET("/api/v1/models", {})),
  refetchInterval: MODELS_REFRESH_MS,
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
