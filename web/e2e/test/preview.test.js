/**
 * A marketer changes an offer and sees it on the real page before saving: by a link, in another
 * browser, while everybody else sees what is saved.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser, openVisit } from "../harness/browser.js";
import { demo } from "../harness/kith.js";
import { openOffice } from "../harness/office.js";

const OFFER = "hero_member";
const EDITED = "Only seen by whoever has the link";

let kith;
let browser;
before(async () => {
  [kith, browser] = await Promise.all([demo(), launchBrowser()]);
});

after(async () => {
  await browser?.close();
  await kith?.stop();
});

/** The headline of the shop's hero, once a decision stands in it. */
async function headline(address) {
  const visit = await openVisit(browser);
  await visit.page.goto(address);
  await visit.page.getByRole("button", { name: "Accept all" }).click();
  const hero = visit.page.locator("#kith-hero[data-kith-shown]");
  await hero.waitFor();
  const text = await hero.getByRole("heading").innerText();
  assert.deepEqual(visit.complaints, []);
  await visit.close();
  return text;
}

test("an offer is seen on the real page before it is saved", async () => {
  const shop = `${kith.url}/shop/`;
  const before = await kith.api.ask(`/definitions/offer/${OFFER}`);
  const office = await openOffice(browser, kith);
  const { page } = office;
  await page.goto(await kith.signInLink());
  await office.settled("Home");
  await office.go(`/offers/${OFFER}`, before.name);

  await page.getByLabel("Title").first().fill(EDITED);
  await page.getByRole("combobox", { name: "Page", exact: true }).fill("shop");
  await page.getByRole("button", { name: "Make link" }).click();
  await page.getByText("must be the address of a page").waitFor();
  await office.inspect("preview-link-refused");

  await page.getByRole("combobox", { name: "Page", exact: true }).fill(shop);
  await page.getByRole("button", { name: "Make link" }).click();
  const link = page.getByRole("link", { name: "Open the page" });
  await link.waitFor();
  await office.inspect("preview-link");
  const address = await link.getAttribute("href");

  assert.equal(await headline(address), EDITED);
  assert.notEqual(await headline(shop), EDITED);

  // Another edit, and the link would show something else than the form.
  await page.getByLabel("Title").first().fill(`${EDITED}!`);
  await link.waitFor({ state: "detached" });

  const saved = await kith.api.ask(`/definitions/offer/${OFFER}`);
  assert.equal(saved.revision, before.revision);
  await office.leave();
});
