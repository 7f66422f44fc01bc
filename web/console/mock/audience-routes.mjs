/** Audiences, features, rules and explanations, in the shapes of the admin API. */
import { bodyOf, notFound, pageOf, sentinel } from "./http.mjs";
import { rowOf } from "./people.mjs";
import { faultOf, inWords, parseRule, RuleFault, testsOf, writeRule } from "./rule-language.mjs";

const HOUR_MS = 3_600_000;

export const audienceRoutes = [
  ["GET", /^\/api\/v1\/audiences$/, list],
  ["GET", /^\/api\/v1\/audiences\/([^/]+)$/, ({ workspace, ids: [id] }) => shown(workspace, id)],
  ["GET", /^\/api\/v1\/audiences\/([^/]+)\/size$/, size],
  ["GET", /^\/api\/v1\/audiences\/([^/]+)\/members$/, members],
  ["POST", /^\/api\/v1\/audiences\/([^/]+)\/members$/, writeMembers],
  ["DELETE", /^\/api\/v1\/audiences\/([^/]+)\/members$/, writeMembers],
  ["GET", /^\/api\/v1\/audiences\/([^/]+)\/changes$/, changes],
  ["GET", /^\/api\/v1\/jobs\/(audience|feature)-([^/]+)$/, ({ workspace, ids }) => job(workspace, ids)],
  [
    "POST",
    /^\/api\/v1\/jobs\/(audience|feature)-([^/]+)\/(cancel|resume)$/,
    ({ workspace, ids }) => changeJob(workspace, ids),
  ],
  ["GET", /^\/api\/v1\/export\/reach$/, reach],
  ["POST", /^\/api\/v1\/definitions\/audience\/preview$/, preview],
  ["POST", /^\/api\/v1\/definitions\/feature\/preview$/, previewFeature],
  ["POST", /^\/api\/v1\/rules\/parse$/, parse],
  ["GET", /^\/api\/v1\/persons\/([^/]+)\/explain$/, explain],
];

function live(workspace) {
  return [...workspace.definitions.values()]
    .map((revisions) => revisions.at(-1))
    .filter((one) => one.kind === "audience" && one.status === "live");
}

function list({ workspace, query }) {
  const page = pageOf(live(workspace), query);
  return { ...page, items: page.items.map((one) => figures(workspace, one)) };
}

function known(workspace, id) {
  sentinel(id);
  const found = live(workspace).find((one) => one.id === id);
  if (!found) throw notFound(`audience ${id}`);
  return found;
}

function reach({ workspace, query }) {
  const rows = membersOf(workspace, query.get("audience")).length;
  return { rows, withheld: [{ reason: "consent-refused", persons: 3 }] };
}

const shown = (workspace, id) => figures(workspace, known(workspace, id));

const cancelled = new Set();

function job(_, [kind, id]) {
  const job_id = `${kind}-${id}`;
  const open = id === "computing";
  return {
    job_id,
    kind,
    name: id,
    state: !open ? "done" : cancelled.has(job_id) ? "cancelled" : "running",
    progress: open ? 0.37 : 1,
    eta_at: null,
    error: null,
    started_at: new Date().toISOString(),
    finished_at: null,
  };
}

function changeJob(workspace, [kind, id, action]) {
  if (action === "cancel") cancelled.add(`${kind}-${id}`);
  else cancelled.delete(`${kind}-${id}`);
  return job(workspace, [kind, id]);
}

/** Made from the id, so that an audience looks the same every time. */
function figures(workspace, { id, name, spec, updated_at }) {
  const seed = seedOf(id);
  const count = membersOf(workspace, id).length;
  const computing = id === "computing";
  const now = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const hours = computing ? 2 : 60 + (seed % 108);
  const size_history = Array.from({ length: hours }, (_, index) => ({
    at: new Date(now - (hours - 1 - index) * HOUR_MS).toISOString(),
    size:
      count === 0
        ? 0
        : Math.max(
            0,
            Math.round(
              count * (0.8 + 0.2 * (index / hours)) +
                count * 0.06 * Math.sin((index + seed) / 9) +
                ((seed * (index + 3)) % 5),
            ),
          ),
  }));
  const used_by =
    id === "loyal_customers"
      ? [
          { kind: "offer", id: "winter", name: "Winter boots" },
          { kind: "audience", id: "high_intent", name: "Software, has looked around, no download" },
          { kind: "offer", id: "conflict", name: "Edited by two people" },
        ]
      : [];
  return {
    audience_id: id,
    name,
    description: spec.description,
    type: spec.type,
    size: count,
    state: !computing ? "ready" : cancelled.has(`audience-${id}`) ? "cancelled" : "computing",
    progress: computing ? 0.37 : null,
    updated_at,
    size_history,
    used_by,
    entered_24h: count === 0 ? 0 : 3 + (seed % 41),
    left_24h: count === 0 ? 0 : seed % 23,
  };
}

function seedOf(id) {
  let sum = 7;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 100_003;
  return sum;
}

function membersOf(workspace, id) {
  const own = workspace.listMembers?.get(id);
  if (own) return own;
  const revisions = workspace.definitions.get(`audience/${id}`);
  if (revisions?.at(-1).spec.type === "list" || id === "nobody") return [];
  const every = 1 + (seedOf(id) % 9);
  return workspace.persons.filter((_, index) => index % every === 0);
}

function size({ workspace, ids: [id] }) {
  const { length } = membersOf(workspace, known(workspace, id).id);
  return { size: length, exact: true, at: new Date().toISOString() };
}

function members({ workspace, ids: [id], query }) {
  known(workspace, id);
  const page = pageOf(membersOf(workspace, id), query);
  const from = Number(query.get("cursor") ?? 0);
  return {
    ...page,
    items: page.items.map((person, index) => ({
      ...rowOf(person),
      since: new Date(Date.now() - (from + index) * 97_000 - 20_000).toISOString(),
    })),
  };
}

async function writeMembers({ workspace, request, ids: [id] }) {
  known(workspace, id);
  const given = await bodyOf(request);
  workspace.listMembers ??= new Map();
  const mine = new Set(membersOf(workspace, id));
  const rejected = [];
  given.forEach((text, index) => {
    const person = workspace.persons.find((one) =>
      one.identifiers.some(({ namespace, value }) => `${namespace}:${value}` === text),
    );
    if (text.startsWith("phone:") && !/^phone:\+\d+$/.test(text)) {
      rejected.push({ index, message: `${text} is not a phone number with its country code` });
    } else if (request.method === "DELETE") mine.delete(person);
    else if (person) mine.add(person);
    else rejected.push({ index, message: `nobody is known by ${text}` });
  });
  workspace.listMembers.set(id, [...mine]);
  return { accepted: given.length - rejected.length, rejected };
}

function changes({ workspace, ids: [id], query }) {
  known(workspace, id);
  const all = membersOf(workspace, id).slice(0, 60);
  return pageOf(
    all.map((person, index) => ({
      person_id: person.person_id,
      display_name: person.display_name,
      entered: index % 3 !== 2,
      at: new Date(Date.now() - index * 211_000 - 9_000).toISOString(),
    })),
    query,
  );
}

function understand(text) {
  try {
    return { tree: parseRule(text), errors: [] };
  } catch (fault) {
    if (!(fault instanceof RuleFault)) throw fault;
    return { tree: null, errors: [faultOf(text, fault)] };
  }
}

async function parse({ request }) {
  const given = await bodyOf(request);
  const text = given.text ?? writeRule(given.tree);
  sentinel(text);
  const { tree, errors } = understand(text);
  return {
    text: tree === null ? text : writeRule(tree),
    tree,
    in_words: tree === null ? "" : `People where ${inWords(tree)}.`,
    errors,
    lint: lintOf(text),
  };
}

function lintOf(text) {
  if (!/count\("[^"]+"\) = 0/.test(text)) return [];
  return [
    {
      message: "An event that never came counts as 0, also for people who were never asked.",
      fix: null,
    },
  ];
}

async function preview({ workspace, request }) {
  const { id, spec, exact } = await bodyOf(request);
  sentinel(spec.description, /"(error:\d+)"/.exec(spec.when)?.[1]);
  const { tree, errors } = understand(spec.when);
  const all = workspace.persons.length;
  const tests = tree === null ? 0 : testsOf(tree).length;
  const share = tree === null || tests === 0 ? 0 : 0.61 / 1.7 ** tests;
  const estimate = /"nobody"/.test(spec.when) ? 0 : Math.round(all * share);
  const margin = exact ? 0 : Math.round(estimate * 0.06) + 4;
  const sample = workspace.persons.filter((_, index) => index % 7 === 0).slice(0, 10);
  const others = live(workspace).filter((one) => one.id !== id);
  return {
    size: {
      estimate,
      low: Math.max(0, estimate - margin),
      high: Math.min(all, estimate + margin),
      exact,
      sampled: exact ? all : Math.min(all, 2_000),
      of: all,
    },
    sample: estimate === 0 ? [] : sample.map(rowOf),
    warnings: errors.map(({ message }) => ({ field: "spec.when", message })),
    in_words: tree === null ? "" : `People where ${inWords(tree)}.`,
    tree: tree ?? false,
    overlap: others.slice(0, 5).map((one, index) => ({
      audience_id: one.id,
      name: one.name,
      both: Math.round(estimate * (0.42 / (index + 1))),
    })),
  };
}

async function previewFeature({ workspace, request }) {
  const { spec } = await bodyOf(request);
  sentinel(spec.value);
  const { errors } = understand(`${spec.value} exists`);
  const timed = /^(first|last)\(/.test(spec.value) && !/, of /.test(spec.value);
  return {
    values: workspace.persons.slice(0, 10).map((person, index) => ({
      ...rowOf(person),
      value: index === 4 ? null : timed ? person.last_seen_at : (index * 7) % 23,
    })),
    warnings: errors.map(({ message }) => ({ field: "spec.value", message })),
  };
}

function explain({ workspace, ids: [id], query }) {
  const audience = known(workspace, query.get("audience"));
  const person = workspace.persons.find((one) => one.person_id === id);
  if (!person) throw notFound(`person ${id}`);
  const member = membersOf(workspace, audience.id).includes(person);
  const { tree } = understand(audience.spec.when);
  const tests = tree === null ? [] : testsOf(tree);
  const soon = new Date(Date.now() + 2.4 * 86_400_000).toISOString();
  const explained = tests.map((test, index) => {
    const holds = member || index % 2 === 0;
    const text = writeRule(test);
    return {
      text,
      holds,
      reason: `${inWords(test)}: ${holds ? "so it is" : "so it is not, there is nothing"}.`,
      changes_at: text.includes("days") ? soon : null,
    };
  });
  return {
    member,
    since: member ? new Date(Date.now() - 5.2 * 86_400_000).toISOString() : null,
    in_words: tree === null ? "" : `People where ${inWords(tree)}.`,
    tests: explained,
    next_change_at: explained.some((one) => one.changes_at) ? soon : null,
  };
}
