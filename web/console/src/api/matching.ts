/** How far the search for probable links is, and what its links are worth. */
import { queryOptions } from "@tanstack/react-query";
import { client, taken } from "./client.ts";
import { asApiError } from "./problem.ts";

/** What links of at least a confidence are worth, measured on log-ins that were held back. */
export interface QualityPoint {
  confidence: number;
  precision: number;
  recall: number;
}

export interface MatchingStatus {
  state: "idle" | "learning" | "running";
  /** Null while the rules do not ask for it. */
  records: {
    persons: number;
    left_out: number;
    pairs: number;
    links: number;
    last_batch_at: string | null;
    took_ms: number;
    next_batch_at: string | null;
  } | null;
  /** Null while the rules do not ask for it. */
  visitors: {
    sessions: number;
    ids: number;
    log_ins: number;
    person_quality: QualityPoint[];
    household_quality: QualityPoint[];
  } | null;
  /** Why the last step failed; it is tried again. */
  error: string | null;
}

/** Typed by hand until the API's description has the path. */
const PATH = "/api/v1/identity/matching" as "/api/v1/identity/quality";
const REFRESH_MS = 10_000;

/** Null where the server does not tell it. */
export const matchingQuery = queryOptions({
  queryKey: ["identity", "matching"],
  queryFn: async (): Promise<MatchingStatus | null> => {
    try {
      return (await taken(client.GET(PATH))) as unknown as MatchingStatus;
    } catch (failure) {
      if (asApiError(failure).status === 404) return null;
      throw failure;
    }
  },
  refetchInterval: ({ state }) => (state.data ? REFRESH_MS : false),
});
