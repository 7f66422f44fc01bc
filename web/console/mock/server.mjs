/**
 * A stand-in for the server, for developing and testing the console without one: the admin API
 * over a made-up workspace, and `dist/` with the headers the real server sends.
 *
 *   node mock/server.mjs [--port 8090] [--rows 5000] [--fresh] [--live]
 *
 * Sign in with any e-mail; the password `wrong` is refused. `empty@…` sees an empty workspace.
 * `error:500` (any status) as a search text, name or id makes that call fail.
 */
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { liveEvent } from "./happenings.mjs";
import { bodyOf, notFound, Refusal, sendJson } from "./http.mjs";
import { matchesFilter, routes } from "./routes.mjs";
import { makeWorkspace } from "./workspace.mjs";

const DIST = fileURLToPath(new URL("../dist", import.meta.url));
const IMAGE =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 90"><rect width="160" height="90" ' +
  'fill="#d3ebe4"/><path d="M0 90 50 34l30 32 24-22 56 46z" fill="#0b5f4f"/><circle cx="120" ' +
  'cy="24" r="10" fill="#f5b44a"/></svg>';
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** Held in memory: a build that runs meanwhile must not change what is being looked at. */
async function readDist() {
  const entries = await readdir(DIST, { recursive: true, withFileTypes: true });
  const paths = entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  return new Map(
    await Promise.all(paths.map(async (path) => [relative(DIST, path), await readFile(path)])),
  );
}

export async function startMock({ port = 0, rows = 5000, fresh = false, live = false } = {}) {
  const state = {
    files: await readDist(),
    full: makeWorkspace({ rows }),
    empty: makeWorkspace({ rows: 0 }),
    setupNeeded: fresh,
    sessions: new Map(),
    streams: new Set(),
  };
  const server = createServer((request, response) => {
    handle(state, request, response).catch((failure) => {
      if (failure instanceof Refusal) sendJson(response, failure.problem.status, failure.problem);
      else
        sendJson(response, 500, {
          type: "/errors/internal",
          title: String(failure),
          status: 500,
          code: "internal",
        });
    });
  });
  const timer = live ? setInterval(() => emit(state), 900) : undefined;
  return new Promise((resolve) => {
    server.listen(port, "127.0.0.1", () => {
      resolve({
        url: `http://127.0.0.1:${server.address().port}`,
        workspace: state.full,
        emit: (person) => emit(state, person),
        stop: () => {
          clearInterval(timer);
          server.closeAllConnections();
          server.close();
        },
      });
    });
  });
}

/** One more event arrives, for everybody who listens. */
function emit(state, person) {
  const { full } = state;
  const items = [...full.items.values()];
  const event = liveEvent(full.random, full.persons, items, ++full.position, person);
  deliver(state, event);
  return event;
}

function deliver(state, event) {
  state.full.events.unshift(event);
  for (const { response, query } of state.streams) {
    if (matchesFilter(event, query))
      response.write(`event: event\ndata: ${JSON.stringify(event)}\n\n`);
  }
}

async function handle(state, request, response) {
  const url = new URL(request.url, "http://mock");
  const { pathname } = url;
  if (pathname.startsWith("/console")) return serveFile(state.files, pathname, response);
  if (pathname === "/v1/track") return collect(state, url.searchParams, request, response);
  if (pathname === "/api/v1/setup") return setUp(state, request, response);
  if (pathname === "/api/v1/session") return session(state, request, response);

  const user = state.sessions.get(cookieOf(request));
  if (!user)
    throw new Refusal(401, "unauthorized", "sign in first", { setup_needed: state.setupNeeded });
  if (request.method !== "GET" && request.headers["x-kith-console"] !== "1") {
    throw new Refusal(403, "console-header-missing", "a write needs the console's header");
  }
  if (pathname === "/api/v1/events/stream")
    return stream(state, url.searchParams, request, response);
  const workspace = user.email.startsWith("empty@") ? state.empty : state.full;
  for (const [method, pattern, handler] of routes) {
    const match = pattern.exec(pathname);
    if (!match || method !== request.method) continue;
    const ids = match.slice(1).map(decodeURIComponent);
    const result = await handler({ workspace, request, ids, query: url.searchParams });
    const [status, body, headers] = Array.isArray(result) ? result : [200, result];
    return sendJson(response, status, body, headers);
  }
  throw notFound(`${request.method} ${pathname}`);
}

function cookieOf(request) {
  return /kith_session=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
}

function enter(state, user, response, status) {
  const token = randomBytes(12).toString("hex");
  state.sessions.set(token, user);
  const cookie = `kith_session=${token}; Path=/; HttpOnly; SameSite=Lax`;
  sendJson(response, status, { user, setup_needed: false }, { "Set-Cookie": cookie });
}

async function session(state, request, response) {
  const known = state.sessions.get(cookieOf(request));
  if (request.method === "DELETE") {
    state.sessions.delete(cookieOf(request));
    return sendJson(response, 204);
  }
  if (request.method === "GET") {
    if (known) return sendJson(response, 200, { user: known, setup_needed: false });
    throw new Refusal(401, "unauthorized", "sign in first", { setup_needed: state.setupNeeded });
  }
  const { email, password, token } = await bodyOf(request);
  if (password === "wrong" || token === "used") {
    throw new Refusal(401, "credentials-wrong", "e-mail or password is wrong");
  }
  return enter(
    state,
    { email: email ?? `${token}@example.com`, name: "Ada Lovelace" },
    response,
    200,
  );
}

async function setUp(state, request, response) {
  const { email, name, password } = await bodyOf(request);
  if (!state.setupNeeded)
    throw new Refusal(409, "already-set-up", "there is an administrator already");
  if (password.includes("password")) {
    throw new Refusal(422, "invalid", "the request has wrong fields", {
      errors: [{ field: "password", message: "this is one of the most used passwords" }],
    });
  }
  state.setupNeeded = false;
  return enter(state, { email, name }, response, 201);
}

/** The data plane, as far as the install page's test event needs it. */
async function collect(state, query, request, response) {
  const source = state.full.writeKeys?.get(query.get("writeKey"));
  const sent = await bodyOf(request);
  if (!source)
    return sendJson(response, 401, {
      code: "write-key-unknown",
      message: "no such key",
      success: false,
    });
  const person = state.full.persons[0];
  const event = liveEvent(
    state.full.random,
    state.full.persons,
    [...state.full.items.values()],
    ++state.full.position,
    person,
  );
  sendJson(response, 200, { success: true, ok: true });
  deliver(state, { ...event, type: "track", name: sent.event, source, message_id: sent.messageId });
}

function stream(state, query, request, response) {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  response.write(": open\n\n");
  const listener = { response, query };
  state.streams.add(listener);
  request.on("close", () => state.streams.delete(listener));
}

function serveFile(files, pathname, response) {
  if (pathname === "/console/mock-image.svg") {
    response.writeHead(200, { "Content-Type": "image/svg+xml" });
    return response.end(IMAGE);
  }
  const name = normalize(pathname.slice("/console".length)).replace(/^[/.]+/, "");
  const isAsset = extname(name) !== "";
  const file = files.get(isAsset ? name : "index.html");
  if (!file) throw notFound(pathname);
  if (isAsset) {
    response.writeHead(200, {
      "Content-Type": TYPES[extname(name)] ?? "application/octet-stream",
    });
    return response.end(file);
  }
  const nonce = randomBytes(16).toString("base64");
  response.writeHead(200, {
    "Content-Type": TYPES[".html"],
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy":
      `default-src 'self'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; ` +
      "img-src 'self' data: blob: https:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; " +
      "object-src 'none'; form-action 'self'",
  });
  return response.end(file.toString("utf8").replace("NONCE", nonce));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const given = process.argv;
  const value = (name, otherwise) => {
    const at = given.indexOf(name);
    return at < 0 ? otherwise : Number(given[at + 1]);
  };
  const mock = await startMock({
    port: value("--port", 8090),
    rows: value("--rows", 5000),
    fresh: given.includes("--fresh"),
    live: given.includes("--live"),
  });
  console.log(`${mock.url}/console/`);
}
