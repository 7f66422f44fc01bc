/** Unmodified segment-analytics-python against a running server. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openDesk } from "../harness/desk.js";
import { installPython, runPython } from "../harness/python.js";
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
let python;
before(async () => {
  python = await installPython();
  desk = await openDesk();
});
after(() => desk?.close());

function run(proxy, calls, { gzip = false } = {}) {
  return runPython(python, { write_key: desk.writeKey, host: proxy.url, gzip, calls });
}

for (const gzip of [true, false]) {
  test(`every call arrives, as one person; gzip ${gzip}`, async () => {
    const who = customer(`python-${gzip}`);
    const proxy = await desk.proxy();
    const anonymous_id = who.anonymous;
    const user_id = who.user;
    const calls = [
      ["page", { anonymous_id, name: "Boots", properties: { aisle: "7" } }],
      ["track", { anonymous_id, event: "Product Viewed", properties: VIEWED }],
      ["identify", { user_id, anonymous_id, traits: { ...TRAITS, email: who.email } }],
      ["track", { user_id, event: "Order Completed", properties: ORDER }],
      ["group", { user_id, group_id: who.account, traits: ACCOUNT }],
      ["track", { anonymous_id: who.older, event: "Newsletter Opened" }],
      ["alias", { previous_id: who.older, user_id }],
    ];
    await run(proxy, calls, { gzip });
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
    const who = customer(`python-${name.replaceAll(" ", "-")}`);
    const proxy = await desk.proxy();
    breakIt(proxy);
    await run(proxy, [
      ["track", { user_id: who.user, event: "Order Completed", properties: ORDER }],
    ]);
    await delivered(proxy, 1);
    await assertDeliveredOnce(desk.api, proxy, who, { status, orders: 1 });
  });
}
