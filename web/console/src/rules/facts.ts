/** What there is to ask about, for the menus and suggestions of the builder. */
import type { Holds, Subject } from "./model.ts";
import { aggregateHolds } from "./model.ts";

export interface KnownFeature {
  name: string;
  label: string;
  holds: Holds;
  /** It is a number for each key. */
  keyed?: boolean;
}

export interface Known {
  events: string[];
  features: KnownFeature[];
  audiences: { id: string; name: string }[];
}

export const NOTHING_KNOWN: Known = { events: [], features: [], audiences: [] };

const NUMBERS = [
  "purchase_count",
  "purchase_revenue",
  "cart_item_count",
  "cart_add_count",
  "product_view_count",
  "page_view_count",
  "event_count",
  "days_since_last_seen",
  "days_since_last_purchase",
];
const TIMES = ["first_seen_at", "last_seen_at", "first_purchase_at", "last_purchase_at"];
const TEXTS = [
  "last_viewed_item",
  "last_viewed_category",
  "last_search",
  "first_referrer",
  "first_campaign_source",
  "last_campaign_source",
  "device_type",
  "browser",
  "os",
  "locale",
  "country",
  "region",
  "city",
];

export const BUILT_IN: { name: string; holds: Holds }[] = [
  ...NUMBERS.map((name) => ({ name, holds: "number" as const })),
  ...TIMES.map((name) => ({ name, holds: "time" as const })),
  ...TEXTS.map((name) => ({ name, holds: "text" as const })),
];

/** Names of the Segment specification that most sites send. */
export const USUAL_EVENTS = [
  "Product Viewed",
  "Product Added",
  "Product Removed",
  "Products Searched",
  "Cart Viewed",
  "Checkout Started",
  "Order Completed",
  "Order Refunded",
];
export const USUAL_TRAITS = [
  "email",
  "name",
  "first_name",
  "phone",
  "birthday",
  "gender",
  "age",
  "company",
  "industry",
  "title",
  "plan",
  "created_at",
  "address.city",
  "address.country",
];
export const USUAL_ACCOUNT_TRAITS = [
  "name",
  "plan",
  "industry",
  "employees",
  "website",
  "created_at",
  "renewal_at",
  "address.country",
];
export const USUAL_CONTEXT = ["page.path", "page.url", "page.referrer", "locale", "campaign.name"];
export const USUAL_PROPERTIES = [
  "category",
  "brand",
  "price",
  "quantity",
  "product_id",
  "revenue",
  "query",
];
export const CONSENTS = ["marketing", "personalization", "analytics"];
export const IDENTIFIERS = ["email", "user_id", "phone", "anonymous_id", "line_id"];
export const CHANNELS = ["email", "phone", "push_token", "line_id"];
export const DIMENSIONS = ["category", "brand"];
export const WEEKDAYS = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
] as const;

const FUNCTION_OF_VALUE = /^\s*([a-z_]+)\s*\(/;
const OF_PROPERTY = /,\s*of\s/;
const BY_KEY = /,\s*by\s[^)]*\)\s*$/;

/** Whether a feature of this value is a number for each key. */
export const valueHasKeys = (value: string) => BY_KEY.test(value);

/** What a feature of this value holds, as far as its first word tells. */
export function valueHolds(value: string): Holds {
  const name = FUNCTION_OF_VALUE.exec(value)?.[1] ?? "";
  if (name === "top") return "any";
  if (name === "first" || name === "last") return OF_PROPERTY.test(value) ? "any" : "time";
  return "number";
}

export function holdsOf(subject: Subject, known: Known): Holds {
  switch (subject.type) {
    case "aggregate":
      return aggregateHolds(subject.aggregate);
    case "feature":
      return known.features.find(({ name }) => name === subject.name)?.holds ?? "any";
    case "sequence":
    case "audience":
    case "account_persons":
    case "reachable":
      return "membership";
    case "consent":
      return "consent";
    case "affinity":
    case "hour":
      return "number";
    case "identifier":
    case "weekday":
      return "text";
    default:
      return "any";
  }
}
