/** What is computed in the background of an audience or a feature. */
import { queryOptions } from "@tanstack/react-query";
import { client, taken } from "./client.ts";
import type { components } from "./schema.d.ts";

export type Job = components["schemas"]["Job"];
export type Computed = "audience" | "feature";

const RUNNING_REFRESH_MS = 2_000;

export const jobQuery = (kind: Computed, id: string) =>
  queryOptions({
    queryKey: ["job", kind, id],
    queryFn: () =>
      taken(client.GET("/api/v1/jobs/{job_id}", { params: { path: { job_id: `${kind}-${id}` } } })),
    refetchInterval: ({ state }) =>
      state.data?.state === "running" ? RUNNING_REFRESH_MS : RUNNING_REFRESH_MS * 15,
  });

export function changeJob(job_id: string, action: "cancel" | "resume") {
  const request = { params: { path: { job_id } } };
  return taken(
    action === "cancel"
      ? client.POST("/api/v1/jobs/{job_id}/cancel", request)
      : client.POST("/api/v1/jobs/{job_id}/resume", request),
  );
}
