/** Files that leave. */
import { queryOptions } from "@tanstack/react-query";
import { client, taken } from "./client.ts";

export const PLATFORMS = ["google", "meta", "tiktok"] as const;
export type Platform = (typeof PLATFORMS)[number];
export const FORMATS = ["csv", "ndjson", "parquet"] as const;
export type FileFormat = (typeof FORMATS)[number];

/** Where a file is downloaded from; a browser follows it like any link. */
export function downloadAddress(
  audience: string,
  format: FileFormat | Platform,
  consent?: string,
): string {
  const query = new URLSearchParams({ audience, format, ...(consent && { consent }) });
  return `/api/v1/export?${query}`;
}

export const reachQuery = (audience: string, format: Platform, consent: string) =>
  queryOptions({
    queryKey: ["export-reach", audience, format, consent],
    queryFn: () =>
      taken(
        client.GET("/api/v1/export/reach", {
          params: { query: { audience, format, consent } },
        }),
      ),
    staleTime: 5_000,
    retry: false,
  });
