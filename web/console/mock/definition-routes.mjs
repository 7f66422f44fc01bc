/** Definitions: versions under optimistic locking, previews, write keys. */
import { heroChoice, itemChoices, LOSERS } from "./happenings.mjs";
import { bodyOf, invalid, notFound, pageOf, Refusal, sentinel } from "./http.mjs";
import { recommended } from "./recipe-routes.mjs";
import { put } from "./workspace.mjs";

const ONE = /^\/api\/v1\/definitions\/([a-z]+)\/([^/]+)$/;

export const definitionRoutes = [
  ["GET", /^\/api\/v1\/definitions\/([a-z]+)$/, list],
  ["POST", /^\/api\/v1\/definitions\/([a-z]+)\/preview$/, preview],
  ["GET", ONE, ({ workspace, ids: [kind, id] }) => withTag(current(workspace, kind, id))],
  ["PUT", ONE, write],
  ["DELETE", ONE, archive],
  [
    "GET",
    /^\/api\/v1\/definitions\/([a-z]+)\/([^/]+)\/revisions$/,
    ({ workspace, ids: [kind, id], query }) =>
      pageOf([...(workspace.definitions.get(`${kind}/${id}`) ?? [])].reverse(), query),
  ],
  ["POST", /^\/api\/v1\/sources\/([^/]+)\/keys$/, createWriteKey],
  ["DELETE", /^\/api\/v1\/sources\/([^/]+)\/keys\/([^/]+)$/, deleteWriteKey],
];

const withTag = (definition, status = 200) => [
  status,
  definition,
  { ETag: `"${definition.revision}"` },
];

function current(workspace, kind, id) {
  sentinel(id);
  const revisions = workspace.definitions.get(`${kind}/${id}`);
  if (!revisions) throw notFound(`${kind} ${id}`);
  return revisions.at(-1);
}

function list({ workspace, ids: [kind], query }) {
  const text = query.get("q")?.toLowerCase();
  sentinel(text);
  const found = [...workspace.definitions.values()]
    .map((revisions) => revisions.at(-1))
    .filter((one) => one.kind === kind && one.status === "live")
    .filter((one) => !text || `${one.name} ${one.id}`.toLowerCase().includes(text));
  return pageOf(found, query);
}

async function write({ workspace, request, ids: [kind, id] }) {
  const { name, spec } = await bodyOf(request);
  const known = workspace.definitions.get(`${kind}/${id}`)?.at(-1);
  const match = request.headers["if-match"];
  if (known) {
    if (request.headers["if-none-match"]) throw stale(`${kind} ${id} exists already`);
    if (!match) throw new Refusal(428, "precondition-required", "If-Match is needed");
    // Somebody else is always a moment faster with this one, the first time.
    if (id === "conflict" && known.revision === 1) {
      put(
        workspace.definitions,
        kind,
        id,
        known.name,
        kind === "offer"
          ? { ...known.spec, priority: 900 }
          : { ...known.spec, description: "Changed by Mei meanwhile." },
        "mei@example.com",
      );
    }
    const now = workspace.definitions.get(`${kind}/${id}`).at(-1);
    if (match !== `"${now.revision}"`) throw stale(`revision ${now.revision} is newer`);
  }
  if (name === "error:422") throw invalid("name", "this name is not allowed here");
  const fault = kind === "offer" ? ruleFault(spec.when) : undefined;
  if (fault) throw invalid("spec.when", fault);
  const keys = known?.spec.keys;
  const written = put(workspace.definitions, kind, id, name, { ...spec, ...(keys && { keys }) });
  return withTag(written, known ? 200 : 201);
}

const stale = (detail) =>
  new Refusal(412, "revision-stale", "the object was changed meanwhile", { detail });

function archive({ workspace, ids: [kind, id] }) {
  const { name, spec } = current(workspace, kind, id);
  put(workspace.definitions, kind, id, name, spec, "ada@example.com", "archived");
  return [204];
}

/** Only so much of the language as the tests need: unknown facts and open brackets. */
function ruleFault(when = "") {
  const unknown = /\bfeature\.\w+/.exec(when);
  if (unknown) {
    return (
      `line 1, column ${unknown.index + 1}: there is no fact “${unknown[0]}”; write ` +
      `“${unknown[0].replace("feature.", "features.")}”`
    );
  }
  const open = when.split("(").length - when.split(")").length;
  return open > 0 ? `line 1, column ${when.length + 1}: a bracket stays open; write )` : undefined;
}

async function preview({ workspace, request, ids: [kind] }) {
  const body = await bodyOf(request);
  const { id, spec, placement, person_id } = body;
  sentinel(spec.description, spec.content?.title);
  if (kind === "recipe") return recipePreview(workspace, body);
  const fault = kind === "offer" ? ruleFault(spec.when) : undefined;
  const warnings = fault ? [{ field: "spec.when", message: fault }] : [];
  const facts = { "features.purchase_count": person_id ? 2 : null };
  const decision = {
    placement: placement ?? id,
    decision_id: "d_preview",
    fallback: false,
    experiments: [],
    choices: [],
  };
  if (kind === "placement" && spec.type === "items") {
    decision.choices = itemChoices([...workspace.items.values()], workspace.random);
    return { decision, losers: [], facts, warnings };
  }
  const fits = kind === "offer" && !fault && (person_id !== undefined || !spec.when);
  if (fits) {
    decision.choices = [{ ...heroChoice(false, spec.content), id, score: spec.priority }];
    return { decision, losers: LOSERS.slice(0, 2), facts, warnings };
  }
  const fallback = spec.fallback?.content ?? (kind === "offer" ? { title: "Welcome" } : null);
  decision.fallback = true;
  decision.choices = fallback ? [heroChoice(true, fallback)] : [];
  const reason = fault
    ? "Its rule has an error."
    : "features.purchase_count >= 2 is not true: it is missing.";
  const own = { kind: "offer", id, code: "not-eligible", reason };
  return { decision, losers: kind === "offer" ? [own, ...LOSERS] : LOSERS, facts, warnings };
}

/** Nothing is recommended to somebody without any history. */
function recipePreview(workspace, { spec, placement, person_id, context = {} }) {
  const fault = ruleFault(spec.include_when);
  const decision = {
    placement: placement ?? "(list)",
    decision_id: "d_preview",
    fallback: !person_id,
    experiments: [],
    choices: fault || !person_id ? [] : recommended(workspace, spec, context),
  };
  const warnings = fault ? [{ field: "spec.include_when", message: fault }] : [];
  const bought = { kind: "item", id: "item-0004", code: "excluded", reason: "They bought it before." };
  return { decision, losers: fault || !person_id ? [] : [bought], facts: {}, warnings };
}

function createWriteKey({ workspace, ids: [id] }) {
  const source = current(workspace, "source", id);
  const write_key = `c${workspace.random.hex(24)}`;
  const key = { prefix: write_key.slice(0, 5), created_at: new Date().toISOString() };
  const spec = { ...source.spec, keys: [...(source.spec.keys ?? []), key] };
  put(workspace.definitions, "source", id, source.name, spec);
  workspace.writeKeys ??= new Map();
  workspace.writeKeys.set(write_key, id);
  return [201, { write_key, ...key }];
}

function deleteWriteKey({ workspace, ids: [id, prefix] }) {
  const source = current(workspace, "source", id);
  const keys = source.spec.keys.filter((key) => key.prefix !== prefix);
  put(workspace.definitions, "source", id, source.name, { ...source.spec, keys });
  return [204];
}
