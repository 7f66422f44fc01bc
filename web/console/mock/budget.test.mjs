/** What the console may weigh, and that what is shipped is ready to be embedded. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
const SHELL_MAX_BYTES = 220 * 1024;
const PAGE_MAX_BYTES = 90 * 1024;
/** Of all pages together; one page needs the shell's half and a few of its own. */
const STYLES_MAX_BYTES = 46 * 1024;

const files = await readdir(DIST, { recursive: true });
const gzipped = async (file) => (await readFile(`${DIST}${file}.gz`).catch(() => "")).length;

/** The files a page script needs before it runs, as its import statements say. */
async function closure(entry, seen = new Set()) {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  const source = await readFile(`${DIST}assets/${entry}`, "utf8");
  const imports = source.matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.js)"/g);
  for (const [, imported] of imports) await closure(imported, seen);
  return seen;
}

async function weight(names) {
  let bytes = 0;
  for (const name of names)
    bytes += (await gzipped(`assets/${name}`)) || (await readFile(`${DIST}assets/${name}`)).length;
  return bytes;
}

const index = await readFile(`${DIST}index.html`, "utf8");
const [, main] = /src="\/console\/assets\/(index-[\w-]+\.js)"/.exec(index);
const shell = await closure(main);

test("the shell", async (context) => {
  const bytes = await weight(shell);
  context.diagnostic(`shell ${(bytes / 1024).toFixed(1)} KiB gzip`);
  assert.ok(bytes <= SHELL_MAX_BYTES, `shell is ${bytes} bytes`);
});

test("every page on top of the shell", async (context) => {
  const pages = files.filter((file) => /^assets\/[A-Z]\w*-[\w-]+\.js$/.test(file));
  assert.ok(pages.length > 12);
  for (const page of pages) {
    const own = [...(await closure(page.slice("assets/".length)))].filter((one) => !shell.has(one));
    const bytes = await weight(own);
    if (bytes > 30_000) context.diagnostic(`${page} ${(bytes / 1024).toFixed(1)} KiB gzip`);
    assert.ok(bytes <= PAGE_MAX_BYTES, `${page} is ${bytes} bytes`);
  }
});

test("style sheets", async () => {
  const styles = files.filter((file) => file.endsWith(".css"));
  let bytes = 0;
  for (const file of styles) bytes += (await gzipped(file)) || (await readFile(DIST + file)).length;
  assert.ok(bytes <= STYLES_MAX_BYTES, `style sheets are ${bytes} bytes`);
});

test("no map is shipped, and packed files hold what plain ones do", async () => {
  assert.deepEqual(
    files.filter((file) => file.endsWith(".map")),
    [],
  );
  for (const file of files.filter((one) => one.endsWith(".br"))) {
    const plain = await readFile(DIST + file.slice(0, -3));
    assert.ok(brotliDecompressSync(await readFile(DIST + file)).equals(plain), file);
    assert.ok(gunzipSync(await readFile(`${DIST}${file.slice(0, -3)}.gz`)).equals(plain), file);
  }
  assert.ok(index.includes('content="NONCE"') && !files.includes("index.html.br"));
  assert.ok(!/<script(?![^>]*\bsrc=)/.test(index), "no inline script");
});
