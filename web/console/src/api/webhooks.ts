/** Webhooks: how they stand, their secrets, what was delivered and what was not. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { client, taken } from "./client.ts";
import { cursor } from "./events.ts";
import type { components } from "./schema.d.ts";

type Schemas = components["schemas"];
export type Webhook = Schemas["Webhook"];
export type WebhookSecret = Schemas["WebhookSecret"];
export type Delivery = Schemas["Delivery"];
export type DeliveryState = Schemas["DeliveryState"];
export type WebhookTest = Schemas["WebhookTest"];

/** Deliveries come and go while one looks. */
const REFRESH_MS = 2_000;

export const webhooksQuery = queryOptions({
  queryKey: ["webhooks"],
  queryFn: () => taken(client.GET("/api/v1/webhooks", { params: { query: { limit: 1000 } } })),
  refetchInterval: REFRESH_MS * 5,
});

export const webhookQuery = (id: string) =>
  queryOptions({
    queryKey: ["webhook", id],
    queryFn: () => taken(client.GET("/api/v1/webhooks/{id}", { params: { path: { id } } })),
    refetchInterval: REFRESH_MS,
  });

export const deliveriesQuery = (id: string, state: DeliveryState | undefined) =>
  infiniteQueryOptions({
    queryKey: ["webhook", id, "deliveries", state ?? "all"],
    queryFn: ({ pageParam }) =>
      taken(
        client.GET("/api/v1/webhooks/{id}/deliveries", {
          params: { path: { id }, query: { ...(state && { state }), ...cursor(pageParam) } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: REFRESH_MS,
  });

export function createSecret(id: string) {
  return taken(client.POST("/api/v1/webhooks/{id}/secrets", { params: { path: { id } } }));
}

export function revokeSecret(id: string, secret_id: string) {
  return taken(
    client.DELETE("/api/v1/webhooks/{id}/secrets/{secret_id}", {
      params: { path: { id, secret_id } },
    }),
  );
}

export function sendTest(id: string) {
  return taken(client.POST("/api/v1/webhooks/{id}/test", { params: { path: { id } } }));
}

/** Without ids, every dead letter. */
export function resend(id: string, delivery_ids?: string[]) {
  return taken(
    client.POST("/api/v1/webhooks/{id}/resend", {
      params: { path: { id } },
      body: { delivery_ids: delivery_ids ?? null },
    }),
  );
}
