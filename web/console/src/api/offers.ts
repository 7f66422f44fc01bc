/** Offers at work: who passes their layers, what is granted, and their coupon codes. */
import { queryOptions } from "@tanstack/react-query";
import { client, taken } from "./client.ts";
import type { components } from "./schema.d.ts";

type Schemas = components["schemas"];
export type PlacementFunnel = Schemas["PlacementFunnel"];
export type OfferFunnel = Schemas["OfferFunnel"];
export type OfferState = Schemas["OfferState"];
export type CouponsAccepted = Schemas["CouponsAccepted"];

/** Counting takes the server half a second; it is asked for again by hand. */
const FUNNEL_FRESH_MS = 60_000;
const GRANTS_REFRESH_MS = 5_000;

export const funnelQuery = (placement_id: string) =>
  queryOptions({
    queryKey: ["funnel", placement_id],
    queryFn: () =>
      taken(
        client.GET("/api/v1/placements/{placement_id}/funnel", {
          params: { path: { placement_id } },
        }),
      ),
    staleTime: FUNNEL_FRESH_MS,
    refetchOnWindowFocus: false,
  });

export const grantsQuery = (offer_id: string) =>
  queryOptions({
    queryKey: ["grants", offer_id],
    queryFn: () =>
      taken(client.GET("/api/v1/offers/{offer_id}/grants", { params: { path: { offer_id } } })),
    refetchInterval: GRANTS_REFRESH_MS,
  });

export function addCoupons(offer_id: string, codes: string[]) {
  return taken(
    client.POST("/api/v1/offers/{offer_id}/coupons", {
      params: { path: { offer_id } },
      body: { codes },
    }),
  );
}
