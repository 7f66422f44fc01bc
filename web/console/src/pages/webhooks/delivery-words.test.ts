import { expect, test } from "vitest";
import { deliveryWords } from "./delivery-words.ts";

test("an entry, an exit and a trait that changed", () => {
  const of = { audience_id: "buyers", changed: null };
  expect(deliveryWords({ event: "entered", ...of })).toBe("entered buyers");
  expect(deliveryWords({ event: "left", ...of })).toBe("left buyers");
  const changed = { name: "order_count", old_value: "1", new_value: "2" };
  expect(deliveryWords({ event: "trait-changed", audience_id: null, changed })).toBe(
    "order_count changed from 1 to 2",
  );
});
