import { readFileSync } from "node:fs";
import { gzipSync, gunzipSync, brotliDecompressSync } from "node:zlib";
import { expect, test } from "vitest";

const file = (name) => readFileSync(new URL(`../dist/${name}`, import.meta.url));

test("the tag is at most 10,000 B gzipped", () => {
  expect(gzipSync(file("kith.js"), { level: 9 }).length).toBeLessThanOrEqual(10_000);
  expect(file("kith.js.gz").length).toBeLessThanOrEqual(10_000);
});

test("the precompressed twins are the same file", () => {
  const plain = file("kith.js");
  expect(gunzipSync(file("kith.js.gz")).equals(plain)).toBe(true);
  expect(brotliDecompressSync(file("kith.js.br")).equals(plain)).toBe(true);
});

test("nothing in it evaluates text as code", () => {
  const code = file("kith.js").toString();
  expect(code).not.toMatch(/\beval\b|new Function|\bFunction\(|document\.write/);
});
