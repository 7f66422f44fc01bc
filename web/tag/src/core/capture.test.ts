import { expect, test } from "vitest";
import { clickProps, propsOf } from "./capture.ts";

test("properties from attributes", () => {
  const check = (attributes: Record<string, string>, expected: object) =>
    expect(propsOf(Object.entries(attributes).map(([name, value]) => ({ name, value })))).toEqual(
      expected,
    );
  check({ "data-kith-prop-product-id": "007", class: "x" }, { product_id: "007" });
  check({ "data-kith-prop-price": "9.50" }, { price: 9.5 });
  check({ "data-kith-prop-quantity": "2" }, { quantity: 2 });
  check({ "data-kith-prop-price": "" }, { price: "" });
  check({ "data-kith-prop-value": "9 EUR" }, { value: "9 EUR" });
  check({ "data-kith-prop-gift": "true", "data-kith-prop-x": "false" }, { gift: true, x: false });
  check({ "data-kith-event": "A", "data-kith-on": "view" }, {});
});

test("a click tells where, not what was typed", () => {
  const clicked = { tag: "A", id: "", text: "  Buy\n  now ", href: "https://a/b?token=1#x" };
  expect(clickProps(clicked)).toEqual({ tag: "a", text: "Buy now", href: "https://a/b" });
  expect(clickProps({ tag: "BUTTON", id: "go", text: "x".repeat(200), href: "" })).toEqual({
    tag: "button",
    id: "go",
    text: "x".repeat(80),
  });
});
