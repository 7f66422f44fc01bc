/** Probable links, what operators say of them, and the quality of the identity graph. */
import { bodyOf, notFound, sentinel } from "./http.mjs";
import { LONG_NAME, rowOf } from "./people.mjs";
import { profileIn } from "./workspace.mjs";

const HOUR_MS = 3_600_000;
const UNIQUE = "each has an identifier of a kind of which nobody has two";
/** Policy, confidence, basis and hindrance of the pairs that are made up. */
const PAIRS = [
  ["loose", 0.91, "records", ""],
  [null, 0.97, "records", UNIQUE],
  ["loose", 0.86, "visitors", ""],
  [null, 0.78, "records", ""],
  [null, 0.74, "records", ""],
  [null, 0.66, "visitors", ""],
];

export const identityRoutes = [
  ["GET", /^\/api\/v1\/identity\/reviews$/, ({ workspace }) => reviews(workspace)],
  ["POST", /^\/api\/v1\/identity\/reviews\/([^/]+)$/, decide],
  ["DELETE", /^\/api\/v1\/identity\/verdicts\/([^/]+)$/, withdraw],
  ["GET", /^\/api\/v1\/persons\/([^/]+)\/probable-links$/, probableLinks],
  ["GET", /^\/api\/v1\/persons\/([^/]+)\/graph$/, graph],
  ["GET", /^\/api\/v1\/identity\/quality$/, ({ workspace }) => quality(workspace)],
  ["GET", /^\/api\/v1\/identity\/matching$/, ({ workspace }) => matching(workspace)],
  ["GET", /^\/api\/v1\/identity\/changes$/, ({ workspace }) => changes(workspace)],
  [
    "GET",
    /^\/api\/v1\/jobs\/identity-rules$/,
    () => ({ job_id: "identity-rules", state: "done", progress: 1 }),
  ],
];

/** A pair shares what a careless clerk would have typed twice. */
function linksOf(workspace) {
  if (workspace.links) return workspace.links;
  const known = workspace.persons.filter((one) => !one.display_name.startsWith("Visitor "));
  workspace.links = known.length < 40 ? [] : PAIRS.map((pair, at) => linkOf(workspace, known, pair, at));
  workspace.said = new Map();
  return workspace.links;
}

function linkOf(workspace, known, [policy, confidence, basis, hindrance], at) {
  const a = at === 3 ? known.find((one) => one.display_name === LONG_NAME) : known[12 + at];
  const b = known[24 + at];
  const [mine, theirs] = [a, b].map((one) => profileIn(workspace, one.person_id).profile);
  if (at !== 3) {
    const [first, ...last] = a.display_name.split(" ");
    b.display_name = theirs.display_name = `${first.slice(0, 1)}. ${last.join(" ")}`;
    theirs.traits = { ...theirs.traits, ...mine.traits, name: b.display_name, plan: "free" };
    theirs.traits.birthday = "1990-06-51";
  }
  const end = (person) => ({ ...rowOf(person).identifiers[0], person: rowOf(person) });
  return {
    edge_id: `${1000 + at}.${2000 + at}`,
    from: end(a),
    to: end(b),
    basis,
    confidence,
    reasons: REASONS[basis],
    found_at: new Date(Date.now() - at * HOUR_MS).toISOString(),
    policy,
    hindrance,
  };
}

const REASONS = {
  records: [
    { about: "start: two records taken at random", bits: -11.4 },
    { about: "surname: same", bits: 8.2 },
    { about: "birthday: digits swapped", bits: 4.9 },
    { about: "given name: beginning of the other", bits: 3.6 },
    { about: "address.city: same", bits: 1.7 },
    { about: "phone: different", bits: -2.1 },
    { about: "plan: different", bits: -0.4 },
    { about: "company: missing", bits: 0 },
  ],
  visitors: [
    { about: "start: two visitors taken at random", bits: -9.2 },
    { about: "network: same, and few others use it", bits: 6.8 },
    { about: "taste: trail running, rain jackets", bits: 3.3 },
    { about: "hours: both in the evening", bits: 1.2 },
    { about: "language: same", bits: 0.6 },
  ],
};

const waits = (link) => link.policy !== "strict";

function reviews(workspace) {
  const links = linksOf(workspace).filter((one) => waits(one) && !workspace.said.has(one.edge_id));
  const items = [...links].sort((a, b) => b.confidence - a.confidence);
  return { items, next_cursor: null };
}

async function decide({ workspace, request, ids: [edge_id] }) {
  const link = linksOf(workspace).find((one) => one.edge_id === edge_id);
  if (!link) throw notFound(`probable link ${edge_id}`);
  const { same, reason = "", preview = false } = await bodyOf(request);
  sentinel(reason);
  const before = [link.from.person, link.to.person];
  if (!preview) workspace.said.set(edge_id, { same, reason, at: new Date().toISOString() });
  return { before, after: same ? [joined(before)] : before, preview };
}

function joined([a, b]) {
  const identifiers = [...a.identifiers, ...b.identifiers];
  return { ...a, identifiers, event_count: a.event_count + b.event_count };
}

function withdraw({ workspace, ids: [id] }) {
  const edge_id = id.replace(/\.operator$/, "");
  if (!linksOf(workspace) || !workspace.said.delete(edge_id)) throw notFound(`verdict ${id}`);
  const link = workspace.links.find((one) => one.edge_id === edge_id);
  const rows = [link.from.person, link.to.person];
  return { before: rows, after: rows, preview: false };
}

function probableLinks({ workspace, ids: [id] }) {
  const links = linksOf(workspace)
    .filter((link) => !workspace.said.has(link.edge_id))
    .filter((link) => [link.from, link.to].some((end) => end.person.person_id === id));
  return [200, links];
}

/** Only what operators said of the pairs above. */
function graph({ workspace, ids: [id] }) {
  const own = (link) => [link.from, link.to].some((end) => end.person.person_id === id);
  const said = linksOf(workspace).filter((link) => own(link) && workspace.said.has(link.edge_id));
  const edges = said.map((link) => ({
    edge_id: `${link.edge_id}.operator`,
    from: link.from,
    to: link.to,
    kind: "operator",
    reason: workspace.said.get(link.edge_id).reason,
    message_id: "",
    linked_at: workspace.said.get(link.edge_id).at,
    state: workspace.said.get(link.edge_id).same ? "active" : "refused",
  }));
  return { nodes: [], edges };
}

/** The profile under a policy, with the other person's share counted in. */
export function personUnder(workspace, profile, policy) {
  const rank = ["exact", "strict", "loose"];
  const counts = (link) => link.policy && rank.indexOf(link.policy) <= rank.indexOf(policy);
  const links = linksOf(workspace).filter((link) => counts(link));
  const ends = links.map((link) => [link.from.person, link.to.person]);
  const others = ends
    .filter((pair) => pair.some((one) => one.person_id === profile.person_id))
    .map((pair) => pair.find((one) => one.person_id !== profile.person_id));
  const event_count = others.reduce((sum, one) => sum + one.event_count, profile.event_count);
  return { ...profile, event_count, linked_person_ids: others.map((one) => one.person_id) };
}

function quality(workspace) {
  const links = linksOf(workspace);
  const none = { shape: { persons: 0, largest: 0, refused: {} }, shared: [], verdicts: [], agreement: [] };
  if (workspace.persons.length === 0) return none;
  const said = links.filter((link) => workspace.said.has(link.edge_id));
  return {
    shape: { persons: workspace.persons.length, largest: 131, refused: { contested: 41, limit: 7 } },
    shared: [
      {
        identifier: { namespace: "anonymous_id", value: "shop-tablet" },
        met: 14,
        generic: true,
        pardoned: false,
      },
    ],
    verdicts: said.map((link) => ({
      edge_id: `${link.edge_id}.operator`,
      says: workspace.said.get(link.edge_id).same ? "same" : "different",
      from: link.from,
      to: link.to,
      at: workspace.said.get(link.edge_id).at,
      by: "ada@example.com",
      reason: workspace.said.get(link.edge_id).reason,
    })),
    agreement:
      links.length === 0
        ? []
        : [
            { from_confidence: 0.6, same: 9, different: 5 },
            { from_confidence: 0.7, same: 14, different: 4 },
            { from_confidence: 0.8, same: 22, different: 3 },
            { from_confidence: 0.9, same: 31, different: 1 },
          ],
  };
}

function matching(workspace) {
  if (workspace.persons.length === 0) {
    return { state: "idle", records: null, visitors: null, error: null };
  }
  const curve = (most) =>
    Array.from({ length: 20 }, (_, at) => {
      const confidence = 1 - at / 40;
      const missed = 1 - confidence;
      return { confidence, precision: 1 - missed ** 1.6 * 0.9, recall: most * Math.sqrt(missed / 0.5) };
    });
  return {
    state: "running",
    records: {
      persons: 4_812,
      left_out: 0,
      pairs: 193_220,
      links: 341,
      last_batch_at: new Date(Date.now() - 40 * 60_000).toISOString(),
      took_ms: 840,
      next_batch_at: null,
    },
    visitors: {
      sessions: 18_204,
      ids: 7_310,
      log_ins: 2_290,
      person_quality: curve(0.62),
      household_quality: curve(0.78),
    },
    error: null,
  };
}

function changes(workspace) {
  if (workspace.persons.length === 0) return [200, []];
  const [a, b, c] = workspace.persons.map((one) => one.person_id);
  const plain = { identifier: null, size: null, by: "" };
  const at = (hours) => new Date(Date.now() - hours * HOUR_MS).toISOString();
  const tablet = { namespace: "anonymous_id", value: "shop-tablet" };
  const all = [
    { ...plain, at: at(1), what: "regrouped", before: [a, b], after: [a] },
    { ...plain, at: at(2), what: "generic", identifier: tablet, before: [], after: [] },
    { ...plain, at: at(3), what: "large", size: 131, before: [], after: [c] },
    {
      ...plain,
      at: at(5),
      what: "personal",
      identifier: { namespace: "phone", value: "+4930123456" },
      before: [],
      after: [],
      by: "ada@example.com",
    },
    { ...plain, at: at(9), what: "regrouped", before: [a], after: [a, b], by: "ada@example.com" },
  ];
  return [200, all];
}
