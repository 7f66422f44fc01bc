/** The console, as a person at a desk uses it. */

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { assertAccessible, assertNoViolations, openVisit } from "./browser.js";

/** Opens a browser profile on the console of a server. */
export async function openOffice(browser, kith, { scheme = "light", ...options } = {}) {
  const visit = await openVisit(browser, {
    colorScheme: scheme,
    viewport: { width: 1440, height: 900 },
    ...options,
  });
  return new Office(visit, `${kith.url}/console`, scheme);
}

class Office {
  constructor(visit, base, scheme) {
    Object.assign(this, visit, { base, scheme });
  }

  async go(path, heading) {
    await this.page.goto(this.base + path);
    await this.settled(heading);
  }

  /** Waits until the heading stands and nothing is loading. */
  async settled(heading) {
    const title = this.page.getByRole("heading", { level: 1, name: heading, exact: true });
    await title.first().waitFor({ state: "attached" });
    await this.page.waitForFunction(
      () =>
        document.querySelector('[role="status"][aria-label="Loading"], [aria-busy="true"]') ===
        null,
    );
  }

  /** Accessible and quiet; with KITH_SHOTS a picture is kept. */
  async inspect(name) {
    await assertAccessible(this.page, `${name} (${this.scheme})`);
    await assertNoViolations(this.page);
    assert.deepEqual(this.complaints, [], name);
    const folder = process.env.KITH_SHOTS;
    if (!folder) return;
    await mkdir(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, `${name}-${this.scheme}.png`) });
  }

  /** Ends the visit; a complaint of the browser at any time fails the test. */
  async leave() {
    await assertNoViolations(this.page);
    assert.deepEqual(this.complaints, []);
    await this.close();
  }
}
