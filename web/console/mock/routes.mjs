/** The routes of the admin API that the console calls. */
import { audienceRoutes } from "./audience-routes.mjs";
import { definitionRoutes } from "./definition-routes.mjs";
import { bodyOf, invalid, notFound, pageOf, Refusal, sentinel } from "./http.mjs";
import { identityRoutes, personUnder } from "./identity-routes.mjs";
import { offerRoutes } from "./offer-routes.mjs";
import { recipeRoutes } from "./recipe-routes.mjs";
import { rowOf } from "./people.mjs";
import { profileIn } from "./workspace.mjs";

/** [method, pattern, handler]; a handler gets everything and returns a body, or [status, body]. */
export const routes = [
  ["GET", /^\/api\/v1\/overview$/, ({ workspace }) => overview(workspace)],
  ["GET", /^\/api\/v1\/events$/, ({ workspace, query }) => events(workspace, query)],
  ["GET", /^\/api\/v1\/events\/([^/]+)$/, ({ workspace, ids: [id] }) => event(workspace, id)],
  ["GET", /^\/api\/v1\/rejected-events$/, ({ workspace, query }) => rejected(workspace, query)],
  ["POST", /^\/api\/v1\/rejected-events\/([^/]+)\/redrive$/, redrive],
  ["GET", /^\/api\/v1\/persons$/, ({ workspace, query }) => persons(workspace, query)],
  [
    "GET",
    /^\/api\/v1\/persons\/([^/]+)$/,
    ({ workspace, ids: [id], query }) =>
      personUnder(workspace, known(workspace, id).profile, query.get("policy") ?? "exact"),
  ],
  [
    "GET",
    /^\/api\/v1\/persons\/([^/]+)\/events$/,
    ({ workspace, ids: [id], query }) =>
      pageOf(
        workspace.events.filter((one) => one.person_id === id),
        query,
      ),
  ],
  [
    "GET",
    /^\/api\/v1\/persons\/([^/]+)\/decisions$/,
    ({ workspace, ids: [id], query }) => pageOf(known(workspace, id).decisions, query),
  ],
  ["GET", /^\/api\/v1\/catalog\/items$/, ({ workspace, query }) => items(workspace, query)],
  ["POST", /^\/api\/v1\/catalog\/items$/, importItems],
  [
    "GET",
    /^\/api\/v1\/catalog\/items\/([^/]+)$/,
    ({ workspace, ids: [id] }) => {
      sentinel(id);
      const item = workspace.items.get(id);
      if (!item) throw notFound(`item ${id}`);
      return item;
    },
  ],
  ["PUT", /^\/api\/v1\/catalog\/items\/([^/]+)$/, putItem],
  [
    "DELETE",
    /^\/api\/v1\/catalog\/items\/([^/]+)$/,
    ({ workspace, ids: [id] }) => {
      workspace.items.delete(id);
      return [204];
    },
  ],
  ["GET", /^\/api\/v1\/keys$/, ({ workspace, query }) => pageOf(workspace.secretKeys, query)],
  ["POST", /^\/api\/v1\/keys$/, createSecretKey],
  [
    "DELETE",
    /^\/api\/v1\/keys\/([^/]+)$/,
    ({ workspace, ids: [id] }) => {
      workspace.secretKeys = workspace.secretKeys.filter((key) => key.key_id !== id);
      return [204];
    },
  ],
  ...audienceRoutes,
  ...definitionRoutes,
  ...identityRoutes,
  ...offerRoutes,
  ...recipeRoutes,
];

function overview(workspace) {
  const { events, persons, items, rejected, definitions, position } = workspace;
  const minute = 60_000;
  const start = Math.floor(Date.now() / minute) * minute - 59 * minute;
  const counts = new Map();
  for (const event of events) counts.set(event.name, (counts.get(event.name) ?? 0) + 1);
  const sources = [...definitions.values()]
    .map((all) => all.at(-1))
    .filter((one) => one.kind === "source");
  return {
    events_total: events.length * 37,
    persons_total: persons.length,
    items_total: items.size,
    rejected_open: rejected.filter((one) => one.state === "open").length,
    position,
    applied_position: position,
    events_per_minute: Array.from({ length: 60 }, (_, index) => ({
      at: new Date(start + index * minute).toISOString(),
      count: events.length ? 60 + Math.round(40 * Math.sin(index / 6) + ((index * 37) % 17)) : 0,
    })),
    top_events: [...counts]
      .map(([name, count]) => ({ name, count }))
      .sort((a, b) => b.count - a.count)
      .slice(0, 10),
    sources: sources.map((source, index) => ({
      id: source.id,
      name: source.name,
      last_event_at: index === 0 ? new Date(Date.now() - 2_000).toISOString() : null,
      events_last_hour: index === 0 ? 4_213 : 0,
    })),
  };
}

export function matchesFilter(event, query) {
  const source = query.get("source");
  const name = query.get("name");
  const person = query.get("person");
  if (source && event.source !== source) return false;
  if (name && event.name.toLowerCase() !== name.toLowerCase()) return false;
  return !person || event.person_id === person;
}

function events(workspace, query) {
  sentinel(query.get("name"), query.get("person"), query.get("source"));
  return pageOf(
    workspace.events.filter((event) => matchesFilter(event, query)),
    query,
  );
}

function event(workspace, id) {
  sentinel(id);
  const found = workspace.events.find((one) => one.message_id === id);
  if (!found) throw notFound(`event ${id}`);
  return found;
}

function rejected(workspace, query) {
  const state = query.get("state");
  return pageOf(
    workspace.rejected.filter((one) => !state || one.state === state),
    query,
  );
}

/** Blocked identifiers stay bad until the text is corrected; everything else goes through. */
async function redrive({ workspace, request, ids: [id] }) {
  const found = workspace.rejected.find((one) => one.id === id);
  if (!found) throw notFound(`rejected event ${id}`);
  const { raw } = await bodyOf(request);
  if (raw !== undefined && !isJson(raw)) {
    const message = "the text is not JSON; send the output of a JSON encoder";
    throw new Refusal(422, "still-rejected", message, { errors: [{ field: "raw", message }] });
  }
  if (found.code === "identifier-blocked" && raw === undefined) {
    throw new Refusal(422, "still-rejected", found.message, {
      errors: [{ field: found.field, message: found.message }],
    });
  }
  const { message_id } = workspace.events[0];
  found.state = "redriven";
  found.redriven_at = new Date().toISOString();
  found.redriven_by = "ada@example.com";
  found.redriven_raw = raw ?? null;
  found.message_id = message_id;
  return { state: "redriven", message_id };
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function persons(workspace, query) {
  const identifier = query.get("identifier");
  const text = query.get("q")?.toLowerCase();
  sentinel(identifier, text);
  const found = workspace.persons.filter((person) => {
    const own = person.identifiers;
    if (identifier) return own.some((one) => `${one.namespace}:${one.value}` === identifier);
    if (!text) return true;
    const words = (person.display_name ?? "").toLowerCase().split(/\s+/);
    return (
      words.some((word) => word.startsWith(text)) ||
      own.some((one) => one.value.toLowerCase().startsWith(text))
    );
  });
  return pageOf(found.map(rowOf), query);
}

function known(workspace, id) {
  sentinel(id);
  const found = profileIn(workspace, id);
  if (!found) throw notFound(`person ${id}`);
  return found;
}

function items(workspace, query) {
  const text = query.get("q")?.toLowerCase();
  sentinel(text);
  const found = [...workspace.items.values()].filter(
    (item) => !text || `${item.title} ${item.item_id} ${item.brand}`.toLowerCase().includes(text),
  );
  return pageOf(found, query);
}

async function putItem({ workspace, request, ids: [id] }) {
  const item = await bodyOf(request);
  if (item.title === "error:422") throw invalid("title", "this title is not allowed here");
  const stored = { ...item, item_id: id, updated_at: new Date().toISOString() };
  workspace.items.set(id, stored);
  return stored;
}

async function importItems({ workspace, request }) {
  const given = await bodyOf(request);
  const refused = [];
  given.forEach((item, index) => {
    if (item.price && !/^\d+(\.\d+)?$/.test(item.price)) {
      refused.push({ index, field: "price", message: `“${item.price}” is not a decimal` });
    } else workspace.items.set(item.item_id, { ...item, updated_at: new Date().toISOString() });
  });
  return { accepted: given.length - refused.length, rejected: refused };
}

async function createSecretKey({ workspace, request }) {
  const { name, scopes } = await bodyOf(request);
  if (name === "error:422") throw invalid("name", "this name is already used");
  const secret_key = `ksk_${workspace.random.hex(40)}`;
  const key = {
    key_id: `k_${workspace.random.hex(8)}`,
    name,
    prefix: secret_key.slice(0, 8),
    scopes,
    created_at: new Date().toISOString(),
  };
  workspace.secretKeys.push(key);
  return [201, { ...key, secret_key }];
}
