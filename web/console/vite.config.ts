/** Builds the console into `dist/`, which the server embeds; `npm run dev` proxies to a server. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { ship } from "./build/ship.ts";

const server = process.env.KITH_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  base: "/console/",
  plugins: [react(), ship({ maps: "dist-maps" })],
  build: {
    target: "es2022",
    sourcemap: "hidden",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 800,
    rolldownOptions: {
      output: {
        // As one file for each piece, small style sheets would weigh three times as much.
        codeSplitting: {
          groups: [{ name: "pieces", test: /src\/(parts|forms)\/[^/]+\.module\.css$/ }],
        },
      },
    },
  },
  server: { proxy: { "/api": server, "/v1": server, "/openapi.json": server } },
  test: { environment: "node", include: ["src/**/*.test.{ts,tsx}"] },
});
