/** A browser on a mock workspace, which notes every complaint a page makes. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { startMock } from "./server.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"];
/** A busy machine is slow, not wrong. */
const PATIENCE_MS = 90_000;
const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function openBrowser(options = {}) {
  const mock = await startMock(options);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ARGUMENTS,
  });
  return {
    mock,
    async visit({ scheme = "light", user = "ada", width = 1440, locale } = {}) {
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme: scheme,
        reducedMotion: "reduce",
        permissions: ["clipboard-read", "clipboard-write"],
      });
      if (locale) {
        await context.addInitScript((value) => localStorage.setItem("kith.locale", value), locale);
      }
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE_MS);
      const visitor = new Visitor(page, `${mock.url}/console`);
      if (user) {
        await visitor.go(`/sign-in?token=${user}`, "Home");
      }
      return visitor;
    },
    async close() {
      await browser.close();
      mock.stop();
    },
  };
}

/** What Chromium says of any answer of 400 or more; the test asks for those itself. */
const REFUSED = /Failed to load resource: the server responded with a status of/;

class Visitor {
  complaints = [];

  constructor(page, base) {
    this.page = page;
    this.base = base;
    page.on("pageerror", (error) => this.complaints.push(`error: ${error.stack}`));
    page.on("console", (message) => {
      const said = message.text();
      if (!["error", "warning"].includes(message.type()) || REFUSED.test(said)) return;
      this.complaints.push(`${message.type()}: ${said}`);
    });
  }

  /** Opens a page and waits until its heading stands and nothing is loading. */
  async go(path, heading) {
    await this.page.goto(this.base + path);
    await this.settled(heading);
  }

  async settled(heading) {
    const { page } = this;
    await page.getByRole("heading", { level: 1, name: heading, exact: true }).first().waitFor({
      state: "attached",
    });
    await page.waitForFunction(() => {
      const busy = '[role="status"][aria-label="Loading"], [aria-busy="true"]';
      return document.querySelector(busy) === null;
    });
  }

  async axe() {
    // Colours in between are nobody's colours; what pulses for ever is not waited for.
    await this.page.evaluate(() =>
      Promise.all(
        document
          .getAnimations()
          .filter((one) => one.effect.getTiming().iterations !== Number.POSITIVE_INFINITY)
          .map((one) => one.finished.catch(() => undefined)),
      ),
    );
    await this.page.evaluate(AXE);
    const { violations } = await this.page.evaluate(
      (tags) => window.axe.run(document, { runOnly: tags, resultTypes: ["violations"] }),
      AXE_TAGS,
    );
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id} ${html.slice(0, 300)} ${failureSummary}`),
    );
  }

  async close() {
    await this.page.context().close();
  }
}
