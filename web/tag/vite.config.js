/**
 * Builds the tag as one script file, `dist/kith.js`, and its precompressed twins, which the
 * server picks from by Accept-Encoding.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { defineConfig } from "vite";

const FILE = new URL("dist/kith.js", import.meta.url);

function precompress() {
  return {
    name: "precompress",
    apply: "build",
    closeBundle() {
      const plain = readFileSync(FILE);
      const gzip = gzipSync(plain, { level: 9 });
      const brotli = brotliCompressSync(plain, {
        params: { [constants.BROTLI_PARAM_QUALITY]: 11 },
      });
      writeFileSync(`${FILE.pathname}.gz`, gzip);
      writeFileSync(`${FILE.pathname}.br`, brotli);
      console.log(`kith.js: ${plain.length} B, gzip ${gzip.length} B, brotli ${brotli.length} B`);
    },
  };
}

export default defineConfig({
  plugins: [precompress()],
  build: {
    target: "es2020",
    lib: {
      entry: "src/browser/main.ts",
      formats: ["iife"],
      name: "kithTag",
      fileName: () => "kith.js",
    },
    reportCompressedSize: false,
  },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.{ts,js}"],
    environment: "node",
  },
});
