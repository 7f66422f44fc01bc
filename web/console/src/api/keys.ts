/** Write keys of a source and secret keys of the workspace. Both are shown once, when made. */
import { queryOptions } from "@tanstack/react-query";
import { client, taken } from "./client.ts";
import type { Scope } from "./types.ts";

export const secretKeysQuery = queryOptions({
  queryKey: ["secret-keys"],
  queryFn: () => taken(client.GET("/api/v1/keys", { params: { query: { limit: 200 } } })),
});

export function createSecretKey(name: string, scopes: Scope[]) {
  return taken(client.POST("/api/v1/keys", { body: { name, scopes } }));
}

export function deleteSecretKey(key_id: string) {
  return taken(client.DELETE("/api/v1/keys/{key_id}", { params: { path: { key_id } } }));
}

export function createWriteKey(source: string) {
  return taken(client.POST("/api/v1/sources/{id}/keys", { params: { path: { id: source } } }));
}

export function deleteWriteKey(source: string, prefix: string) {
  return taken(
    client.DELETE("/api/v1/sources/{id}/keys/{prefix}", {
      params: { path: { id: source, prefix } },
    }),
  );
}
