/** Who is signed in, signing in and out, and the first administrator. */
import { queryOptions } from "@tanstack/react-query";
import { client, taken } from "./client.ts";

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: () => taken(client.GET("/api/v1/session")),
  staleTime: 60_000,
  retry: false,
});

export function signIn(credentials: { email: string; password: string } | { token: string }) {
  return taken(client.POST("/api/v1/session", { body: credentials }));
}

export function signOut() {
  return taken(client.DELETE("/api/v1/session"));
}

export function setUp(administrator: { email: string; name: string; password: string }) {
  return taken(client.POST("/api/v1/setup", { body: administrator }));
}
