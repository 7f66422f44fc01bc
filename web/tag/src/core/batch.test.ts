import { expect, test } from "vitest";
import { allBatches, firstBatch, utf8Bytes } from "./batch.ts";
import type { TagEvent } from "./event.ts";
import { BODY_BYTES_MAX } from "./limits.ts";

const event = (bytes: number) => ({ event: "x".repeat(bytes) }) as TagEvent;

test("bytes, not characters", () => {
  const check = (text: string, bytes: number) => expect(utf8Bytes(text)).toBe(bytes);
  check("", 0);
  check("a%b", 3);
  check("ü", 2);
  check("漢", 3);
  check("🙂", 4);
});

test("bodies stay under what browsers take from a page that closes", () => {
  expect(firstBatch([event(1), event(1), event(1)], 2)).toHaveLength(2);
  expect(firstBatch([event(40_000), event(40_000)], 10)).toHaveLength(1);
  const batches = allBatches(Array.from({ length: 100 }, () => event(5_000)));
  expect(batches.flat()).toHaveLength(100);
  for (const batch of batches) expect(utf8Bytes(JSON.stringify(batch))).toBeLessThan(65_000);
  expect(batches.length).toBe(Math.ceil(100 / Math.floor(BODY_BYTES_MAX / 5_013)));
  expect(allBatches([])).toEqual([]);
});
