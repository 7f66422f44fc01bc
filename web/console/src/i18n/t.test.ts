import { expect, test } from "vitest";
import { formatAgo, formatFeature, formatMoney, humanise } from "./format.ts";
import { t, tMaybe } from "./t.ts";

test("places and plurals", () => {
  expect(t("events.pending", { count: 1 })).toBe("1 new event");
  expect(t("events.pending", { count: 5000 })).toBe("5,000 new events");
  expect(t("frame.documentTitle", { title: "Home" })).toBe("Home · Kith");
});

test("a key made at run time may be unknown", () => {
  expect(tMaybe("persons.loserCode.excluded")).toBe("Excluded");
  expect(tMaybe("persons.loserCode.brand-new")).toBeUndefined();
});

test("times, money, features", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  expect(formatAgo("2026-11-21T11:58:00Z", now)).toBe("2 min. ago");
  expect(formatAgo("2026-11-21T12:00:03Z", now)).toBe("now");
  expect(formatMoney("19.90", "EUR")).toBe("€19.90");
  expect(formatMoney("n/a", "EUR")).toBe("n/a");
  expect(formatFeature("purchase_count", 1200)).toBe("1,200");
  expect(formatFeature("last_search", null)).toBe("–");
  expect(humanise("product_view_count")).toBe("Product view count");
});
