import { expect, test } from "vitest";
import { iconOf, nameOf, summaryOf } from "./describe.ts";

const event = (properties: object, type: "track" | "page" | "identify" = "track", traits = {}) => ({
  type,
  properties: properties as Record<string, unknown>,
  traits,
});

test.each([
  [event({ name: "Boot", price: 89.9, currency: "EUR" }), "Boot · €89.90"],
  [event({ query: "trail" }), "trail"],
  [event({ placement: "home_hero", choice_id: "winter" }), "home_hero · winter"],
  [event({ order_id: "A-1", revenue: "12.5", currency: "XXXX" }), "A-1 · 12.5 XXXX"],
  [event({ path: "/p/1", title: "Boot" }, "page"), "/p/1"],
  [event({}, "identify", { plan: "pro", age: 3, address: {} }), "plan: pro · age: 3"],
  [event({}), ""],
])("%#", (given, summary) => expect(summaryOf(given)).toBe(summary));

test("an event without a name of its own is called by its type", () => {
  expect(nameOf({ type: "identify", name: "identify" })).toBe("Identify");
  expect(nameOf({ type: "track", name: "Product Viewed" })).toBe("Product Viewed");
});

test("icons by name, else by type", () => {
  expect(iconOf({ type: "track", name: "Order Completed" })).toBe("bag");
  expect(iconOf({ type: "screen", name: "Start" })).toBe("phone");
});
