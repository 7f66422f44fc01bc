/** Unmodified @segment/analytics-node against a running server. */

import { after, before, test } from "node:test";
import { Analytics } from "@segment/analytics-node";
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

function client(proxy) {
  return new Analytics({ writeKey: desk.writeKey, host: proxy.url, flushInterval: 100 });
}

test("every call arrives, as one person", async () => {
  const who = customer("segment-node");
  const proxy = await desk.proxy();
  const analytics = client(proxy);
  const anonymousId = who.anonymous;
  analytics.page({ anonymousId, name: "Boots", properties: { aisle: "7" } });
  analytics.track({ anonymousId, event: "Product Viewed", properties: VIEWED });
  analytics.identify({ userId: who.user, anonymousId, traits: { ...TRAITS, email: who.email } });
  analytics.track({ userId: who.user, event: "Order Completed", properties: ORDER });
  analytics.group({ userId: who.user, groupId: who.account, traits: ACCOUNT });
  analytics.track({ anonymousId: who.older, event: "Newsletter Opened" });
  analytics.alias({ previousId: who.older, userId: who.user });
  await analytics.closeAndFlush();
  await delivered(proxy, 7);
  assertOnePerson(await assertStored(desk.api, proxy, who));
  await assertResendChangesNothing(desk.api, proxy, who);
});

for (const [name, breakIt, status] of [
  ["a 503", (proxy) => proxy.refuseNext(503), 503],
  ["a 429 with Retry-After", (proxy) => proxy.refuseNext(429, { "retry-after": "1" }), 429],
  ["a lost answer", (proxy) => proxy.loseNextAnswer(), 503],
]) {
  test(`after ${name}, each event counts once`, async () => {
    const who = customer(`segment-node-${name.replaceAll(" ", "-")}`);
    const proxy = await desk.proxy();
    breakIt(proxy);
    const analytics = client(proxy);
    analytics.track({ userId: who.user, event: "Order Completed", properties: ORDER });
    await analytics.closeAndFlush();
    await delivered(proxy, 1);
    await assertDeliveredOnce(desk.api, proxy, who, { status, orders: 1 });
  });
}
