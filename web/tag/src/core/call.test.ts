import { expect, test } from "vitest";
import { parseCall } from "./call.ts";

function check(given: unknown[], expected: unknown) {
  expect(parseCall(given[0], given[1], given[2])).toEqual(expected);
}

test("calls", () => {
  check(["track", "Saved", { a: 1 }], { type: "track", event: "Saved", properties: { a: 1 } });
  check(["track", "Saved"], { type: "track", event: "Saved", properties: {} });
  check(["track", "Saved", [1]], { type: "track", event: "Saved", properties: {} });
  check(["page"], { type: "page", properties: {} });
  check(["page", "Home"], { type: "page", name: "Home", properties: {} });
  check(["page", { a: 1 }], { type: "page", properties: { a: 1 } });
  check(["identify", "42", { a: 1 }], { type: "identify", userId: "42", traits: { a: 1 } });
  check(["identify", 42], { type: "identify", userId: "42", traits: {} });
  check(["identify", { email: "a@b.c" }], {
    type: "identify",
    traits: { email: "a@b.c" },
  });
  check(["identify", null, { a: 1 }], { type: "identify", traits: { a: 1 } });
  check(["group", "acme", { size: 3 }], { type: "group", groupId: "acme", traits: { size: 3 } });
  check(["alias", " 42 "], { type: "alias", userId: "42" });
  check(["reset"], { type: "reset" });
});

test("what cannot be meant is no call", () => {
  for (const given of [["track"], ["track", ""], ["track", {}], ["group", " "], ["alias"], ["x"]]) {
    check(given, null);
  }
});
