/** Fails when the API's types are not those of the committed description: `npm run types`. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "kith-types-"));
try {
  const fresh = join(folder, "schema.d.ts");
  const generator = here("../../node_modules/openapi-typescript/bin/cli.js");
  execFileSync(process.execPath, [generator, here("../../../shell/admin/openapi.json"), "-o", fresh], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (readFileSync(fresh, "utf8") !== readFileSync(here("../src/api/schema.d.ts"), "utf8")) {
    console.error("src/api/schema.d.ts is not that of openapi.json: run `npm run types -w console`");
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}
