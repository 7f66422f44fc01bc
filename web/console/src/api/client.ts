/** The one place that calls the admin API. */
import createClient, { type Middleware } from "openapi-fetch";
import type { paths } from "./schema.d.ts";
import { ApiError, asApiError, problemOf } from "./problem.ts";

/** The server takes a cookie's word for a write only beside this header. */
export const markWrites: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET") request.headers.set("X-Kith-Console", "1");
    return request;
  },
};

export const client = createClient<paths>({ baseUrl: "", credentials: "same-origin" });
client.use(markWrites);

interface Settled<Body> {
  data?: Body;
  error?: unknown;
  response: Response;
}

/** Waits for a call and gives its body, or throws an ApiError. */
export async function taken<Body>(call: Promise<Settled<Body>>): Promise<Body> {
  return (await takenWithEtag(call)).body;
}

export async function takenWithEtag<Body>(
  call: Promise<Settled<Body>>,
): Promise<{ body: Body; etag: string | null }> {
  const { data, error, response } = await call.catch((cause: unknown) => {
    throw asApiError(cause);
  });
  if (!response.ok) throw new ApiError(problemOf(error, response.status, response.statusText));
  return { body: data as Body, etag: response.headers.get("ETag") };
}
