/** Builds the shop: the page, its illustrations, and the range for visitors without JavaScript. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { shopImages } from './art/images.ts';
import { parseCatalog } from './src/catalog.ts';
import { staticRange } from './src/views/static-range.ts';

const CATALOG = fileURLToPath(new URL('../../examples/demo/catalog.ndjson', import.meta.url));
const EXAMPLES = fileURLToPath(new URL('../../examples/demo', import.meta.url));
const HERE = fileURLToPath(new URL('.', import.meta.url));

/** Emits `images/*.svg` and fills the page's `<noscript>` with the catalogue. */
function shopAssets() {
  const products = () => parseCatalog(readFileSync(CATALOG, 'utf8'));
  return {
    name: 'shop-assets',
    configureServer(server) {
      server.middlewares.use('/shop/images', (request, response, next) => {
        const name = (request.url ?? '').replace(/^\//, '').replace(/\?.*$/, '');
        const image = shopImages(products()).get(name);
        if (image === undefined) return next();
        response.setHeader('content-type', 'image/svg+xml');
        response.end(image);
      });
    },
    generateBundle() {
      for (const [name, source] of shopImages(products())) {
        this.emitFile({ type: 'asset', fileName: `images/${name}`, source });
      }
    },
    transformIndexHtml(html) {
      return html.replace('<!-- static-range -->', staticRange(products()));
    },
  };
}

export default defineConfig({
  base: '/shop/',
  plugins: [shopAssets()],
  // The write key arrives in index.html at serving time; nothing may be inlined into it.
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: 'es2022',
    modulePreload: { polyfill: false },
  },
  server: { fs: { allow: [HERE, EXAMPLES] } },
  test: { environment: 'node', include: ['test/**/*.test.ts'] },
});
