/** Unmodified @rudderstack/rudder-sdk-node against a running server. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import RudderAnalytics from "@rudderstack/rudder-sdk-node";
import { openDesk } from "../harness/desk.js";
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

let desk;
before(async () => (desk = await openDesk()));
after(() => desk?.close());

function client(proxy, options = {}) {
  return new RudderAnalytics(desk.writeKey, {
    dataPlaneUrl: proxy.url,
    logLevel: "silent",
    ...options,
  });
}

for (const gzip of [true, false]) {
  test(`every call arrives, as one person; gzip ${gzip}`, async () => {
    const who = customer(`rudder-node-${gzip}`);
    const proxy = await desk.proxy();
    const analytics = client(proxy, { gzip, flushAt: 4 });
    const anonymousId = who.anonymous;
    analytics.page({ anonymousId, name: "Boots", properties: { aisle: "7" } });
    analytics.track({ anonymousId, event: "Product Viewed", properties: VIEWED });
    analytics.identify({ userId: who.user, anonymousId, traits: { ...TRAITS, email: who.email } });
    analytics.track({ userId: who.user, event: "Order Completed", properties: ORDER });
    analytics.group({ userId: who.user, groupId: who.account, traits: ACCOUNT });
    analytics.track({ anonymousId: who.older, event: "Newsletter Opened" });
    analytics.alias({ previousId: who.older, userId: who.user });
    await analytics.flush();
    await delivered(proxy, 7);
    assert.ok(proxy.collected.every((request) => request.gzipped === gzip));
    assertOnePerson(await assertStored(desk.api, proxy, who));
    await assertResendChangesNothing(desk.api, proxy, who);
  });
}

for (const [name, breakIt, status] of [
  ["a 503", (proxy) => proxy.refuseNext(503), 503],
  ["a 429 with Retry-After", (proxy) => proxy.refuseNext(429, { "retry-after": "1" }), 429],
  ["a lost answer", (proxy) => proxy.loseNextAnswer(), 503],
]) {
  test(`after ${name}, each event counts once`, async () => {
    const who = customer(`rudder-node-${name.replaceAll(" ", "-")}`);
    const proxy = await desk.proxy();
    breakIt(proxy);
    const analytics = client(proxy);
    analytics.track({ userId: who.user, event: "Order Completed", properties: ORDER });
    await analytics.flush();
    await delivered(proxy, 1);
    await assertDeliveredOnce(desk.api, proxy, who, { status, orders: 1 });
  });
}
