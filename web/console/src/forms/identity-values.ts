/** Identity rules as their form holds them, and back; and what one may begin from. */
import type {
  AccountNetwork,
  IdentitySpec,
  NamespaceSpec,
  ProbabilisticSpec,
} from "../api/identity.ts";

export interface NamespaceValues extends Omit<NamespaceSpec, "priority" | "limit" | "limit_days"> {
  /** Stays while names and places change. */
  key: string;
  priority: number;
  limit: number | string;
  days: number | string;
}

export interface IdentityValues {
  namespaces: NamespaceValues[];
  blocked: string;
  genericAfter: number | string;
  genericDays: number | string;
  sharedDevice: IdentitySpec["shared_device"];
  alarmAfter: number | string;
  accountsByDomain: boolean;
  mailProviders: string[];
  networks: (AccountNetwork & { key: string })[];
  records: boolean;
  visitors: boolean;
  consent: string;
  strictPercent: number | string;
  loosePercent: number | string;
  reviewPercent: number | string;
  offers: IdentitySpec["policies"]["offers"];
  items: IdentitySpec["policies"]["items"];
}

export const LIMIT_DEFAULT = 5;
const PRIORITY_STEP = 10;

const namespace = (name: string, priority: number, more: Partial<NamespaceSpec>): NamespaceSpec => ({
  name,
  priority,
  unique: false,
  limit: LIMIT_DEFAULT,
  limit_days: null,
  immutable: false,
  joins: true,
  normalise: "none",
  ...more,
});

/** What broken clients send in place of an id. */
const BLOCKED = [
  "-1", "0", "[object object]", "anonymous", "distinct_id", "distinctid", "email", "false", "guest",
  "id", "nan", "none", "not_authenticated", "null", "true", "undefined",
];

const userId = namespace("user_id", 100, { unique: true, limit: 1 });
const email = namespace("email", 80, { normalise: "email" });
const phone = namespace("phone", 70, { normalise: "phone" });
const device = namespace("anonymous_id", 10, { limit: 100 });

export const KITH_DEFAULT: IdentitySpec = {
  namespaces: [userId, email, phone, device],
  blocked_values: BLOCKED,
  generic_after: 10,
  generic_days: null,
  shared_device: "nobody",
  alarm_after: 100,
  accounts_by_domain: false,
  mail_providers: [],
  account_networks: [],
  probabilistic: {
    records: false,
    visitors: false,
    consent: "linking",
    strict_percent: 95,
    loose_percent: 80,
    review_percent: 60,
  },
  policies: { offers: "exact", items: "exact" },
};

export const PRESETS = {
  kith: KITH_DEFAULT,
  segment: {
    ...KITH_DEFAULT,
    namespaces: [userId, email, phone, { ...device, limit: LIMIT_DEFAULT }],
  },
  conversion: { ...KITH_DEFAULT, shared_device: "first" },
  link: { ...KITH_DEFAULT, namespaces: [userId, email, phone, { ...device, joins: false }] },
  strict: {
    ...KITH_DEFAULT,
    namespaces: [userId, { ...email, unique: true, limit: 1 }, phone, device],
    generic_after: 3,
  },
} satisfies Record<string, IdentitySpec>;

export type Preset = keyof typeof PRESETS;

/** A preset says how identifiers link; what is only probable stays as it was chosen. */
export function begunFrom(preset: Preset, now: IdentitySpec): IdentitySpec {
  const { alarm_after, probabilistic, policies } = now;
  const { accounts_by_domain, mail_providers, account_networks } = now;
  const accounts = { accounts_by_domain, mail_providers, account_networks };
  return { ...PRESETS[preset], ...accounts, alarm_after, probabilistic, policies };
}

/** The form of a spec; a member that it does not name stands at its default. */
export function valuesOf(spec: Partial<IdentitySpec>): IdentityValues {
  const given = { ...KITH_DEFAULT, ...spec };
  const probable = { ...KITH_DEFAULT.probabilistic, ...spec.probabilistic };
  const policies = { ...KITH_DEFAULT.policies, ...spec.policies };
  const strongestFirst = [...given.namespaces].sort((a, b) => b.priority - a.priority);
  return {
    namespaces: strongestFirst.map(({ limit_days, ...one }) => ({
      ...one,
      key: one.name,
      days: limit_days ?? "",
    })),
    blocked: given.blocked_values.join("\n"),
    genericAfter: given.generic_after,
    genericDays: given.generic_days ?? "",
    sharedDevice: given.shared_device,
    alarmAfter: given.alarm_after,
    accountsByDomain: given.accounts_by_domain,
    mailProviders: given.mail_providers,
    networks: given.account_networks.map((one, at) => ({ ...one, key: `n${at}` })),
    records: probable.records,
    visitors: probable.visitors,
    consent: probable.consent,
    strictPercent: probable.strict_percent,
    loosePercent: probable.loose_percent,
    reviewPercent: probable.review_percent,
    offers: policies.offers,
    items: policies.items,
  };
}

const whole = (value: number | string, spare: number) => Math.max(1, Math.trunc(Number(value)) || spare);
const days = (value: number | string) => (value === "" ? null : whole(value, 1));

/** Looks like a network in CIDR notation; the server knows it better. */
export const isNetwork = (text: string): boolean =>
  /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f:]*:[0-9a-f:]*)\/\d{1,3}$/i.test(text.trim());

export function specOf(values: IdentityValues): IdentitySpec {
  const blocked = values.blocked.split("\n").map((line) => line.trim().toLowerCase());
  return {
    namespaces: values.namespaces.map(({ key: _, days: within, ...one }) => ({
      ...one,
      name: one.name.trim(),
      limit: one.unique ? 1 : whole(one.limit, LIMIT_DEFAULT),
      limit_days: one.unique ? null : days(within),
    })),
    blocked_values: [...new Set(blocked.filter(Boolean))].sort(),
    generic_after: whole(values.genericAfter, KITH_DEFAULT.generic_after),
    generic_days: days(values.genericDays),
    shared_device: values.sharedDevice,
    alarm_after: whole(values.alarmAfter, KITH_DEFAULT.alarm_after),
    accounts_by_domain: values.accountsByDomain,
    mail_providers: [...new Set(values.mailProviders.map((one) => one.trim().toLowerCase()))],
    account_networks: values.networks.map(({ network, account }) => ({
      network: network.trim(),
      account: account.trim(),
    })),
    probabilistic: probabilisticOf(values),
    policies: { offers: values.offers, items: values.items },
  };
}

function probabilisticOf(values: IdentityValues): ProbabilisticSpec {
  const spare = KITH_DEFAULT.probabilistic;
  return {
    records: values.records,
    visitors: values.visitors,
    consent: values.consent.trim() || spare.consent,
    strict_percent: whole(values.strictPercent, spare.strict_percent),
    loose_percent: whole(values.loosePercent, spare.loose_percent),
    review_percent: whole(values.reviewPercent, spare.review_percent),
  };
}

export type ZoneName = "ignored" | "review" | "loose" | "strict";

export interface Zone {
  name: ZoneName;
  /** In percent. */
  from: number;
  to: number;
}

/** What becomes of a probable link by its confidence, from 0 to 100 percent. */
export function zonesOf(spec: ProbabilisticSpec): Zone[] {
  const strict = spec.strict_percent;
  const loose = Math.min(spec.loose_percent, strict);
  const review = Math.min(spec.review_percent, loose);
  const zones: Zone[] = [
    { name: "ignored", from: 0, to: review },
    { name: "review", from: review, to: loose },
    { name: "loose", from: loose, to: strict },
    { name: "strict", from: strict, to: 100 },
  ];
  // The last one is there even when nothing but certainty reaches it.
  return zones.filter((zone) => zone.name === "strict" || zone.to > zone.from);
}

/** What is wrong with the order of the thresholds, by field. */
export function thresholdFault(
  field: "loosePercent" | "reviewPercent",
  values: IdentityValues,
): boolean {
  return Number(values[field]) > Number(values.strictPercent);
}

/** Changes places with its neighbour; the priorities stay where they are, so the order is theirs. */
export function moved(list: NamespaceValues[], at: number, by: 1 | -1): NamespaceValues[] {
  const [one, other] = [list[at], list[at + by]];
  if (!one || !other) return list;
  const swapped = [...list];
  swapped[at] = { ...other, priority: one.priority };
  swapped[at + by] = { ...one, priority: other.priority };
  // Equal priorities are no order: give each its own.
  return one.priority === other.priority ? ranked(swapped) : swapped;
}

const ranked = (list: NamespaceValues[]) =>
  list.map((one, at) => ({ ...one, priority: (list.length - at) * PRIORITY_STEP }));

/** A new one, the weakest of all. */
export function added(list: NamespaceValues[]): NamespaceValues[] {
  const weakest = Math.min(PRIORITY_STEP, ...list.map((one) => one.priority));
  const numbers = list.map((one) => Number(/^new-(\d+)$/.exec(one.key)?.[1] ?? 0));
  const { limit_days: _, ...fresh } = namespace("", Math.max(0, weakest - 1), {});
  return [...list, { ...fresh, key: `new-${Math.max(0, ...numbers) + 1}`, days: "" }];
}
