/** A real `kith` process on a free port and a data folder of its own. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Api } from "./api.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const START_LIMIT_MS = 60_000;

export const WRITE_KEY = "ckithe2e00000000000000000";
export const SECRET_KEY = "ksk_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

export function binary() {
  const target = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
  const path = process.env.KITH_BIN ?? process.env.KITH_BINARY ?? join(target, "debug/kith");
  if (!existsSync(path)) {
    throw new Error(
      `${path} is missing: run \`cargo build -p kith-app\`, or name a binary in KITH_BIN`,
    );
  }
  return path;
}

/** A folder that is removed by `remove`. */
export async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), "kith-e2e-"));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}

/** Starts `kith serve`; with `data` on a folder the caller keeps. */
export function serve({ data, args = [], env = {} } = {}) {
  return start(["serve"], { data, args, env });
}

/** Starts `kith demo`; without visitors unless some are asked for. */
export function demo({ visitorsPerMinute = 0 } = {}) {
  return start(["--json", "demo"], { args: ["--visitors-per-minute", String(visitorsPerMinute)] });
}

async function start(command, { data, args = [], env = {} }) {
  const folder = data ? { path: data, remove: async () => {} } : await temporaryFolder();
  const process_ = launch(
    [...command, "--data", folder.path, "--listen", "127.0.0.1:0", ...args],
    env,
  );
  try {
    const [, url] = await process_.said(/(http:\/\/127\.0\.0\.1:\d+)\/console\//);
    return new Kith(process_, folder, url);
  } catch (failure) {
    await process_.kill();
    await folder.remove();
    throw failure;
  }
}

/** Runs `kith` to its end, or talks to it while it runs. */
export function launch(args, env = {}) {
  const child = spawn(binary(), args, {
    stdio: ["ignore", "pipe", "pipe"],
    cwd: ROOT,
    env: {
      ...process.env,
      KITH_WRITE_KEY: WRITE_KEY,
      KITH_ADMIN_KEY: SECRET_KEY,
      KITH_LOG: "warn",
      ...env,
    },
  });
  return new Process(child, args);
}

class Process {
  output = "";

  constructor(child, args) {
    this.child = child;
    this.args = args;
    this.listeners = new Set();
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        this.output += text;
        for (const listen of this.listeners) listen();
      });
    }
    this.ended = once(child, "close").then(([code, signal]) => {
      this.outcome = { code, signal };
      for (const listen of this.listeners) listen();
      return this.outcome;
    });
  }

  get alive() {
    return this.outcome === undefined;
  }

  /** Waits until the output matches; an exit before that is a failure that tells the output. */
  said(pattern) {
    return new Promise((resolve, reject) => {
      const name = `kith ${this.args.join(" ")}`;
      const finish = (settle, value) => {
        clearTimeout(timer);
        this.listeners.delete(look);
        settle(value);
      };
      const look = () => {
        const found = this.output.match(pattern);
        if (found) return finish(resolve, found);
        if (!this.alive) {
          const { code, signal } = this.outcome;
          finish(
            reject,
            new Error(
              `${name} ended (${code ?? signal}) before it said ${pattern}:\n${this.output}`,
            ),
          );
        }
      };
      const timer = setTimeout(() => {
        finish(reject, new Error(`${name} did not say ${pattern} in time:\n${this.output}`));
      }, START_LIMIT_MS);
      this.listeners.add(look);
      look();
    });
  }

  async signal(name) {
    this.child.kill(name);
    return this.ended;
  }

  async kill() {
    return this.alive ? this.signal("SIGKILL") : this.outcome;
  }
}

/** A running server. */
class Kith {
  constructor(process_, folder, url) {
    this.process = process_;
    this.folder = folder;
    this.url = url;
    this.api = new Api(url, SECRET_KEY, WRITE_KEY);
  }

  get data() {
    return this.folder.path;
  }

  /** The sign-in link that `kith demo` prints. */
  async signInLink() {
    const [link] = await this.process.said(/http:[^\s"]+\/console\/sign-in\?token=[^\s"]+/);
    return link;
  }

  async stop() {
    await this.process.kill();
    await this.folder.remove();
  }
}
