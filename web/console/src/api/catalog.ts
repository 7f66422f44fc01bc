/** Items that can be recommended. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { client, taken } from "./client.ts";
import { cursor } from "./events.ts";
import type { CatalogItemInput } from "./types.ts";

export const itemsQuery = (text: string) =>
  infiniteQueryOptions({
    queryKey: ["items", text.trim()],
    queryFn: ({ pageParam }) =>
      taken(
        client.GET("/api/v1/catalog/items", {
          params: {
            query: { ...(text.trim() && { q: text.trim() }), ...cursor(pageParam), limit: 200 },
          },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });

export const itemQuery = (item_id: string) =>
  queryOptions({
    queryKey: ["item", item_id],
    queryFn: () =>
      taken(client.GET("/api/v1/catalog/items/{item_id}", { params: { path: { item_id } } })),
  });

export function putItem(item: CatalogItemInput) {
  return taken(
    client.PUT("/api/v1/catalog/items/{item_id}", {
      params: { path: { item_id: item.item_id } },
      body: item,
    }),
  );
}

export function deleteItem(item_id: string) {
  return taken(client.DELETE("/api/v1/catalog/items/{item_id}", { params: { path: { item_id } } }));
}

export function importItems(items: CatalogItemInput[]) {
  return taken(client.POST("/api/v1/catalog/items", { body: items }));
}
