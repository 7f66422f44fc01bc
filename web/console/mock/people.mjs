/** Persons, their profiles and what was decided for them. */

const FIRST = [
  "Ada",
  "Grace",
  "Linus",
  "Mei-Ling",
  "Aisha",
  "Björn",
  "Chloé",
  "Diego",
  "Elif",
  "Farah",
  "Giorgos",
  "Hana",
  "Ivo",
  "Jun",
  "Kwame",
  "Leïla",
  "Mateo",
  "Noor",
  "Olga",
  "Priya",
];
const LAST = [
  "Lovelace",
  "Hopper",
  "Tan",
  "Okafor",
  "Lindqvist",
  "Moreau",
  "Ramírez",
  "Yılmaz",
  "Haddad",
  "Papadopoulos",
  "Suzuki",
  "Novák",
  "Kim",
  "Mensah",
  "Benali",
  "García",
  "Rahman",
  "Ivanova",
];
const CATEGORIES = ["shoes", "bags", "outdoor", "jackets", "accessories", "running"];
const BRANDS = ["Fjord", "Pavé", "Nimbus", "Hearth & Co", "Aurelia"];
const DAY_MS = 86_400_000;

/** What a careless form or a hostile client may put into a name. */
export const LONG_NAME =
  "Maximiliana-Alexandrina Wolfeschlegelsteinhausenbergerdorff von Hohenzollern-Sigmaringen " +
  "<script>alert(1)</script> ".repeat(4);

export function makePersons(random, count, now) {
  return Array.from({ length: count }, (_, index) => makePerson(random, index, now));
}

function makePerson(random, index, now) {
  const known = index === 0 || random.next() < 0.55;
  const name = index === 1 ? LONG_NAME : `${random.pick(FIRST)} ${random.pick(LAST)}`;
  const last = new Date(now - index * 41_000 - random.below(30_000)).toISOString();
  const first = new Date(now - random.below(120) * DAY_MS - DAY_MS).toISOString();
  const seen = () => ({
    first_seen_at: first,
    last_seen_at: last,
    event_count: 1 + random.below(60),
  });
  const anonymous = { namespace: "anonymous_id", value: random.uuid(), ...seen() };
  const identifiers = [anonymous];
  if (known) {
    const mail = name
      .toLowerCase()
      .normalize("NFKD")
      .replaceAll(/[^a-z ]/g, "")
      .trim();
    const address = `${mail.replaceAll(/ +/g, ".").slice(0, 60)}${index}@example.com`;
    identifiers.unshift(
      { namespace: "user_id", value: String(1000 + index), ...seen() },
      { namespace: "email", value: address, ...seen() },
    );
    if (random.next() < 0.4) {
      const phone = `+8869${String(10_000_000 + random.below(89_999_999))}`;
      identifiers.push({ namespace: "phone", value: phone, ...seen() });
      identifiers.push({ namespace: "anonymous_id", value: random.uuid(), ...seen() });
    }
  }
  const event_count = identifiers.reduce((sum, one) => sum + one.event_count, 0);
  return {
    person_id: `p_${random.hex(20)}`,
    display_name: known ? name : `Visitor ${anonymous.value.slice(0, 8)}`,
    identifiers,
    event_count,
    first_seen_at: first,
    last_seen_at: last,
  };
}

export function rowOf(person) {
  const { person_id, display_name, event_count, first_seen_at, last_seen_at } = person;
  const identifiers = person.identifiers.map(({ namespace, value }) => ({ namespace, value }));
  return { person_id, display_name, identifiers, event_count, first_seen_at, last_seen_at };
}

/** The whole profile, made from the row so that it is the same every time. */
export function profileOf(person, random) {
  const { identifiers } = person;
  const at = person.last_seen_at;
  const known = !person.display_name.startsWith("Visitor ");
  const purchases = known ? random.below(6) : 0;
  const traits = known
    ? {
        name: person.display_name,
        email: identifiers.find((one) => one.namespace === "email")?.value,
        plan: random.pick(["free", "pro", "team"]),
        newsletter: random.next() < 0.5,
        birthday: "1990-06-15",
        address: { city: "臺北市", country: "TW" },
      }
    : {};
  return {
    ...person,
    traits,
    trait_details: Object.fromEntries(
      Object.keys(traits).map((name) => [name, { source: "web_shop", at }]),
    ),
    features: featuresOf(person, random, purchases),
    affinities: {
      category: shares(random, CATEGORIES, 4),
      brand: shares(random, BRANDS, 3),
    },
    interests: [
      { feature_id: "taste", name: "Taste", ...interestsOf(random, CATEGORIES, at) },
      { feature_id: "price_band", name: "Price band", keys: [], key_count: 0 },
    ],
    audiences:
      purchases > 2
        ? [{ audience_id: "loyal_customers", name: "Loyal customers", since: person.first_seen_at }]
        : [],
    consents: {
      analytics: { granted: true, at: person.first_seen_at, source: "web_shop" },
      personalization: { granted: true, at: person.first_seen_at, source: "web_shop" },
      marketing: { granted: known, at: person.first_seen_at, source: "web_shop" },
    },
    accounts: known
      ? [
          {
            account_id: "acme",
            named_at: person.first_seen_at,
            person_count: 12,
            traits: { name: "Acme Ltd", plan: "pro", employees: 140 },
          },
        ]
      : [],
    links: linksOf(person, random),
    linked_person_ids: [],
  };
}

function featuresOf(person, random, purchases) {
  return {
    event_count: person.event_count,
    page_view_count: Math.round(person.event_count * 0.5),
    product_view_count: Math.round(person.event_count * 0.3),
    cart_add_count: 3 + random.below(4),
    cart_item_count: random.below(4),
    purchase_count: purchases,
    purchase_revenue: purchases * 89.9,
    first_seen_at: person.first_seen_at,
    last_seen_at: person.last_seen_at,
    last_purchase_at: purchases ? person.last_seen_at : null,
    days_since_last_seen: 0,
    last_viewed_item: "item-0007",
    last_viewed_category: "shoes",
    last_search: "trail running",
    first_referrer: "www.google.com",
    first_campaign_source: "newsletter",
    device_type: "mobile",
    browser: "Safari",
    os: "iOS",
    locale: "zh-TW",
    country: "TW",
  };
}

function shares(random, names, count) {
  const weights = names.slice(0, count).map((name) => [name, 0.2 + random.next()]);
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  return Object.fromEntries(
    weights.map(([name, weight]) => [name, Math.round((weight / total) * 100) / 100]),
  );
}

function interestsOf(random, names, boughtAt) {
  const own = Object.entries(shares(random, names, 5)).sort(([, a], [, b]) => b - a);
  const keys = own.map(([key, share], at) => {
    const site_share = at === 4 ? null : Math.round((0.05 + random.next() * 0.3) * 100) / 100;
    const lift = site_share && Math.round((share / site_share) * 100) / 100;
    return { key, share, site_share, lift, bought_at: at === 1 ? boughtAt : null };
  });
  return { keys, key_count: keys.length };
}

function linksOf(person, random) {
  const plain = person.identifiers.map(({ namespace, value }) => ({ namespace, value }));
  const user = plain.find((one) => one.namespace === "user_id");
  if (!user) return [];
  const active = plain
    .filter((one) => one !== user)
    .map((to) => ({
      edge_id: `e_${random.hex(12)}`,
      from: user,
      to,
      kind: "deterministic",
      reason:
        to.namespace === "anonymous_id"
          ? "An identify call named both, so the visits before the log-in are the same person's."
          : `The ${to.namespace} came as a trait of this user id.`,
      message_id: "m_000003",
      linked_at: person.first_seen_at,
      state: "active",
    }));
  const refused = {
    edge_id: `e_${random.hex(12)}`,
    from: plain.at(-1),
    to: { namespace: "user_id", value: "99" },
    kind: "deterministic",
    reason:
      "user_id is unique: this person already has user_id:" +
      `${user.value}, so user_id:99 on the same device stays somebody else.`,
    message_id: "m_000005",
    linked_at: person.last_seen_at,
    state: "refused",
  };
  return [...active, refused];
}
