/** Input that is wrong in every way: a clear answer, the good part kept, the process alive. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, beforeEach, test } from "node:test";
import { gzipSync } from "node:zlib";
import { track } from "../harness/api.js";
import { eventually } from "../harness/eventually.js";
import { serve } from "../harness/kith.js";

let kith;
let api;
before(async () => {
  kith = await serve();
  api = kith.api;
});
after(() => kith?.stop());
beforeEach(() => assert.ok(kith.process.alive, kith.process.output));

const MEBIBYTE = 1024 * 1024;

/** The answer says what is wrong, where, and what to do. */
function assertRefused({ status, json, text }, expected) {
  assert.equal(status, expected.status, text);
  assert.equal(json.success, false);
  assert.equal(json.code, expected.code, text);
  assert.match(json.message, expected.message);
  if (expected.field) assert.equal(json.field, expected.field, text);
}

/** All of the batch but one was taken; that one is told with its place, and kept for re-driving. */
async function assertKept(answer, good, { index, code, message }) {
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.success, true);
  const told = answer.json.errors.map((error) => [error.index, error.code]);
  assert.deepEqual(told, [[index, code]], answer.text);
  assert.match(answer.json.errors[0].message, message);
  for (const { messageId } of good) await api.event(messageId);
  const newest = await eventually(`the rejected ${code}`, async () => {
    const { items } = await api.ask("/rejected-events?limit=1");
    return items[0]?.code === code && items[0];
  });
  assert.equal(newest.state, "open");
}

test("truncated JSON: the events before the cut are kept", async () => {
  const good = [track("A", { userId: "cut" }), track("B", { userId: "cut" })];
  const cut = JSON.stringify({ batch: [...good, track("C", { userId: "cut" })] }).slice(0, -20);
  await assertKept(await api.collect(cut), good, {
    index: 2,
    code: "truncated-json",
    message: /send it again whole/,
  });
});

test("nothing but a fragment is turned away", async () => {
  assertRefused(await api.collect('{"type":"tra'), {
    status: 400,
    code: "truncated-json",
    message: /ends before/,
  });
  assertRefused(await api.collect(""), { status: 400, code: "empty-body", message: /./ });
});

test("JSON nested 100,000 deep costs one event and no stack", async () => {
  const good = track("A", { userId: "deep" });
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  const batch = `{"batch":[${JSON.stringify(good)},{"type":"track","event":"B","userId":"deep","properties":{"x":${deep}}}]}`;
  const answer = await api.collect(batch);
  assert.ok(
    ["event-too-deep", "event-too-large"].includes(answer.json.errors[0].code),
    answer.text,
  );
  await assertKept(answer, [good], {
    index: 1,
    code: answer.json.errors[0].code,
    message: /limit is/,
  });
});

test("nested 70 deep is beyond the limit and says by how much", async () => {
  const good = track("A", { userId: "deep-70" });
  const properties = JSON.parse('{"x":'.repeat(70) + "1" + "}".repeat(70));
  const answer = await api.collect({
    batch: [good, track("B", { userId: "deep-70", properties })],
  });
  await assertKept(answer, [good], {
    index: 1,
    code: "event-too-deep",
    message: /\d+ levels deep.*limit is \d+.*flatten/,
  });
});

test("invalid UTF-8 costs the event that holds it", async () => {
  const good = track("A", { userId: "utf8" });
  const bad = Buffer.from(
    JSON.stringify(track("B", { userId: "utf8", properties: { name: "caf@" } })),
  );
  bad[bad.indexOf("@")] = 0xe9;
  const body = Buffer.concat([
    Buffer.from(`{"batch":[${JSON.stringify(good)},`),
    bad,
    Buffer.from("]}"),
  ]);
  const { json, status, text } = await api.collect(body);
  assert.equal(status, 200, text);
  await api.event(good.messageId);
  const told = [...(json.errors ?? []), ...(json.warnings ?? [])].map(({ index, code }) => [
    index,
    code,
  ]);
  assert.deepEqual(told, [[1, "invalid-utf8"]], text);
});

test("a lone surrogate does not cost the event", async () => {
  const { messageId, ...rest } = track("A", { userId: "surrogate" });
  const body = JSON.stringify({
    batch: [{ ...rest, messageId, properties: { name: "broken @ emoji" } }],
  });
  const answer = await api.collect(body.replace("@", "\\ud83d"));
  assert.equal(answer.status, 200, answer.text);
  const { properties } = await api.event(messageId);
  assert.equal(properties.name, "broken \ufffd emoji");
});

test("a body of 10 MB is turned away by its size", async () => {
  const body = JSON.stringify({
    batch: [track("A", { userId: "big", properties: { x: "x".repeat(10_000_000) } })],
  });
  assertRefused(await api.collect(body), {
    status: 413,
    code: "body-too-large",
    message: /\d+ bytes.*send fewer/,
  });
});

test("a body of 6 MB of good events is taken", async () => {
  const batch = Array.from({ length: 300 }, () =>
    track("A", { userId: "six", properties: { x: "x".repeat(20_000) } }),
  );
  const answer = await api.collect({ batch });
  assert.equal(answer.status, 200, answer.text);
  await api.event(batch.at(-1).messageId);
});

test("an event over the limit is set aside, its neighbours stay", async () => {
  const good = [track("A", { userId: "fat" }), track("C", { userId: "fat" })];
  const fat = track("B", { userId: "fat", properties: { x: "x".repeat(40_000) } });
  const answer = await api.collect({ batch: [good[0], fat, good[1]] });
  await assertKept(answer, good, {
    index: 1,
    code: "event-too-large",
    message: /\d+ bytes, the limit is 32768/,
  });
});

test("a gzip bomb is stopped", async () => {
  const bomb = gzipSync(Buffer.alloc(200 * MEBIBYTE, 0x20));
  assert.ok(bomb.length < MEBIBYTE);
  const answer = await api.collect(bomb, { headers: { "content-encoding": "gzip" } });
  assertRefused(answer, { status: 413, code: "body-too-large", message: /inflates to more than/ });
});

test("gzip that was cut keeps its whole events", async () => {
  const batch = Array.from({ length: 200 }, (_, n) =>
    track("A", { userId: "half", properties: { n, x: String(Math.random()) } }),
  );
  const whole = gzipSync(JSON.stringify({ batch }));
  const answer = await api.collect(whole.subarray(0, whole.length / 2), {
    headers: { "content-encoding": "gzip" },
  });
  assert.equal(answer.status, 200, answer.text);
  await api.event(batch[0].messageId);
});

test("what only looks compressed says so", async () => {
  const answer = await api.collect(Buffer.from([0x1f, 0x8b, 1, 2, 3, 4, 5, 6, 7, 8]));
  assertRefused(answer, { status: 400, code: "broken-compression", message: /cannot be inflated/ });
});

test("wrong keys, missing keys, keys of others", async () => {
  const body = JSON.stringify({ batch: [track("A", { userId: "key" })] });
  const send = (headers) => api.request("/v1/batch", { method: "POST", body, headers });
  const refused = { status: 401, message: /Sources page/, code: "unknown-write-key" };
  assertRefused(
    await send({ authorization: `Basic ${btoa("cwrong0000000000000000000:")}` }),
    refused,
  );
  assertRefused(await send({ "x-write-key": "x".repeat(5_000) }), {
    ...refused,
    code: "missing-write-key",
    message: /write key/,
  });
  assertRefused(await send({}), {
    ...refused,
    code: "missing-write-key",
    message: /Basic user, X-Write-Key/,
  });
  const admin = await api.request("/api/v1/overview", {
    headers: { authorization: "Bearer ksk_wrong" },
  });
  assert.equal(admin.status, 401);
  assert.equal(admin.headers.get("content-type"), "application/problem+json");
  const asWriteKey = await api.request("/api/v1/overview", {
    headers: { authorization: `Bearer ${api.writeKey}` },
  });
  assert.equal(asWriteKey.status, 401);
});

test("a batch of 1,000,001 events is turned away, by count or size", async () => {
  const bare = `{"type":"track","event":"A","userId":"u"}`;
  const many = `{"batch":[${Array(1_000_001).fill("1").join(",")}]}`;
  const answer = await api.collect(many);
  assertRefused(answer, {
    status: 413,
    code: "batch-too-large",
    message: /more than 10000 events: send it in smaller parts/,
  });
  const all = gzipSync(`{"batch":[${Array(1_000_001).fill(bare).join(",")}]}`);
  assertRefused(await api.collect(all), {
    status: 413,
    code: "body-too-large",
    message: /send fewer/,
  });
});

test("the year 9999 is kept, and not believed", async () => {
  for (const timestamp of ["9999-06-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"]) {
    const event = track("A", { userId: "future", timestamp });
    const answer = await api.collect({ batch: [event] });
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.json.warnings[0].message, /^timestamp is .*9999/);
    const stored = await api.event(event.messageId);
    assert.equal(stored.occurred_at, stored.received_at);
  }
  const person = await api.personOf("user_id:future");
  assert.ok(Date.parse(person.last_seen_at) < Date.now() + 60_000);
});

test("times that are none", async () => {
  for (const timestamp of ["yesterday", "2026-13-45", -1, {}, "0000-00-00T00:00:00Z"]) {
    const event = track("A", { userId: "time", timestamp });
    const answer = await api.collect({ batch: [event] });
    assert.equal(answer.status, 200, answer.text);
    await api.event(event.messageId);
  }
});

test("a name of 300 characters is refused with its length", async () => {
  const good = track("A", { userId: "name" });
  const answer = await api.collect({ batch: [track("x".repeat(300), { userId: "name" }), good] });
  await assertKept(answer, [good], {
    index: 0,
    code: "event-name-too-long",
    message: /300 characters, the limit is 200/,
  });
});

test('identifiers that are objects, null, "null", empty or [object Object] are nobody', async () => {
  const good = track("A", { anonymousId: "real-visitor" });
  for (const userId of [{ id: 7 }, [7], true, "null", "undefined", "[object Object]", "NaN"]) {
    const other = track("B", { userId });
    const answer = await api.collect({ batch: [other, good] });
    const code =
      typeof userId === "string" || userId === true
        ? "identifier-placeholder"
        : "identifier-not-text";
    await assertKept(answer, [good], { index: 0, code, message: /userId/ });
  }
  for (const userId of [null, "", "  "]) {
    const answer = await api.collect({ batch: [track("B", { userId }), good] });
    await assertKept(answer, [good], {
      index: 0,
      code: "no-identifier",
      message: /names nobody: set userId or anonymousId/,
    });
  }
});

test("a bad user id beside a good anonymous id: the event stays with the visitor", async () => {
  for (const [turn, userId] of [{ id: 7 }, "null", "[object Object]", "", null].entries()) {
    const event = track("A", { userId, anonymousId: `lonely-${turn}` });
    const answer = await api.collect({ batch: [event] });
    assert.equal(answer.status, 200, answer.text);
    const { identifiers } = await api.event(event.messageId);
    assert.deepEqual(identifiers, [{ namespace: "anonymous_id", value: `lonely-${turn}` }]);
  }
});

test("events that are no events", async () => {
  const good = track("A", { userId: "odd" });
  for (const [odd, code] of [
    [5, "not-an-object"],
    [[], "not-an-object"],
    [{ userId: "odd" }, "missing-type"],
    [{ type: "dance", userId: "odd" }, "unknown-type"],
    [{ type: "track", userId: "odd" }, "missing-event-name"],
    [{ type: "track", userId: "odd", event: {} }, "event-name-not-text"],
    [{ type: "alias", userId: "odd" }, "incomplete-alias"],
    [{ type: "group", userId: "odd" }, "missing-group-id"],
  ]) {
    await assertKept(await api.collect({ batch: [odd, good] }), [good], {
      index: 0,
      code,
      message: /./,
    });
  }
});

test("requests that are no requests do not disturb", async () => {
  const { port } = new URL(kith.url);
  for (const bytes of [
    "\0\x01\x02\r\n\r\n",
    "POST /v1/batch HTTP/1.1\r\ncontent-length: 50\r\n\r\n{",
    `GET /${"x".repeat(200_000)} HTTP/1.1\r\n\r\n`,
  ]) {
    const socket = connect(Number(port), "127.0.0.1");
    await once(socket, "connect");
    socket.on("error", () => undefined);
    socket.end(bytes);
    socket.resume();
    await once(socket, "close");
  }
  assert.equal((await api.request("/health")).status, 200);
});

test("definitions that are wrong say which field, and nothing is stored", async () => {
  const put = (kind, id, body) => api.admin(`/definitions/${kind}/${id}`, { method: "PUT", body });
  const offer = { placements: ["nowhere"], priority: 1, when: "", content: {} };
  const unknown = await put("offer", "lost", { name: "Lost", spec: offer });
  assert.equal(unknown.status, 422, unknown.text);
  assert.equal(unknown.headers.get("content-type"), "application/problem+json");
  assert.match(unknown.json.errors[0].field, /^spec\.placements/);
  assert.match(unknown.json.errors[0].message, /nowhere/);
  const placement = { type: "offers", limit: 1 };
  assert.ok(
    (await put("placement", "somewhere", { name: "Somewhere", spec: placement })).status < 300,
  );
  const rule = await put("offer", "lost", {
    name: "Lost",
    spec: { ...offer, placements: ["somewhere"], when: "features.purchase_count >" },
  });
  assert.equal(rule.status, 422, rule.text);
  assert.equal(rule.json.errors[0].field, "spec.when");
  assert.match(rule.json.errors[0].message, /line 1, column/);
  assert.equal((await api.admin("/definitions/offer/lost")).status, 404);
  const truncated = await api.admin("/definitions/offer/lost", { method: "PUT", body: '{"name":' });
  assert.equal(truncated.status, 400, truncated.text);
});

test("decide: bad calls are told, unknown placements do not cost the others", async () => {
  const decide = (body) => api.collect(body, { path: "/v1/decide" });
  assertRefused(await decide("{"), { status: 400, code: "invalid-json", message: /./ });
  assertRefused(await decide({ placements: [] }), {
    status: 400,
    code: "invalid-placements",
    field: "placements",
    message: /home_hero/,
  });
  assertRefused(await decide({ placements: Array(51).fill("x") }), {
    status: 400,
    code: "too-many-placements",
    message: /50/,
  });
  const { status, json } = await decide({
    placements: ["nowhere", "somewhere"],
    identifiers: { user_id: "[object Object]" },
  });
  assert.equal(status, 200);
  assert.equal(json.decisions[0].error.code, "unknown-placement");
  assert.equal(json.decisions[1].fallback, true);
});

test("after all that, the server still takes events and knows what it refused", async () => {
  await api.settled();
  const { rejected_open: open, position, applied_position: applied } = await api.ask("/overview");
  assert.ok(open >= 20);
  assert.equal(applied, position);
});
