/** Offers at work and decisions, as far as the console looks at them. */
import { bodyOf, invalid, notFound, pageOf, Refusal, sentinel } from "./http.mjs";
import { rowOf } from "./people.mjs";
import { profileIn } from "./workspace.mjs";

const CODES_MAX = 10_000;
/** Persons whose decisions the list of all is made of. */
const DECIDED_PERSONS = 60;

export const offerRoutes = [
  ["GET", /^\/api\/v1\/placements\/([^/]+)\/funnel$/, funnel],
  ["GET", /^\/api\/v1\/offers\/([^/]+)\/grants$/, ({ workspace, ids: [id] }) => grants(workspace, id)],
  ["POST", /^\/api\/v1\/offers\/([^/]+)\/coupons$/, addCoupons],
  ["GET", /^\/api\/v1\/decisions$/, list],
  ["GET", /^\/api\/v1\/decisions\/([^/]+)$/, ({ workspace, ids: [id] }) => decision(workspace, id)],
  ["POST", /^\/api\/v1\/decisions\/([^/]+)\/replay$/, replay],
  ["GET", /^\/api\/v1\/decisions\/([^/]+)\/explanation$/, explanation],
];

const SHARES = [
  [1, 1, 0.64, 0.55, 0.5, 0.48, 0.41, 0.38, 0.31],
  [1, 1, 1, 1, 1, 1, 1, 0.94, 0.22],
  [1, 0.7, 0.5, 0.12, 0.12, 0, 0, 0, 0],
  [1, 0, 0, 0, 0, 0, 0, 0, 0],
];
const NAMES = ["considered", "allowed", "eligible", "applicable", "suitable"];
const LAST = ["within_limits", "within_floors", "relevant", "shown"];

function funnel({ workspace, ids: [id] }) {
  sentinel(id);
  const sampled = Math.min(1_840, workspace.persons.length);
  const live = [...workspace.definitions.values()]
    .map((revisions) => revisions.at(-1))
    .filter((one) => one.kind === "offer" && one.status === "live" && one.spec.placements.includes(id));
  // One slot for everybody, so that the page can say so.
  const everybody = id === "slot_1";
  const people = workspace.persons.slice(0, 10).map(rowOf);
  return {
    sampled: id === "slot_3" ? 0 : sampled,
    persons: workspace.persons.length,
    refused: 12,
    never_offered: everybody ? 0 : 217,
    never_offered_sample: everybody ? [] : people,
    offers: live.slice(0, 40).map((one, at) => {
      const shares = SHARES[at % SHARES.length];
      const counts = [...NAMES, ...LAST].map((name, layer) => [
        name,
        Math.round((sampled - 12) * shares[layer]),
      ]);
      return { offer: one.id, ...Object.fromEntries(counts) };
    }),
  };
}

function stockOf(workspace, id) {
  workspace.codes ??= new Map();
  if (!workspace.codes.has(id)) {
    workspace.codes.set(id, new Set(Array.from({ length: 500 }, (_, at) => `OLD-${at}`)));
  }
  return workspace.codes.get(id);
}

function grants(workspace, id) {
  sentinel(id);
  const granted = 180;
  return {
    granted,
    used: 64,
    spent: "320.00",
    stock_left: 1_000 - granted,
    codes_left: stockOf(workspace, id).size - granted,
  };
}

async function addCoupons({ workspace, request, ids: [id] }) {
  const { codes } = await bodyOf(request);
  if (codes.length > CODES_MAX) throw invalid("codes", `has ${codes.length} codes; send 1 to 10000 at once`);
  const long = codes.findIndex((code) => code.length > 64);
  if (long >= 0) throw invalid(`codes[${long}]`, "is not a code of 1 to 64 characters");
  if (codes[0] === "error:503") throw new Refusal(503, "overloaded", "the log is full for a moment");
  const known = stockOf(workspace, id);
  const before = known.size;
  for (const code of codes) known.add(code);
  const added = known.size - before;
  return { added, known: codes.length - added, codes_left: grants(workspace, id).codes_left };
}

function all(workspace) {
  workspace.decided ??= workspace.persons
    .slice(0, DECIDED_PERSONS)
    .flatMap((person) => profileIn(workspace, person.person_id).decisions)
    .sort((one, other) => other.decided_at.localeCompare(one.decided_at));
  return workspace.decided;
}

function list({ workspace, query }) {
  const [placement, until] = [query.get("placement"), query.get("until")];
  sentinel(placement);
  const found = all(workspace)
    .filter((one) => !placement || one.placement === placement)
    .filter((one) => !until || one.decided_at <= until);
  return pageOf(found, query);
}

function decision(workspace, id) {
  sentinel(id);
  const found = id === "d_live" ? all(workspace)[0] : all(workspace).find((one) => one.decision_id === id);
  if (!found) throw notFound(`decision ${id}`);
  return found;
}

/** The fourth of each person comes out otherwise, to show what a broken promise looks like. */
function replay({ workspace, ids: [id] }) {
  const record = decision(workspace, id);
  if (!id.endsWith("3")) return record;
  const { choices } = record.decision;
  return { ...record, decision: { ...record.decision, choices: choices.slice(1) }, seed: "0" };
}

function explanation({ workspace, ids: [id] }) {
  const { decision: entry, losers } = decision(workspace, id);
  const reasons = ({ reasons }) => reasons.join("; ");
  return {
    shown: entry.choices.map((choice) => `${choice.id} is shown: ${reasons(choice)}`),
    not_shown: losers.map((loser) => `${loser.id} is not shown: ${loser.reason}`),
    to_the_person: entry.choices.map(() => "You bought here before, and this goes with what you like."),
  };
}
