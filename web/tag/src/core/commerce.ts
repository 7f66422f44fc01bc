/** GA4 e-commerce events, as shops already push them, in the names of the Segment spec. */
import type { Call } from "./call.ts";
import type { Props } from "./config.ts";
import { LAYER_ITEMS_MAX } from "./limits.ts";

/** `each` = one event per item; `list` = one event with `products`; `plain` = no items. */
const NAMES: Record<string, [name: string, items: "each" | "list" | "plain"]> = {
  view_item: ["Product Viewed", "each"],
  select_item: ["Product Clicked", "each"],
  add_to_cart: ["Product Added", "each"],
  remove_from_cart: ["Product Removed", "each"],
  add_to_wishlist: ["Product Added to Wishlist", "each"],
  view_item_list: ["Product List Viewed", "list"],
  view_cart: ["Cart Viewed", "list"],
  begin_checkout: ["Checkout Started", "list"],
  purchase: ["Order Completed", "list"],
  search: ["Products Searched", "plain"],
  view_search_results: ["Products Searched", "plain"],
};

const FIELDS: Record<string, string> = {
  transaction_id: "order_id",
  value: "revenue",
  search_term: "query",
  index: "position",
  item_id: "product_id",
  item_list_name: "category",
};

export function fromGa4(name: string, params: Props): Call[] {
  const [event, shape] = NAMES[name] || [name];
  if (!shape) return [track(event, params)];
  const { items, ...rest } = params;
  const common = renamed(rest);
  const products = Array.isArray(items) ? items.slice(0, LAYER_ITEMS_MAX).map(renamed) : [];
  if (shape === "list") return [track(event, { ...common, products })];
  if (shape === "plain" || !products.length) return [track(event, common)];
  // The value of the whole event is not the value of one product.
  delete common["revenue"];
  return products.map((product) => track(event, { ...common, ...product }));
}

function track(event: string, properties: Props): Call {
  return { type: "track", event, properties };
}

/** Beyond the few with names of their own, `item_brand` is `brand` and so on. */
function renamed(given: Props): Props {
  return Object.fromEntries(
    Object.entries(given || {}).map(([name, value]) => [
      FIELDS[name] || name.replace("item_", ""),
      value,
    ]),
  );
}
