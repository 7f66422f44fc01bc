/** segment-analytics-python in a virtual environment of its own. */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const PACKAGE = "segment-analytics-python==2.4.0";
const SCRIPT = fileURLToPath(new URL("../clients/python_client.py", import.meta.url));
const INSTALL_LIMIT_MS = 180_000;
const RUN_LIMIT_MS = 60_000;

/** Installs the client once a machine; a later run finds it. Answers the interpreter. */
export async function installPython() {
  const folder = join(tmpdir(), `kith-e2e-python-${userInfo().uid}`, PACKAGE.replaceAll("=", "-"));
  const python = join(folder, "bin/python");
  const complete = join(folder, "complete");
  if (existsSync(complete)) return python;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  try {
    await run("python3", ["-m", "venv", folder], { timeout: INSTALL_LIMIT_MS });
    await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE], {
      timeout: INSTALL_LIMIT_MS,
    });
  } catch (cause) {
    const said = `${cause.stderr ?? ""}${cause.stdout ?? ""}`.trim();
    throw new Error(
      `${PACKAGE} could not be installed; the test needs python3 with venv, and a package index ` +
        `that pip reaches:\n${said || cause.message}`,
      { cause },
    );
  }
  await mkdir(`${complete}.new`);
  await rename(`${complete}.new`, complete);
  return python;
}

/** Runs calls in the client until all is flushed; fails with its errors. */
export async function runPython(python, options) {
  await run(python, [SCRIPT, JSON.stringify(options)], { timeout: RUN_LIMIT_MS });
}
