/** Chromium, with every complaint a page makes on record. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"];
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

export function launchBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
    args: ARGUMENTS,
  });
}

/** What Chromium says of any answer of 400 or more; a test asks for those itself. */
const REFUSED = /Failed to load resource: the server responded with a status of/;

/** A fresh profile with one page; `complaints` holds errors, warnings and policy violations. */
export async function openVisit(browser, { gpc = false, ...options } = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    reducedMotion: "reduce",
    ...options,
  });
  if (gpc) {
    await context.addInitScript(() => {
      Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { get: () => true });
    });
  }
  await context.addInitScript(() => {
    window.__violations = [];
    document.addEventListener("securitypolicyviolation", (event) => {
      window.__violations.push(`${event.effectiveDirective} ${event.blockedURI}`);
    });
    window.__shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        if (!entry.hadRecentInput) window.__shift += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(`error: ${error.stack}`));
  page.on("console", (message) => {
    const said = message.text();
    if (!["error", "warning"].includes(message.type()) || REFUSED.test(said)) return;
    complaints.push(`${message.type()}: ${said}`);
  });
  const requests = [];
  page.on("request", (request) => requests.push({ method: request.method(), url: request.url() }));
  return { context, page, complaints, requests, close: () => context.close() };
}

/** Sum of layout shifts that no input explains, since the page was loaded. */
export function layoutShift(page) {
  return page.evaluate(() => window.__shift);
}

export async function assertNoViolations(page) {
  assert.deepEqual(await page.evaluate(() => window.__violations), []);
}

/** Fails with the list of accessibility faults of the page as it stands. */
export async function assertAccessible(page, where) {
  // Colours in between are nobody's colours; what pulses for ever is not waited for.
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter((one) => one.effect.getTiming().iterations !== Number.POSITIVE_INFINITY)
        .map((one) => one.finished.catch(() => undefined)),
    ),
  );
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  const { violations } = await page.evaluate(
    (tags) => window.axe.run(document, { runOnly: tags, resultTypes: ["violations"] }),
    AXE_TAGS,
  );
  const faults = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id} ${html.slice(0, 300)} ${failureSummary}`),
  );
  assert.deepEqual(faults, [], `accessibility of ${where}`);
}
