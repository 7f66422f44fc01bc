import { expect, test } from "vitest";
import { readOutcome } from "./outcome.ts";

const NOW = Date.parse("2026-11-01T00:00:00Z");

function check(status: number, retryAfter: string | null, expected: "done" | number) {
  const outcome = readOutcome(status, retryAfter, NOW);
  expect(outcome).toEqual(expected === "done" ? "done" : { retryAfterMs: expected });
}

test("taken, refused for good, or to be tried again", () => {
  for (const status of [200, 204, 304, 400, 401, 403, 404, 413, 422]) check(status, null, "done");
  for (const status of [0, 408, 410, 429, 460, 500, 502, 503, 504]) check(status, null, 0);
});

test("Retry-After in seconds or as a date, bounded", () => {
  check(429, "7", 7_000);
  check(503, "Sun, 01 Nov 2026 00:00:30 GMT", 30_000);
  check(503, "Sat, 31 Oct 2026 00:00:00 GMT", 0);
  check(429, "86400", 300_000);
  check(429, "-5", 0);
  check(429, "soon", 0);
});
