/** Unmodified @rudderstack/analytics-js (the bundled build) in a browser, on another origin. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser, openVisit } from "../harness/browser.js";
import { openDesk } from "../harness/desk.js";
import { startSite } from "../harness/site.js";
import {
  ACCOUNT,
  ORDER,
  TRAITS,
  VIEWED,
  assertDeliveredOnce,
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
  [browser, desk, site] = await Promise.all([launchBrowser(), openDesk(), startSite("rudder.js")]);
});
after(async () => {
  await browser?.close();
  site?.close();
  await desk?.close();
});

async function load(proxy, options = {}) {
  const visit = await openVisit(browser);
  await visit.page.goto(site.url);
  const settings = { writeKey: desk.writeKey, url: proxy.url, options };
  await visit.page.evaluate((given) => window.start(given), settings);
  return visit;
}

const BATCH = { queueOptions: { batch: { enabled: true, maxItems: 3, flushInterval: 500 } } };

for (const [name, options, path] of [
  ["single events", {}, "/v1/track"],
  ["batches", BATCH, "/v1/batch"],
  [
    "beacons",
    { useBeacon: true, beaconQueueOptions: { flushQueueInterval: 500 } },
    "/beacon/v1/batch",
  ],
]) {
  test(`every call arrives, as one person; ${name}`, async () => {
    const who = customer(`rudder-js-${name.replaceAll(" ", "-")}`);
    const proxy = await desk.proxy();
    const visit = await load(proxy, options);
    const given = { who, ORDER, VIEWED, ACCOUNT, traits: { ...TRAITS, email: who.email } };
    await visit.page.evaluate(({ who, ORDER, VIEWED, ACCOUNT, traits }) => {
      const { analytics } = window;
      analytics.page("Boots", { aisle: "7" });
      analytics.track("Product Viewed", VIEWED);
      analytics.identify(who.user, traits);
      analytics.track("Order Completed", ORDER);
      analytics.group(who.account, ACCOUNT);
      analytics.alias(who.user, who.older);
    }, given);
    await delivered(proxy, 6);
    assert.ok(proxy.collected.some((request) => request.path.startsWith(path)));
    const person = await assertStored(desk.api, proxy, who);
    assertOnePerson(person);
    const anonymous = person.identifiers.filter(({ namespace }) => namespace === "anonymous_id");
    assert.deepEqual(anonymous.map(({ value }) => value).includes(who.older), true);
    await assertResendChangesNothing(desk.api, proxy, who);
    assert.deepEqual(visit.complaints, []);
    await visit.close();
  });
}

for (const [name, breakIt, status] of [
  ["a 503", (proxy) => proxy.refuseNext(503), 503],
  ["a 429 with Retry-After", (proxy) => proxy.refuseNext(429, { "retry-after": "1" }), 429],
  ["a lost answer", (proxy) => proxy.loseNextAnswer(), 503],
]) {
  test(`after ${name}, each event counts once`, async () => {
    const who = customer(`rudder-js-${name.replaceAll(" ", "-")}`);
    const proxy = await desk.proxy();
    const visit = await load(proxy);
    await visit.page.evaluate((user) => window.analytics.identify(user), who.user);
    await delivered(proxy, 1);
    breakIt(proxy);
    await visit.page.evaluate((order) => window.analytics.track("Order Completed", order), ORDER);
    await delivered(proxy, 2);
    await assertDeliveredOnce(desk.api, proxy, who, { status, orders: 1 });
    await visit.close();
  });
}

test('visitors who are nobody yet are not one person: userId "" is no id', async () => {
  const proxy = await desk.proxy();
  const ids = [];
  for (const turn of [1, 2]) {
    const visit = await load(proxy);
    await visit.page.evaluate(() => window.analytics.track("Looked Around"));
    await delivered(proxy, turn);
    await visit.close();
  }
  for (const { messageId, userId } of proxy.events()) {
    assert.equal(userId, "");
    ids.push((await desk.api.event(messageId)).person_id);
  }
  assert.equal(new Set(ids).size, 2);
});
