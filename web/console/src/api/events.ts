/** Events as stored, events as refused. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { client, taken } from "./client.ts";

export interface EventFilter {
  source?: string | undefined;
  name?: string | undefined;
  person?: string | undefined;
}

const PAGE_SIZE = 200;

export const eventsQuery = (filter: EventFilter) =>
  infiniteQueryOptions({
    queryKey: ["events", filter],
    queryFn: ({ pageParam }) =>
      taken(
        client.GET("/api/v1/events", {
          params: { query: { ...given(filter), ...cursor(pageParam), limit: PAGE_SIZE } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    refetchOnWindowFocus: false,
  });

export const eventQuery = (message_id: string) =>
  queryOptions({
    queryKey: ["event", message_id],
    queryFn: () =>
      taken(client.GET("/api/v1/events/{message_id}", { params: { path: { message_id } } })),
  });

export const rejectedQuery = (state: "open" | "redriven" | undefined) =>
  infiniteQueryOptions({
    queryKey: ["rejected", state ?? "all"],
    queryFn: ({ pageParam }) =>
      taken(
        client.GET("/api/v1/rejected-events", {
          params: { query: { ...(state && { state }), ...cursor(pageParam), limit: PAGE_SIZE } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });

/** Tries refused input again: as it came, or as corrected. */
export function redrive(id: string, corrected: string | undefined) {
  return taken(
    client.POST("/api/v1/rejected-events/{id}/redrive", {
      params: { path: { id } },
      ...(corrected !== undefined && { body: { raw: corrected } }),
    }),
  );
}

/** The stream's address with the same filters as the list. */
export function streamUrl(filter: EventFilter): string {
  const query = new URLSearchParams(given(filter)).toString();
  return `/api/v1/events/stream${query && `?${query}`}`;
}

function given(filter: EventFilter): Record<string, string> {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value));
}

export function cursor(value: string): { cursor?: string } {
  return value ? { cursor: value } : {};
}
