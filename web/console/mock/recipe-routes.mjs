/** Recipes, the models behind them, and placements that learn. */
import { bodyOf, notFound, Refusal, sentinel } from "./http.mjs";

export const recipeRoutes = [
  ["GET", /^\/api\/v1\/recipes\/([^/]+)\/report$/, report],
  ["GET", /^\/api\/v1\/models$/, ({ workspace }) => modelsIn(workspace)],
  ["POST", /^\/api\/v1\/models\/([^/]+)\/serve$/, serve],
  ["GET", /^\/api\/v1\/placements\/([^/]+)\/policy$/, policy],
  ["POST", /^\/api\/v1\/placements\/([^/]+)\/policy-value$/, policyValue],
];

const DAY_MS = 86_400_000;
const measured = (value, reach) => ({ value, lower: value - reach, upper: value + reach });
const dayOf = (at) => new Date(at).toISOString().slice(0, 10);

function report({ workspace, ids: [recipe] }) {
  sentinel(recipe);
  if (!workspace.definitions.get(`recipe/${recipe}`)) throw notFound(`recipe ${recipe}`);
  const quiet = recipe === "wanted";
  const now = Date.now();
  const days = Array.from({ length: quiet ? 0 : 21 }, (_, at) => ({
    day: dayOf(now - (20 - at) * DAY_MS),
    items_shown: 2_100 + Math.round(500 * Math.sin(at / 2)) + at * 30,
    clicked: 120 + Math.round(36 * Math.sin(at / 2 + 1)) + at * 3,
    bought: 14 + (at % 6),
  }));
  const sum = (name) => days.reduce((all, one) => all + one[name], 0);
  const [shown, clicked, bought] = ["items_shown", "clicked", "bought"].map(sum);
  return {
    recipe,
    offline: quiet
      ? null
      : {
          evaluated_at: new Date(now - 3_600_000).toISOString(),
          persons: 812,
          protocol:
            "The last item of each of 812 people was hidden, the recipe was asked for ten items, and " +
            "it was looked at which place the hidden one stood at. Models had learned from what came " +
            "before only.",
          ndcg_at_10: measured(0.101, 0.007),
          recall_at_10: measured(0.182, 0.012),
          popular_ndcg_at_10: measured(0.064, 0.006),
          coverage: 0.42,
          novelty_bits: 7.3,
        },
    online: {
      since_at: quiet ? null : new Date(now - 20 * DAY_MS).toISOString(),
      decisions: Math.round(shown / 4),
      items_shown: shown,
      clicked,
      bought,
      fallbacks: Math.round(shown / 400),
      click_rate: quiet ? null : measured(clicked / shown, 0.0026),
      purchase_rate: quiet ? null : measured(bought / shown, 0.0008),
      coverage: quiet ? null : 0.27,
      novelty_bits: quiet ? null : 6.1,
      days,
    },
    catalog_items: workspace.items.size,
    words: wordsOf(recipe, quiet),
  };
}

function wordsOf(recipe, quiet) {
  if (quiet) return "8 more persons who turned to a second item are needed";
  return recipe === "again" ? "Measured of revision 1; revision 2 is being measured." : "";
}

const hoursAgo = (hours) => new Date(Date.now() - hours * 3_600_000).toISOString();

function version(number, hours, histories, chosen, ndcg_at_10) {
  const evaluation = ndcg_at_10 && {
    histories: Math.round(histories / 10),
    ndcg_at_10: measured(ndcg_at_10, 0.007),
    recall_at_10: measured(1.8 * ndcg_at_10, 0.012),
    popular_ndcg_at_10: measured(0.064, 0.006),
  };
  const trained_at = hoursAgo(hours);
  return { version: number, trained_at, histories, chosen, ndcg_at_10, evaluation, problem: null };
}

const TRAINED = {
  linear: [
    version(14, 2, 8_412, "EDLAE λ 250 p 0.3, the best of 12 settings", 0.101),
    version(13, 26, 8_190, "EDLAE λ 300 p 0.3, the best of 12 settings", 0.099),
    version(12, 50, 7_902, "EASE λ 500, the best of 9 settings", 0.094),
    {
      ...version(9, 0, 0, "", null),
      trained_at: null,
      problem: "the model file ends in the middle: 1,024 of 148,220 bytes are there",
    },
  ],
  content: [version(3, 2, 240, "cosine of TF-IDF over words and attributes", null)],
};
const SERVED_ITEMS = 3_043;

function modelsIn(workspace) {
  const atWork = [...workspace.definitions.keys()].some((key) => key.startsWith("recipe/"));
  const pins = (workspace.pinned ??= new Map());
  const trained = (model) => {
    const pinned = pins.get(model) ?? null;
    const versions = TRAINED[model];
    const serving = versions.find((one) => one.version === pinned?.version) ?? versions[0];
    return {
      version: serving.version,
      items: model === "linear" ? SERVED_ITEMS : workspace.items.size,
      trained_at: serving.trained_at,
      pinned,
      versions: versions.map((one) => ({ ...one, serves: one === serving })),
    };
  };
  return {
    at_work: atWork,
    stream: { events: 184_220, items: workspace.items.size, visits: 21_930, pairs: 402_118 },
    linear: atWork ? trained("linear") : null,
    content: atWork ? trained("content") : null,
    training: atWork
      ? {
          state: "done",
          progress: 1,
          eta_at: null,
          started_at: hoursAgo(2),
          finished_at: hoursAgo(1.9),
          error: null,
        }
      : null,
  };
}

async function serve({ workspace, request, ids: [model] }) {
  const { version } = await bodyOf(request);
  if (!TRAINED[model]) throw notFound(`model ${model}`);
  const found = TRAINED[model].find((one) => one.version === version);
  if (version !== null && !found) throw notFound(`version ${version} of ${model}`);
  if (found?.problem) {
    const detail = `version ${version} of ${model} is damaged: ${found.problem}`;
    throw new Refusal(409, "model-damaged", "the model cannot serve", { detail });
  }
  const { pinned } = workspace;
  if (version === null) pinned.delete(model);
  else pinned.set(model, { version, at: new Date().toISOString(), by: "ada@example.com" });
  return modelsIn(workspace);
}

const figure = (value, standard_error, outcomes) => ({
  value,
  standard_error,
  lower: value - 2.6 * standard_error,
  outcomes,
});

const OFFERS = [
  ["winter", 1_840, 0.094],
  ["vouchers", 1_122, 0.071],
  ["offer_0000", 860, 0.066],
  ["offer_0003", 512, 0.031],
];

function learningOf(workspace, id) {
  const placement = workspace.definitions.get(`placement/${id}`)?.at(-1);
  if (!placement) throw notFound(`placement ${id}`);
  if (placement.spec.learning) return;
  throw new Refusal(422, "invalid-body", "the placement does not learn", {
    detail: "the placement does not learn; set spec.learning",
  });
}

function policy({ workspace, ids: [id] }) {
  sentinel(id);
  learningOf(workspace, id);
  const position = workspace.position;
  const none = { best: null, best_value: null, learned: null, lift: null };
  if (id !== "learning_hero") {
    return {
      ...none,
      serves: "turns",
      words: "Offers take turns: 12 outcomes are known, 200 are needed before anything else serves.",
      outcomes: 12,
      waiting: 140,
      hardest: null,
      hardest_lower: null,
      offers: [],
      ignored: {},
      position,
    };
  }
  return {
    serves: "learned",
    words:
      "What was learned serves: it earns 0.104 per decision, winter alone 0.094; with 95 % its lift " +
      "is above 0.0031 over every offer. 10 % of decisions stay with winter.",
    outcomes: 4_334,
    waiting: 218,
    best: "winter",
    best_value: figure(0.094, 0.0041, 4_334),
    learned: figure(0.1042, 0.0036, 4_334),
    lift: figure(0.0102, 0.0024, 4_334),
    hardest: "winter",
    hardest_lower: 0.0031,
    offers: [
      ...OFFERS.map(([offer, shown, value]) => ({
        offer,
        shown,
        earned: Math.round(shown * value),
        alone: figure(value, 0.09 / Math.sqrt(shown / 8), shown),
      })),
      { offer: "offer_0006", shown: 4, earned: 0, alone: null },
    ],
    ignored: { "duplicate-reward": 31, "too-late": 7, "unknown-decision": 0 },
    position,
  };
}

const VALUES = {
  learned: [0.1036, 0.0058, 2_910],
  "highest-priority": [0.0815, 0.0066, 1_406],
  uniform: [0.0702, 0.0049, 3_320],
  "offer:winter": [0.0938, 0.0061, 1_790],
  "offer:vouchers": [0.0712, 0.0087, 1_066],
  placement: [0.1148, 0.0092, 744],
};
const LOGGED = 0.0921;

async function policyValue({ workspace, request, ids: [id] }) {
  learningOf(workspace, id);
  const asked = await bodyOf(request);
  const key = asked.policy === "offer" ? `offer:${asked.offer}` : asked.policy;
  if (asked.spec?.formula?.includes("traits.unknown")) {
    throw new Refusal(422, "invalid-body", "spec: it asks for traits.unknown", {
      detail: "spec: it asks for traits.unknown, which past decisions did not look at",
    });
  }
  const empty = {
    headline: null,
    estimates: [],
    logged: null,
    decisions: 0,
    effective_decisions: 0,
    weight_max: 0,
    waiting: 218,
    left_out: 0,
    cut: false,
  };
  if (id !== "learning_hero") {
    return { ...empty, words: "No estimate: there is no record.", refusal: "empty" };
  }
  if (!VALUES[key]) {
    return {
      ...empty,
      decisions: 4_334,
      effective_decisions: 41,
      words: "No estimate: 4334 decisions say as much as 41 of its own; 100 are needed.",
      refusal: "too-few-effective-records",
    };
  }
  const [value, reach, effective] = VALUES[key];
  const estimate = (estimator, off, wide, holds) => ({
    estimator,
    value: value + off,
    low: wide === null ? null : value + off - wide * reach,
    high: wide === null ? null : value + off + wide * reach,
    holds,
  });
  const late = "no interval that holds on a log of a policy that learned";
  const headline = estimate("stabilised_dr", 0, 1, "holds with many records");
  return {
    words: `It would have earned ${value} per decision; what was shown earned ${LOGGED}.`,
    refusal: null,
    headline,
    estimates: [
      estimate("ipw", 0.0021, null, late),
      estimate("snipw", 0.0012, null, late),
      estimate("dm", -0.004, null, "no interval: the estimate is biased by design"),
      estimate("dr", 0.0004, null, late),
      estimate("clipped_ipw", -0.0013, null, "no interval: the estimate is biased by design"),
      estimate("switch_dr", -0.0006, null, "no interval: the estimate is biased by design"),
      estimate("dros", -0.0007, null, "no interval: the estimate is biased by design"),
      headline,
      estimate("sequence", 0.0021, 3.6, "holds always"),
    ],
    logged: LOGGED,
    decisions: asked.from ? 1_940 : 4_334,
    effective_decisions: effective,
    weight_max: 6.2,
    waiting: 218,
    left_out: 3,
    cut: false,
  };
}

const REASONS = [
  "Goes with “Trail runner 104”: 41 people took both within a week.",
  "People with similar histories took it.",
  "Many people look at it lately.",
];

/** What a recipe shows: under its rules as far as prices and categories go. */
export function recommended(workspace, spec, context) {
  const price = /item\.price < (\d+)/.exec(spec.include_when ?? "");
  const out = /item\.categories contains "([^"]+)"/.exec(spec.exclude_when ?? "");
  const found = [...workspace.items.values()].filter(
    (item) =>
      item.available &&
      item.item_id !== context.item_id &&
      (!price || Number(item.price) < Number(price[1])) &&
      (!out || !item.categories.includes(out[1])) &&
      (!context.category || item.categories.includes(context.category)),
  );
  return found.slice(0, 8).map((item, at) => ({
    kind: "item",
    id: item.item_id,
    content: item,
    score: Math.round(100 * (1.9 - at * 0.21)) / 100,
    propensity: at === 5 ? 0.04 : 1,
    reasons: [REASONS[at % REASONS.length]],
  }));
}
