/** Finding people, and all there is to know about one of them. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { client, taken } from "./client.ts";
import { cursor } from "./events.ts";
import type { LinkPolicy } from "./identity.ts";
import type { Identifier } from "./types.ts";

const PAGE_SIZE = 200;
const IDENTIFIER = /^([a-z][a-z0-9_]*):(.+)$/;

/** `email:a@b.c` names one identifier exactly; anything else is a prefix or a word of a name. */
export function personSearch(text: string): { identifier?: string; q?: string } {
  const wanted = text.trim();
  if (!wanted) return {};
  return IDENTIFIER.test(wanted) ? { identifier: wanted } : { q: wanted };
}

export const personsQuery = (text: string, limit = PAGE_SIZE) =>
  infiniteQueryOptions({
    queryKey: ["persons", text.trim(), limit],
    queryFn: ({ pageParam }) =>
      taken(
        client.GET("/api/v1/persons", {
          params: { query: { ...personSearch(text), ...cursor(pageParam), limit } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });

export const personQuery = (person_id: string) =>
  queryOptions({
    queryKey: ["person", person_id],
    queryFn: () =>
      taken(client.GET("/api/v1/persons/{person_id}", { params: { path: { person_id } } })),
  });

/** The profile of whomever a policy takes for one with this person. */
export const personUnderQuery = (person_id: string, policy: LinkPolicy) =>
  queryOptions({
    queryKey: ["person", person_id, "under", policy],
    queryFn: () =>
      taken(
        client.GET("/api/v1/persons/{person_id}", {
          params: { path: { person_id }, query: { policy } },
        }),
      ),
  });

export const timelineQuery = (person_id: string) =>
  infiniteQueryOptions({
    queryKey: ["person", person_id, "events"],
    queryFn: ({ pageParam }) =>
      taken(
        client.GET("/api/v1/persons/{person_id}/events", {
          params: { path: { person_id }, query: { ...cursor(pageParam), limit: 100 } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });

export const decisionsQuery = (person_id: string) =>
  queryOptions({
    queryKey: ["person", person_id, "decisions"],
    queryFn: () =>
      taken(
        client.GET("/api/v1/persons/{person_id}/decisions", {
          params: { path: { person_id }, query: { limit: 50 } },
        }),
      ),
  });

/** Id of the person an identifier belongs to. */
export async function personOf({ namespace, value }: Identifier): Promise<string | undefined> {
  const identifier = `${namespace}:${value}`;
  const query = { identifier, limit: 1 };
  const { items } = await taken(client.GET("/api/v1/persons", { params: { query } }));
  return items[0]?.person_id;
}
