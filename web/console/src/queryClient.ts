/** What the server said lately. A 401 on any call means the session ended. */
import { QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiError, asApiError } from "./api/problem.ts";
import { sessionQuery } from "./api/session.ts";

const RETRIES_MAX = 2;

let onSessionEnd: () => void = () => undefined;

export function whenSessionEnds(callback: () => void): void {
  onSessionEnd = callback;
}

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError(error, query) {
      const ended = error instanceof ApiError && error.status === 401;
      if (!ended || query.queryKey[0] === sessionQuery.queryKey[0]) return;
      queryClient.removeQueries({ queryKey: sessionQuery.queryKey });
      onSessionEnd();
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      // What the server has refused it will refuse again; only silence and trouble are worth it.
      retry: (failures, error) => {
        const { status } = asApiError(error);
        return failures < RETRIES_MAX && (status === 0 || status === 502 || status === 503);
      },
      retryDelay: (failures) => 400 * 2 ** failures,
    },
  },
});
