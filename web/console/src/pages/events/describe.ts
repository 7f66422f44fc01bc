/** An event in a few words: its icon and what its properties say at a glance. */
import type { JsonObject, KithEvent } from "../../api/types.ts";
import type { IconName } from "../../icons/paths.ts";
import { formatMoney } from "../../i18n/format.ts";
import { tMaybe } from "../../i18n/t.ts";

const BY_NAME: Record<string, IconName> = {
  "Product Viewed": "eye",
  "Product List Viewed": "catalog",
  "Products Searched": "search",
  "Product Added": "cart",
  "Product Removed": "cart",
  "Cart Viewed": "cart",
  "Checkout Started": "cart",
  "Order Completed": "bag",
  "Product Added to Wishlist": "flag",
  "Consent Updated": "shield",
  "Decision Viewed": "spark",
  "Decision Clicked": "spark",
  "Decision Timed Out": "clock",
};

const BY_TYPE: Record<string, IconName> = {
  track: "bolt",
  identify: "person",
  page: "page",
  screen: "phone",
  group: "people",
  alias: "link",
};

/** The event's own name; where the protocol has none, the name of its type. */
export function nameOf(event: Pick<KithEvent, "type" | "name">): string {
  const named = event.name && event.name !== event.type;
  return named ? event.name : (tMaybe(`events.types.${event.type}`) ?? event.type);
}

export function iconOf(event: Pick<KithEvent, "type" | "name">): IconName {
  return BY_NAME[event.name] ?? BY_TYPE[event.type] ?? "bolt";
}

/** Those of an event's properties that tell it from its neighbours, most telling first. */
const TELLING = [
  "title",
  "query",
  "order_id",
  "product_id",
  "path",
  "url",
  "placement",
  "choice_id",
  "category",
];

const TELLING_OF_PAGE = ["path", "url", "title"];

export function summaryOf(event: Pick<KithEvent, "type" | "properties" | "traits">): string {
  const { type, properties, traits } = event;
  const parts: string[] = [];
  const isPage = type === "page" || type === "screen";
  const label = firstText(properties, isPage ? TELLING_OF_PAGE : ["name", ...TELLING]);
  if (label) parts.push(label);
  // What was shown there tells one decision from the next.
  const { choice_id } = properties;
  if (typeof choice_id === "string" && choice_id !== label) parts.push(choice_id);
  const amount = properties.revenue ?? properties.price ?? properties.value;
  if (typeof amount === "number" || typeof amount === "string") {
    const currency = typeof properties.currency === "string" ? properties.currency : null;
    parts.push(formatMoney(amount, currency));
  }
  if (parts.length === 0) {
    const given = Object.keys(properties).length > 0 ? properties : traits;
    parts.push(...scalars(given).slice(0, 3));
  }
  return parts.join(" · ");
}

function firstText(properties: JsonObject, names: string[]): string | undefined {
  for (const name of names) {
    const value = properties[name];
    if (typeof value === "string" && value) return value;
    if (typeof value === "number") return String(value);
  }
  return undefined;
}

function scalars(object: JsonObject): string[] {
  return Object.entries(object)
    .filter(([, value]) => value !== null && typeof value !== "object")
    .map(([name, value]) => `${name}: ${String(value)}`);
}
