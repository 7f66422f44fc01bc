/** Decisions as they were taken: found, explained, taken again. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { client, taken } from "./client.ts";
import { cursor } from "./events.ts";
import type { components } from "./schema.d.ts";
import type { DecisionRecord, Page } from "./types.ts";

export type ScoreTerms = components["schemas"]["ScoreTerms"];
export type DecisionExplanation = components["schemas"]["DecisionExplanation"];

export interface DecisionFilter {
  placement?: string | undefined;
  person?: string | undefined;
  /** Only those taken up to this time. */
  until?: string | undefined;
}

const PAGE_SIZE = 50;

async function onePage(filter: DecisionFilter, from: string, signal: AbortSignal) {
  const { placement, person, until } = filter;
  const paging = { ...cursor(from), limit: PAGE_SIZE };
  if (person === undefined) {
    const query = { ...(placement && { placement }), ...(until && { until }), ...paging };
    return taken(client.GET("/api/v1/decisions", { params: { query }, signal }));
  }
  const path = { person_id: person };
  const page = await taken(
    client.GET("/api/v1/persons/{person_id}/decisions", { params: { path, query: paging }, signal }),
  );
  return { ...page, items: page.items.filter((record) => fits(record, filter)) };
}

/** The list of one person knows no other filter. */
export function fits(record: DecisionRecord, { placement, until }: DecisionFilter): boolean {
  if (placement && record.placement !== placement) return false;
  return !until || Date.parse(record.decided_at) <= Date.parse(until);
}

/** A page with something on it, or the last one: a walk through many others in vain is cut. */
async function fullPage(filter: DecisionFilter, from: string, signal: AbortSignal) {
  for (let next = from; ; ) {
    const page: Page<DecisionRecord> = await onePage(filter, next, signal);
    if (page.items.length > 0 || page.next_cursor === null) return page;
    next = page.next_cursor;
  }
}

export const decisionListQuery = (filter: DecisionFilter) =>
  infiniteQueryOptions({
    queryKey: ["decisions", filter],
    queryFn: ({ pageParam, signal }) => fullPage(filter, pageParam, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    refetchOnWindowFocus: false,
  });

const path = (decision_id: string) => ({ params: { path: { decision_id } } });

/** The record never changes. */
export const decisionQuery = (id: string) =>
  queryOptions({
    queryKey: ["decision", id],
    queryFn: () => taken(client.GET("/api/v1/decisions/{decision_id}", path(id))),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const explanationQuery = (id: string) =>
  queryOptions({
    queryKey: ["decision", id, "explanation"],
    queryFn: () => taken(client.GET("/api/v1/decisions/{decision_id}/explanation", path(id))),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** The record and what comes out when it is taken again, both byte for byte. */
export async function replay(id: string): Promise<{ kept: string; again: string }> {
  const asText = { ...path(id), parseAs: "text" } as const;
  const [kept, again] = await Promise.all([
    taken(client.GET("/api/v1/decisions/{decision_id}", asText)),
    taken(client.POST("/api/v1/decisions/{decision_id}/replay", asText)),
  ]);
  return { kept, again };
}
