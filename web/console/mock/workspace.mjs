/** One workspace held in memory: the whole state of the mock server. */
import { decisionsOf, makeEvents, makeRejected } from "./happenings.mjs";
import { LONG_NAME, makePersons, profileOf } from "./people.mjs";
import { seeded } from "./seed.mjs";

const CATEGORIES = ["shoes", "bags", "outdoor", "jackets", "accessories", "running"];
const BRANDS = ["Fjord", "Pavé", "Nimbus", "Hearth & Co", "Aurelia"];
const WORDS = ["Trail", "City", "Alpine", "Harbour", "Nordic", "Summer", "Midnight", "Everyday"];
const THINGS = ["runner", "sneaker", "boot", "day pack", "parka", "tote", "cap", "belt"];

export function makeWorkspace({ rows, seed = 7 }) {
  const random = seeded(seed);
  const now = Date.now();
  const items = makeItems(random, rows, now);
  const persons = makePersons(random, rows, now);
  const events = makeEvents(random, persons, items, rows, now);
  return {
    random,
    items: new Map(items.map((item) => [item.item_id, item])),
    persons,
    profiles: new Map(),
    events,
    rejected: makeRejected(random, rows, now),
    definitions: makeDefinitions(rows),
    secretKeys:
      rows === 0 ? [] : [secretKey("nightly export", ["read"]), secretKey("CI", ["read", "write"])],
    position: rows * 2,
  };
}

export function profileIn(workspace, personId) {
  const { persons, profiles, items } = workspace;
  if (profiles.has(personId)) return profiles.get(personId);
  const person = persons.find((one) => one.person_id === personId);
  if (!person) return undefined;
  const random = seeded(persons.indexOf(person) + 1);
  const profile = profileOf(person, random);
  const made = { profile, decisions: decisionsOf(person, [...items.values()], random) };
  profiles.set(personId, made);
  return made;
}

function makeItems(random, count, now) {
  return Array.from({ length: count }, (_, index) => ({
    item_id: `item-${String(index).padStart(4, "0")}`,
    title:
      index === 2
        ? `${"Extraordinarily long product title that somebody pasted whole ".repeat(4)}(new)`
        : `${random.pick(WORDS)} ${random.pick(THINGS)} ${100 + index}`,
    url: `https://shop.example.com/p/${index}`,
    image_url: index % 9 === 8 ? null : "/console/mock-image.svg",
    price: (19 + random.below(180) + 0.9).toFixed(2),
    currency: "EUR",
    categories: [random.pick(CATEGORIES), random.pick(CATEGORIES)].filter(
      (one, at, all) => all.indexOf(one) === at,
    ),
    brand: random.pick(BRANDS),
    available: random.next() < 0.9,
    attributes: {
      colour: random.pick(["green", "white", "black"]),
      weight_g: 200 + random.below(900),
    },
    updated_at: new Date(now - random.below(40) * 3_600_000).toISOString(),
  }));
}

function secretKey(name, scopes) {
  return {
    key_id: `k_${name.replaceAll(/\W/g, "")}`,
    name,
    prefix: "ksk_7f3a",
    scopes,
    created_at: "2026-10-02T08:12:00Z",
  };
}

const namespace = (name, priority, more) => ({
  name,
  priority,
  unique: false,
  limit: 5,
  limit_days: null,
  immutable: false,
  joins: true,
  normalise: "none",
  ...more,
});

/** `kind/id` → its revisions, the last one current. */
function makeDefinitions(rows) {
  const all = new Map();
  if (rows === 0) return all;
  put(all, "source", "web_shop", "Web shop", {
    type: "web",
    enabled: true,
    origins: ["https://shop.example.com"],
    tag: {
      consent: { default: "denied", categories: ["analytics", "personalization", "marketing"] },
      placements: [
        {
          placement: "home_hero",
          selector: "#hero",
          mode: "template",
          template: '<a href="{{url}}">{{title}}</a>',
        },
      ],
    },
    keys: [{ prefix: "c9f31", created_at: "2026-10-01T08:00:00Z" }],
  });
  put(all, "source", "backend", "Order back end", {
    type: "server",
    enabled: true,
    origins: [],
    tag: {},
    keys: [],
  });
  put(all, "identity", "default", "Identity rules", {
    namespaces: [
      namespace("user_id", 100, { unique: true, limit: 1 }),
      namespace("email", 80, { normalise: "email" }),
      namespace("anonymous_id", 10, { limit: 100 }),
    ],
    blocked_values: ["null", "undefined"],
    generic_after: 10,
    generic_days: null,
    shared_device: "nobody",
    alarm_after: 100,
    probabilistic: {
      records: true,
      visitors: true,
      consent: "linking",
      strict_percent: 95,
      loose_percent: 80,
      review_percent: 60,
    },
    policies: { offers: "exact", items: "strict" },
  });
  put(all, "placement", "home_hero", "Home hero", {
    description: "The big picture on the home page.",
    type: "offers",
    limit: 1,
    strategies: [],
    exclude_purchased_days: 30,
    fallback: { content: { title: "Welcome" } },
  });
  put(all, "placement", "also_like", "You may also like", {
    description: "Under every product.",
    type: "items",
    limit: 4,
    strategies: [{ strategy: "also-viewed" }, { strategy: "popular-now" }],
    exclude_purchased_days: 30,
    fallback: { content: null },
  });
  put(all, "placement", "learning_hero", "Learning hero", {
    description: "The big picture, drawn by what works.",
    type: "offers",
    limit: 1,
    strategies: [],
    exclude_purchased_days: 30,
    formula: "",
    levers: [{ offer: "winter", lever: 2 }],
    learning: {
      reward: '"Decision Clicked"',
      window_days: 1,
      features: ["traits.plan"],
      floor: 0.02,
      trial: 0.2,
      holdout: 0.1,
    },
    fallback: { content: { title: "Welcome" } },
  });
  put(all, "placement", "fresh_hero", "Just begun to learn", {
    ...all.get("placement/learning_hero").at(-1).spec,
    learning: { ...all.get("placement/learning_hero").at(-1).spec.learning, window_days: 3 },
  });
  putRecipes(all);
  put(all, "placement", "for_you", "For you", {
    description: "On the home page.",
    type: "items",
    limit: 8,
    strategies: [],
    recipe: "for_you",
    exclude_purchased_days: 30,
    fallback: { content: null },
  });
  put(all, "offer", "winter", "Winter boots", {
    placements: ["home_hero"],
    priority: 300,
    when: "features.purchase_count >= 2",
    starts_at: null,
    ends_at: null,
    content: {
      title: "Winter boots for people who walk",
      text: "Picked for the trails you like.",
      image: "/console/mock-image.svg",
      url: "/c/boots",
      cta: "See the boots",
      theme: "dark",
    },
  });
  put(all, "offer", "vouchers", "Ten off, from our list", {
    placements: ["home_hero"],
    priority: 40,
    when: "",
    starts_at: null,
    ends_at: null,
    content: { title: "Ten off" },
    limits: { stock: 1000, coupon: { codes: "uploaded", prefix: "" } },
  });
  put(all, "offer", "conflict", "Edited by two people", {
    placements: ["home_hero"],
    priority: 50,
    when: 'traits.plan = "pro"',
    starts_at: "2026-11-27T00:00:00Z",
    ends_at: "2026-12-01T00:00:00Z",
    content: { title: "Black Friday, early for you" },
  });
  for (let index = 0; index < rows; index++) {
    put(all, "offer", `offer_${String(index).padStart(4, "0")}`, `Seasonal offer ${index}`, {
      placements: ["home_hero", "also_like", "cart_offer"].slice(0, 1 + (index % 3)),
      priority: index % 1000,
      when: index % 4 ? `count("Product Viewed") > ${index % 9}` : "",
      starts_at: null,
      ends_at: index % 5 === 0 ? "2026-10-01T00:00:00Z" : null,
      content: { title: `Offer ${index}` },
    });
  }
  for (let index = 0; index < Math.min(rows, 60); index++) {
    put(all, "placement", `slot_${index}`, `Slot ${index}`, {
      description: "",
      type: "offers",
      limit: 1,
      strategies: [],
      exclude_purchased_days: 30,
      fallback: { content: null },
    });
  }
  putAudiences(all, rows);
  put(
    all,
    "offer",
    "winter",
    "Winter boots",
    {
      ...all.get("offer/winter").at(-1).spec,
      priority: 310,
    },
    "mei@example.com",
  );
  return all;
}

function putRecipes(all) {
  const recipe = (id, name, ingredients, more = {}) =>
    put(all, "recipe", id, name, {
      description: "",
      goal: "discover",
      ingredients,
      include_when: "",
      exclude_when: "",
      boosts: [],
      diversity: { per_category: null, mmr: 0 },
      exploration: 0,
      fallbacks: [],
      ...more,
    });
  const [pairs, linear] = [
    { model: "item-to-item", weight: 3 },
    { model: "linear", weight: 2 },
  ];
  recipe("wanted", "What everybody wants", [{ model: "trending", weight: 1 }]);
  recipe("again", "Buy again", [{ model: "again", weight: 1 }], { goal: "reorder" });
  recipe("for_you", "For you", [pairs, linear, { model: "visits", weight: 1 }], {
    description: "The list on the home page and in the weekly mail.",
    include_when: "item.price < 180",
    exclude_when: 'item.categories contains "accessories"',
    boosts: [
      { when: "item.attributes.margin > 0.3", factor: 1.4 },
      { when: "item.attributes.weight_g <= 600 and features.purchase_count > 2", factor: 0.8 },
    ],
    diversity: { per_category: 2, mmr: 0.35 },
    exploration: 0.1,
    fallbacks: ["wanted"],
  });
  recipe("long_name", LONG_NAME, [pairs], { description: "Long ".repeat(60) });
}

const INTENT =
  'traits.industry = "software" and count("Download") = 0 and ' +
  'sum("Time On Site", of seconds, 7 days) > 60';

function putAudiences(all, rows) {
  const audience = (id, name, when, description = "", type = "rule") =>
    put(all, "audience", id, name, { description, type, when });
  audience("loyal_customers", "Loyal customers", "features.purchase_count > 2", "Bought thrice");
  audience("high_intent", "Software, has looked around, no download", INTENT, "For the sales desk");
  audience(
    "cart_left",
    "Left the cart",
    'sequence("Product Added", not "Order Completed" within 2 hours, 7 days) and ' +
      'reachable("email")',
    "For the reminder of the evening",
  );
  audience("computing", "Likes shoes", 'affinity("category", "shoes") > 0.3');
  audience("press", "Press contacts", "", "Kept by hand", "list");
  audience("nobody", "Nobody yet", 'traits.plan = "nobody"');
  audience("conflict", "Edited by two people", 'traits.plan = "pro"');
  audience("long_name", LONG_NAME, 'traits.plan in ["pro", "team"]', "Long ".repeat(60));
  audience(
    "kitchen_sink",
    "Everything the language has",
    "(traits.birthday exists or anniversary(traits.birthday) <= now + 7 days) and " +
      'not (traits.email ends with "@example.com" or traits.title matches "chief*") and ' +
      'sequence("Product Viewed" where category = "shoes", "Product Added" within 1 hour, 7 days) ' +
      'and not in audience "press" and local_hour >= 9 and last("Order Completed") < now - 30 days ' +
      'and max("Order Completed" where price > 10, of price, this month) >= 20 and consent.marketing',
    "For trying the builder",
  );
  audience("as_text", "Compares two times", 'last("Order Completed") > first("Product Viewed")');
  for (let index = 0; index < rows; index++) {
    audience(
      `audience_${String(index).padStart(4, "0")}`,
      `Interest group ${index}`,
      `count("Product Viewed", ${1 + (index % 60)} days) > ${index % 9}`,
    );
  }
  const feature = (id, name, value, trait = "") =>
    put(all, "feature", id, name, { description: "", value, affinity: null, trait });
  feature("orders_30d", "Orders in 30 days", 'count("Order Completed", 30 days)', "recent_orders");
  feature(
    "seconds_7d",
    "Seconds on site in a week",
    'sum("Time On Site" where page.path starts with "/p", of seconds, 7 days)',
  );
  feature(
    "favourite",
    "Favourite category",
    'top("Product Viewed", of category, 90 days)',
    "favourite",
  );
  put(all, "feature", "taste", "Taste", { description: "", value: "", affinity: TASTE, trait: "" });
  feature("conflict", "Edited by two people", 'count("Login")');
}

const TASTE = {
  by: "price",
  attribute: "",
  bounds: [20, 50],
  half_life_days: 30,
  weights: [
    { event: "Product Viewed", weight: 1 },
    { event: "Order Completed", weight: 5 },
  ],
  once: { event: "Order Completed", percent: 10, repurchase_days: 180 },
  gift: "is_gift",
};

export function put(all, kind, id, name, spec, author = "ada@example.com", status = "live") {
  const path = `${kind}/${id}`;
  const revisions = all.get(path) ?? [];
  const revision = revisions.length + 1;
  const updated_at = new Date(Date.now() - Math.max(0, 4 - revision) * 5_400_000).toISOString();
  const definition = { kind, id, name, revision, status, updated_at, author, spec };
  all.set(path, [...revisions, definition]);
  return definition;
}
