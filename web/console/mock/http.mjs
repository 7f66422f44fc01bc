/** Answers in the shapes of the admin API. */

export class Refusal extends Error {
  constructor(status, code, title, extra = {}) {
    super(title);
    this.problem = { type: `/errors/${code}`, title, status, code, ...extra };
  }
}

export const notFound = (what) => new Refusal(404, "not-found", `there is no ${what}`);

export const invalid = (field, message) =>
  new Refusal(422, "invalid", "the request has wrong fields", { errors: [{ field, message }] });

/** One page of a list; the cursor is the place to go on from. */
export function pageOf(all, query) {
  const from = Number(query.get("cursor") ?? 0);
  const limit = Math.min(1000, Number(query.get("limit") ?? 50));
  const items = all.slice(from, from + limit);
  return { items, next_cursor: from + limit < all.length ? String(from + limit) : null };
}

/** Any search for `error:500` and the like is answered with that status. */
export function sentinel(...texts) {
  for (const text of texts) {
    const match = /^error:(\d{3})$/.exec(text ?? "");
    if (!match) continue;
    throw new Refusal(Number(match[1]), "sentinel", "the mock was asked to fail", {
      detail: `“${text}” makes every call fail with ${match[1]}.`,
      errors: [{ field: "q", message: "try something else" }],
    });
  }
}

export async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  return text ? JSON.parse(text) : {};
}

export function sendJson(response, status, body, headers = {}) {
  const type = status >= 400 ? "application/problem+json" : "application/json";
  response.writeHead(status, { "Content-Type": type, ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
