/** Unmodified @segment/analytics-next in a browser, on a site of another origin. */

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
  [browser, desk, site] = await Promise.all([
    launchBrowser(),
    openDesk(),
    startSite("segment-next.js"),
  ]);
});
after(async () => {
  await browser?.close();
  site?.close();
  await desk?.close();
});

async function load(proxy, options = {}) {
  const visit = await openVisit(browser);
  await visit.page.goto(site.url);
  const settings = { writeKey: desk.writeKey, url: proxy.url, ...options };
  await visit.page.evaluate((given) => window.start(given), settings);
  return visit;
}

for (const batching of [false, true]) {
  test(`every call arrives, as one person; ${batching ? "batches" : "single events"}`, async () => {
    const who = customer(`segment-next-${batching}`);
    const proxy = await desk.proxy();
    const visit = await load(proxy, { batching });
    const given = { who, ORDER, VIEWED, ACCOUNT, traits: { ...TRAITS, email: who.email } };
    await visit.page.evaluate(async ({ who, ORDER, VIEWED, ACCOUNT, traits }) => {
      const { analytics } = window;
      await analytics.page("Boots", { aisle: "7" });
      await analytics.track("Product Viewed", VIEWED);
      await analytics.identify(who.user, traits);
      await analytics.track("Order Completed", ORDER);
      await analytics.group(who.account, ACCOUNT);
      await analytics.alias(who.user, who.older);
    }, given);
    await delivered(proxy, 6);
    const paths = new Set(proxy.collected.map(({ path }) => path));
    assert.deepEqual(
      [...paths].sort(),
      batching ? ["/v1/b"] : ["/v1/a", "/v1/g", "/v1/i", "/v1/p", "/v1/t"],
    );
    const person = await assertStored(desk.api, proxy, who);
    assertOnePerson(person);
    assert.ok(person.identifiers.some(({ namespace }) => namespace === "anonymous_id"));
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
    const who = customer(`segment-next-${name.replaceAll(" ", "-")}`);
    const proxy = await desk.proxy();
    const visit = await load(proxy);
    await visit.page.evaluate((user) => window.analytics.identify(user), who.user);
    await delivered(proxy, 1);
    breakIt(proxy);
    await visit.page.evaluate(
      (order) => void window.analytics.track("Order Completed", order),
      ORDER,
    );
    await delivered(proxy, 2);
    await assertDeliveredOnce(desk.api, proxy, who, { status, orders: 1 });
    await visit.close();
  });
}

test("a second customer on the same browser is another person", async () => {
  const [first, second] = [customer("segment-next-first"), customer("segment-next-second")];
  const proxy = await desk.proxy();
  const visit = await load(proxy);
  await visit.page.evaluate(
    async ([one, two]) => {
      await window.analytics.identify(one);
      await window.analytics.track("Wallet Opened");
      await window.analytics.identify(two);
      await window.analytics.track("Wallet Opened");
    },
    [first.user, second.user],
  );
  await delivered(proxy, 4);
  await desk.api.settled();
  const one = await desk.api.personOf(`user_id:${first.user}`);
  const two = await desk.api.personOf(`user_id:${second.user}`);
  assert.notEqual(one.person_id, two.person_id);
  assert.deepEqual([one.event_count, two.event_count], [2, 2]);
  await visit.close();
});
