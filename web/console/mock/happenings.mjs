/** Events, rejected events and decisions. */
import { randomUUID } from "node:crypto";

const NAMES = [
  ["page", "Home"],
  ["page", "Trail shoes"],
  ["track", "Product Viewed"],
  ["track", "Product Viewed"],
  ["track", "Products Searched"],
  ["track", "Product Added"],
  ["track", "Cart Viewed"],
  ["track", "Checkout Started"],
  ["track", "Order Completed"],
  ["identify", "identify"],
  ["track", "Decision Viewed"],
  ["track", "Consent Updated"],
];

export function makeEvents(random, persons, items, count, now) {
  return Array.from({ length: count }, (_, index) => {
    const at = now - index * 7_000;
    const person = persons[index % 3 === 0 ? 0 : random.below(Math.min(400, persons.length))];
    return makeEvent(
      random,
      person,
      items,
      `m_${String(index).padStart(6, "0")}`,
      at,
      count - index,
    );
  });
}

export function liveEvent(random, persons, items, position, person = random.pick(persons)) {
  return makeEvent(random, person, items, `m_${randomUUID()}`, Date.now(), position);
}

function makeEvent(random, person, items, message_id, at, position) {
  const [type, name] = random.pick(NAMES);
  const item = random.pick(items) ?? { item_id: "none", title: "Nothing", price: "1.00" };
  const time = new Date(at).toISOString();
  const step = (name, offset, detail) => ({
    step: name,
    at: new Date(at + offset).toISOString(),
    detail,
  });
  return {
    message_id,
    position,
    source: random.next() < 0.85 ? "web_shop" : "backend",
    type,
    name,
    occurred_at: time,
    received_at: time,
    original_at: new Date(at - 1_400).toISOString(),
    person_id: person.person_id,
    identifiers: person.identifiers
      .map(({ namespace, value }) => ({ namespace, value }))
      .slice(0, 3),
    properties: propertiesOf(type, name, item),
    traits: type === "identify" ? { email: "ada@example.com", plan: "pro" } : {},
    context: { page: { path: `/p/${item.item_id}`, title: item.title }, locale: "zh-TW" },
    enrichment: {
      version: 1,
      browser: "Safari",
      browser_version: "19.1",
      os: "iOS",
      device_type: "mobile",
      bot: false,
      language: "zh",
      country: "TW",
      city: "Taipei",
      referrer_host: "www.google.com",
      referrer_type: "search",
      campaign: {
        source: "newsletter",
        medium: "email",
        name: "autumn",
        term: null,
        content: null,
      },
    },
    fate: [
      step("received", 0, "accepted on /v1/batch"),
      step("normalised", 0, "clock corrected by 1.4 s"),
      step("resolved", 3, `${person.person_id} by user_id`),
      step("folded", 4, "4 features changed"),
      step("audiences", 4, "none listens"),
      { step: "deliveries", at: null, detail: null },
    ],
  };
}

function propertiesOf(type, name, item) {
  const product = {
    product_id: item.item_id,
    name: item.title,
    category: item.categories?.[0] ?? "shoes",
    brand: item.brand ?? null,
    price: Number(item.price ?? 0),
    currency: "EUR",
  };
  if (type === "page") return { path: `/p/${item.item_id}`, title: name, url: "https://shop/p" };
  if (name === "Products Searched") return { query: "trail running" };
  if (name === "Consent Updated") return { categories: { analytics: true, marketing: false } };
  if (name === "Decision Viewed")
    return { placement: "home_hero", choice_id: "winter", kind: "offer", decision_id: "d_live" };
  if (name === "Order Completed") {
    return { order_id: "A-1001", revenue: 149.8, currency: "EUR", products: [product, product] };
  }
  return type === "identify" ? {} : product;
}

const REASONS = [
  [
    "identifier-missing",
    "the event names nobody: neither userId nor anonymousId is given",
    "userId",
  ],
  ["name-too-long", "the event name has 312 characters, 200 are allowed", "event"],
  ["time-out-of-range", "the timestamp 9999-12-31 lies too far in the future", "timestamp"],
  ["identifier-blocked", "“[object Object]” is a blocked value for an identifier", "anonymousId"],
  ["not-an-object", "properties is a list, an object is needed", "properties"],
];

export function makeRejected(random, count, now) {
  return Array.from({ length: count }, (_, index) => {
    const [code, message, field] = REASONS[index % REASONS.length];
    return {
      id: `r_${String(index).padStart(5, "0")}`,
      source: index % 7 === 6 ? "" : "web_shop",
      received_at: new Date(now - index * 53_000).toISOString(),
      code,
      message,
      field,
      raw: JSON.stringify({
        type: "track",
        event: code === "name-too-long" ? "Bought ".repeat(44) : "Product Viewed",
        messageId: `broken-${index}`,
        properties: code === "not-an-object" ? [] : { product_id: "shoe-1" },
      }),
      state: index % 11 === 10 ? "redriven" : "open",
      redriven_at: index % 11 === 10 ? new Date(now - index * 9_000).toISOString() : null,
      redriven_by: index % 11 === 10 ? "ada@example.com" : null,
      redriven_raw: null,
      message_id: index % 11 === 10 ? `broken-${index}` : null,
    };
  });
}

export function decisionsOf(person, items, random) {
  return Array.from({ length: 6 }, (_, index) => {
    const placement = index % 2 ? "also_like" : "home_hero";
    const decided_at = new Date(Date.parse(person.last_seen_at) - index * 190_000).toISOString();
    const decision_id = `d_${person.person_id.slice(2, 10)}${index}`;
    const decision = {
      placement,
      decision_id,
      fallback: index === 4,
      experiments: [],
      choices: index % 2 ? itemChoices(items, random) : [heroChoice(index === 4)],
    };
    return {
      decision_id,
      placement,
      person_id: person.person_id,
      decided_at,
      position: 4_000 - index,
      seed: random.hex(16),
      definitions: [{ kind: "placement", id: placement, revision: 3 }],
      request: {
        identifiers: person.identifiers.map(({ namespace, value }) => ({ namespace, value })),
        context: index === 1 ? { item_id: "item-0007", page: "/p/item-0007" } : {},
      },
      facts: { "features.purchase_count": 2, "traits.plan": "pro" },
      decision,
      losers: LOSERS,
      losers_cut: index === 2 ? 40 : 0,
    };
  });
}

export const LOSERS = [
  {
    kind: "offer",
    id: "newcomers",
    code: "not-eligible",
    reason: "features.purchase_count = 0 is not true: it is 2.",
  },
  {
    kind: "offer",
    id: "black_friday",
    code: "not-scheduled",
    reason: "It starts on 27 November 2026.",
  },
  {
    kind: "offer",
    id: "everyone",
    code: "lower-priority",
    reason: "Its priority 10 is lower than 300 of winter.",
    score: 210,
    terms: { propensity: 0.07, context: 1.5, value: 40, lever: 50 },
  },
];

export function heroChoice(fallback, content) {
  return {
    kind: "offer",
    id: fallback ? "fallback" : "winter",
    content: content ?? {
      title: fallback ? "Welcome" : "Winter boots for people who walk",
      text: "Picked for the trails you like.",
      image: "/console/mock-image.svg",
      cta: "See the boots",
      url: "/c/boots",
    },
    score: fallback ? 0 : 300,
    ...(!fallback && { terms: { propensity: 0.05, context: 1, value: 60, lever: 100 } }),
    propensity: 1,
    reasons: fallback
      ? ["No offer fits, so the placement's fallback is shown."]
      : [
          "You bought 2 times, and this offer is for people with at least 2 purchases.",
          "It has the highest priority (300) of the 2 offers that fit.",
        ],
  };
}

export function itemChoices(items, random) {
  return items
    .slice(random.below(50), 60)
    .slice(0, 3)
    .map((item, index) => ({
      kind: "item",
      id: item.item_id,
      content: item,
      score: Math.round((0.9 - index * 0.17) * 100) / 100,
      propensity: 0.33,
      reasons: ["Viewed together with “Trail runner” by 41 people in the last 30 days."],
    }));
}
