import { expect, test } from "vitest";
import { fromGa4 } from "./commerce.ts";

function check(name: string, params: Record<string, unknown>, ...expected: [string, object][]) {
  const calls = fromGa4(name, params).map((call) =>
    call.type === "track" ? [call.event, call.properties] : call,
  );
  expect(calls).toEqual(expected);
}

const SHOE = { item_id: "s1", item_name: "Shoe", item_brand: "Acme", price: 9.5, quantity: 2 };
const shoe = { product_id: "s1", name: "Shoe", brand: "Acme", price: 9.5, quantity: 2 };
const HAT = { item_id: "h1", item_category: "hats", item_variant: "red", index: 3 };
const hat = { product_id: "h1", category: "hats", variant: "red", position: 3 };

test("one item, one event, without the value of the whole", () => {
  check("view_item", { currency: "EUR", value: 19, items: [SHOE] }, [
    "Product Viewed",
    { currency: "EUR", ...shoe },
  ]);
  check("add_to_cart", { items: [SHOE, HAT] }, ["Product Added", shoe], ["Product Added", hat]);
  check("remove_from_cart", { items: [HAT] }, ["Product Removed", hat]);
  check("add_to_wishlist", { items: [HAT] }, ["Product Added to Wishlist", hat]);
});

test("lists keep their items together", () => {
  const products = [shoe, hat];
  check("purchase", { transaction_id: "T1", value: 30, tax: 2, items: [SHOE, HAT] }, [
    "Order Completed",
    { order_id: "T1", revenue: 30, tax: 2, products },
  ]);
  check("view_cart", { items: [SHOE, HAT] }, ["Cart Viewed", { products }]);
  check("begin_checkout", {}, ["Checkout Started", { products: [] }]);
  check("view_item_list", { item_list_id: "l", item_list_name: "Shoes", items: [] }, [
    "Product List Viewed",
    { list_id: "l", category: "Shoes", products: [] },
  ]);
});

test("searches, and events of the site's own", () => {
  check("search", { search_term: "boots" }, ["Products Searched", { query: "boots" }]);
  check("newsletter", { plan: "x" }, ["newsletter", { plan: "x" }]);
});

test("nonsense does no harm", () => {
  check("view_item", {}, ["Product Viewed", {}]);
  check("view_item", { items: "many" }, ["Product Viewed", {}]);
  check("view_item", { items: [null] }, ["Product Viewed", {}]);
  const many = Array.from({ length: 500 }, () => SHOE);
  expect(fromGa4("add_to_cart", { items: many })).toHaveLength(20);
});
