import { expect, test } from "vitest";
import { readLayer } from "./layer.ts";

function check(entry: unknown, expected: unknown) {
  expect(readLayer(entry)).toEqual(expected);
}

function track(event: string, properties: object) {
  return { calls: [{ type: "track", event, properties }] };
}

/** What `function gtag() { dataLayer.push(arguments) }` leaves behind. */
function gtag(...given: unknown[]): ArrayLike<unknown> {
  return { ...given, length: given.length };
}

test("plain entries", () => {
  check({ event: "signup", plan: "pro" }, track("signup", { plan: "pro" }));
  check({ event: "signup", "gtm.uniqueEventId": 4 }, track("signup", {}));
  check(
    { event: "view_item", ecommerce: { items: [{ item_id: "1" }] } },
    track("Product Viewed", { product_id: "1" }),
  );
  check({ event: "purchase", ecommerce: null }, track("Order Completed", { products: [] }));
});

test("gtag arguments", () => {
  check(gtag("event", "search", { search_term: "x" }), track("Products Searched", { query: "x" }));
  check(gtag("event", "hello"), track("hello", {}));
  check(gtag("consent", "update", { analytics_storage: "granted", ad_storage: "denied" }), {
    choice: { analytics: true, marketing: false },
  });
  check(gtag("consent", "default", { ad_storage: "granted" }), { calls: [] });
  check(gtag("config", "G-1"), { calls: [] });
});

test("what is nobody's event", () => {
  for (const entry of [null, 7, "x", {}, { event: 3 }, { event: "gtm.js" }, { user: 1 }, []]) {
    check(entry, { calls: [] });
  }
});
