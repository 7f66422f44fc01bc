/** How far the search for probable links is, and what its links are worth. */
import { queryOptions } from "@tanstack/react-query";
import { client, taken } from "./client.ts";
import type { components } from "./schema.d.ts";

/** What links of at least a confidence are worth, measured on log-ins that were held back. */
export type QualityPoint = components["schemas"]["MatchingQuality"];
export type MatchingStatus = components["schemas"]["Matching"];

const REFRESH_MS = 10_000;

export const matchingQuery = queryOptions({
  queryKey: ["identity", "matching"],
  queryFn: () => taken(client.GET("/api/v1/identity/matching")),
  refetchInterval: REFRESH_MS,
});
