/** Items that can be recommended. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { client, taken } from "./client.ts";
import { cursor } from "./events.ts";
import type { CatalogItemInput } from "./types.ts";

/** A page with something on it, or the last one: a search through many items in vain is cut. */
async function itemsPage(text: string, from: string, signal: AbortSignal) {
  for (let next = from; ; ) {
    const query = { ...(text && { q: text }), ...cursor(next), limit: 200 };
    const page = await taken(client.GET("/api/v1/catalog/items", { params: { query }, signal }));
    if (page.items.length > 0 || page.next_cursor === null) return page;
    next = page.next_cursor;
  }
}

export const itemsQuery = (text: string) =>
  infiniteQueryOptions({
    queryKey: ["items", text.trim()],
    queryFn: ({ pageParam, signal }) => itemsPage(text.trim(), pageParam, signal),
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
