/** The figures of the home page. */
import { queryOptions } from "@tanstack/react-query";
import { client, taken } from "./client.ts";

export const overviewQuery = queryOptions({
  queryKey: ["overview"],
  queryFn: () => taken(client.GET("/api/v1/overview")),
  refetchInterval: 10_000,
});
