/**
 * Makes `dist/` ready to be embedded: source maps move to a folder of their own, and every text
 * asset gets a `.br` and a `.gz` beside it. `index.html` stays plain: the server writes a nonce
 * into it on every request.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const COMPRESSIBLE = /\.(js|css|svg|json|txt)$/;
/** Below this the headers cost more than compression saves. */
const SIZE_MIN_BYTES = 512;

export function ship(options: { maps: string }): Plugin {
  let root = "";
  let dist = "";
  return {
    name: "kith-ship",
    apply: "build",
    configResolved(config) {
      root = config.root;
      dist = join(config.root, config.build.outDir);
    },
    async closeBundle() {
      const maps = join(root, options.maps);
      await rm(maps, { recursive: true, force: true });
      await mkdir(maps, { recursive: true });
      const entries = await readdir(dist, { recursive: true, withFileTypes: true });
      for (const entry of entries.filter((found) => found.isFile())) {
        const path = join(entry.parentPath, entry.name);
        if (path.endsWith(".map")) await rename(path, join(maps, basename(path)));
        else if (COMPRESSIBLE.test(path)) await compress(path);
      }
    },
  };
}

async function compress(path: string): Promise<void> {
  const bytes = await readFile(path);
  if (bytes.length < SIZE_MIN_BYTES) return;
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  await writeFile(`${path}.br`, brotliCompressSync(bytes, { params: quality }));
  await writeFile(`${path}.gz`, gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }));
}
