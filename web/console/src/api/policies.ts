/** Placements that learn: what the gate says, and what another policy would have earned. */
import { queryOptions } from "@tanstack/react-query";
import { client, taken } from "./client.ts";
import type { components } from "./schema.d.ts";

type Schemas = components["schemas"];
export type PlacementPolicy = Schemas["PlacementPolicy"];
export type PolicyFigure = Schemas["PolicyFigure"];
export type PolicyOffer = Schemas["PolicyOffer"];
export type PolicyValue = Schemas["PolicyValue"];
export type PolicyEstimate = Schemas["PolicyEstimate"];
export type PolicyValueRequest = Schemas["PolicyValueRequest"];

const POLICY_REFRESH_MS = 10_000;
/** Reading past decisions takes the server a moment; it is asked for again by hand. */
const VALUE_FRESH_MS = 300_000;

export const policyQuery = (placement_id: string) =>
  queryOptions({
    queryKey: ["policy", placement_id],
    queryFn: () =>
      taken(
        client.GET("/api/v1/placements/{placement_id}/policy", {
          params: { path: { placement_id } },
        }),
      ),
    refetchInterval: POLICY_REFRESH_MS,
  });

export const policyValueQuery = (placement_id: string, request: PolicyValueRequest) =>
  queryOptions({
    queryKey: ["policy-value", placement_id, request],
    queryFn: () =>
      taken(
        client.POST("/api/v1/placements/{placement_id}/policy-value", {
          params: { path: { placement_id } },
          body: request,
        }),
      ),
    retry: false,
    staleTime: VALUE_FRESH_MS,
    refetchOnWindowFocus: false,
  });
