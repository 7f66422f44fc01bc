import { expect, test } from "vitest";
import { isWriteKey, snippet, WAYS, waysFor } from "./snippets.ts";

const KEY = "c0123456789abcdefghijklmn";

test("every snippet carries the key and the server", () => {
  for (const way of WAYS) {
    const text = snippet(way, "https://kith.example.com", KEY);
    expect(text, way).toContain(KEY);
    expect(text, way).toContain("kith.example.com");
  }
});

test("Segment wants the host without its scheme", () => {
  const text = snippet("segment", "http://127.0.0.1:8080", KEY);
  expect(text).toContain('apiHost: "127.0.0.1:8080/v1", protocol: "http"');
});

test("a server has no tag", () => expect(waysFor("server")).not.toContain("tag"));

test("write keys", () => {
  expect(isWriteKey(KEY)).toBe(true);
  expect(isWriteKey(`x${KEY.slice(1)}`)).toBe(false);
  expect(isWriteKey(`${KEY}0`)).toBe(false);
});
