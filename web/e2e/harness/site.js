/** Web sites on an origin of their own: with an unmodified client library, or with the tag. */

import { createServer } from "node:http";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const CLIENTS = fileURLToPath(new URL("../clients", import.meta.url));

/** A page with `clients/{entry}`, bundled from node_modules now, as a shop would do it. */
export async function startSite(entry) {
  const { outputFiles } = await build({
    entryPoints: [`${CLIENTS}/${entry}`],
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
    target: "es2022",
    define: { "process.env.NODE_ENV": '"production"', global: "globalThis" },
    logLevel: "error",
  });
  return servePages({ head: '<script src="/client.js"></script>', script: outputFiles[0].text });
}

/** Serves the same page at every address, and `script` as `/client.js`. */
export async function servePages({ head, body = "", script = "", policy }) {
  const page = `<!doctype html><html lang="en"><head><title>Test shop</title>${head}</head><body>${body}`;
  const server = createServer((request, response) => {
    if (request.url === "/client.js") {
      response.writeHead(200, { "content-type": "text/javascript; charset=utf-8" }).end(script);
    } else if (request.url === "/favicon.ico") {
      response.writeHead(204).end();
    } else {
      const headers = { "content-type": "text/html; charset=utf-8" };
      if (policy) headers["content-security-policy"] = policy;
      response.writeHead(200, headers).end(page);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
