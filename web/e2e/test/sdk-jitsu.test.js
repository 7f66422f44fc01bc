/** Unmodified @jitsu/js, in Node and in a browser. It has no alias call, and never sends again. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { jitsuAnalytics } from "@jitsu/js";
import { launchBrowser, openVisit } from "../harness/browser.js";
import { openDesk } from "../harness/desk.js";
import { startSite } from "../harness/site.js";
import {
  ACCOUNT,
  ORDER,
  TRAITS,
  VIEWED,
  assertOnePerson,
  assertResendChangesNothing,
  assertStored,
  customer,
  delivered,
} from "../harness/scenario.js";

let browser;
let desk;
let site;
before(async () => {
  [browser, desk, site] = await Promise.all([launchBrowser(), openDesk(), startSite("jitsu.js")]);
});
after(async () => {
  await browser?.close();
  site?.close();
  await desk?.close();
});

for (const s2s of [false, true]) {
  test(`Node: every call arrives, as one person${s2s ? "; server to server" : ""}`, async () => {
    const who = customer(`jitsu-node-${s2s}`);
    const proxy = await desk.proxy();
    const analytics = jitsuAnalytics({ host: proxy.url, writeKey: desk.writeKey, s2s, fetch });
    // Its memory is one for the whole process.
    await analytics.reset();
    await analytics.setAnonymousId(who.anonymous);
    await analytics.page({ name: "Boots", aisle: "7" });
    await analytics.track("Product Viewed", VIEWED);
    await analytics.identify(who.user, { ...TRAITS, email: who.email });
    await analytics.track("Order Completed", ORDER);
    await analytics.group(who.account, ACCOUNT);
    await delivered(proxy, 5);
    const prefix = s2s ? "/api/s/s2s/" : "/api/s/";
    assert.ok(proxy.collected.every(({ path }) => path.startsWith(prefix)));
    assertOnePerson(await assertStored(desk.api, proxy, who, { aliases: false }));
    await assertResendChangesNothing(desk.api, proxy, who);
  });
}

test("browser: every call arrives, as one person", async () => {
  const who = customer("jitsu-browser");
  const proxy = await desk.proxy();
  const visit = await openVisit(browser);
  await visit.page.goto(`${site.url}/boots?utm_source=news&utm_campaign=autumn`);
  const settings = { writeKey: desk.writeKey, url: proxy.url };
  await visit.page.evaluate((given) => window.start(given), settings);
  const given = { who, ORDER, VIEWED, ACCOUNT, traits: { ...TRAITS, email: who.email } };
  await visit.page.evaluate(async ({ who, ORDER, VIEWED, ACCOUNT, traits }) => {
    const { analytics } = window;
    await analytics.page({ name: "Boots", aisle: "7" });
    await analytics.track("Product Viewed", VIEWED);
    await analytics.identify(who.user, traits);
    await analytics.track("Order Completed", ORDER);
    await analytics.group(who.account, ACCOUNT);
  }, given);
  await delivered(proxy, 5);
  const person = await assertStored(desk.api, proxy, who, { aliases: false });
  assertOnePerson(person);
  assert.equal(person.features.first_campaign_source, "news");
  await assertResendChangesNothing(desk.api, proxy, who);
  assert.deepEqual(visit.complaints, []);
  await visit.close();
});
