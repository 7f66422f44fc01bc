/** Audiences: who is in, who came and went, what a rule means before it is saved, and why. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import createClient from "openapi-fetch";
import type { Rule } from "../rules/tree.ts";
import type { AudiencePaths, AudienceSpec, FeatureSpec } from "./audience-wire.ts";
import { markWrites, taken } from "./client.ts";
import { cursor } from "./events.ts";

const client = createClient<AudiencePaths>({ baseUrl: "", credentials: "same-origin" });
client.use(markWrites);

const LIST_PAGE = 500;
const MEMBERS_PAGE = 200;
/** While it is computed, its size moves. */
const COMPUTING_REFRESH_MS = 2_000;
const RESTING_REFRESH_MS = 30_000;

export const audiencesQuery = infiniteQueryOptions({
  queryKey: ["audiences"],
  queryFn: ({ pageParam }) =>
    taken(
      client.GET("/api/v1/audiences", {
        params: { query: { limit: LIST_PAGE, ...cursor(pageParam) } },
      }),
    ),
  initialPageParam: "",
  getNextPageParam: (page) => page.next_cursor,
  refetchInterval: ({ state }) =>
    state.data?.pages.some((page) => page.items.some((one) => one.state === "computing"))
      ? COMPUTING_REFRESH_MS
      : RESTING_REFRESH_MS,
});

export const audienceQuery = (id: string) =>
  queryOptions({
    queryKey: ["audience", id],
    queryFn: () => taken(client.GET("/api/v1/audiences/{id}", { params: { path: { id } } })),
    refetchInterval: ({ state }) =>
      state.data?.state === "computing" ? COMPUTING_REFRESH_MS : RESTING_REFRESH_MS,
  });

export const membersQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["audience", id, "members"],
    queryFn: ({ pageParam }) => membersPage(id, MEMBERS_PAGE, pageParam),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });

export function membersPage(id: string, limit: number, from: string) {
  return taken(
    client.GET("/api/v1/audiences/{id}/members", {
      params: { path: { id }, query: { limit, ...cursor(from) } },
    }),
  );
}

export const changesQuery = (id: string) =>
  queryOptions({
    queryKey: ["audience", id, "changes"],
    queryFn: () =>
      taken(
        client.GET("/api/v1/audiences/{id}/changes", {
          params: { path: { id }, query: { limit: 50 } },
        }),
      ),
    refetchInterval: RESTING_REFRESH_MS,
  });

export function writeMembers(id: string, action: "add" | "remove", identifiers: string[]) {
  const request = { params: { path: { id } }, body: identifiers };
  return taken(
    action === "add"
      ? client.POST("/api/v1/audiences/{id}/members", request)
      : client.DELETE("/api/v1/audiences/{id}/members", request),
  );
}

export const parseQuery = (rule: { text: string } | { tree: Rule }) =>
  queryOptions({
    queryKey: ["rule", rule],
    queryFn: () =>
      taken(client.POST("/api/v1/rules/parse", { body: { ...rule, kind: "audience" } })),
    retry: false,
    staleTime: 60_000,
  });

export const audiencePreviewQuery = (id: string, spec: AudienceSpec, exact: boolean) =>
  queryOptions({
    queryKey: ["preview", "audience", id, spec.when, exact],
    queryFn: ({ signal }) =>
      taken(
        client.POST("/api/v1/definitions/audience/preview", { body: { id, spec, exact }, signal }),
      ),
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 15_000,
  });

export const featurePreviewQuery = (id: string, spec: FeatureSpec) =>
  queryOptions({
    queryKey: ["preview", "feature", id, spec.value, spec.affinity],
    queryFn: ({ signal }) =>
      taken(client.POST("/api/v1/definitions/feature/preview", { body: { id, spec }, signal })),
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 15_000,
  });

export const explainQuery = (person_id: string, audience: string) =>
  queryOptions({
    // Under the person, so that each of their events asks again.
    queryKey: ["person", person_id, "explain", audience],
    queryFn: () =>
      taken(
        client.GET("/api/v1/persons/{person_id}/explain", {
          params: { path: { person_id }, query: { audience } },
        }),
      ),
    retry: false,
  });
