import { expect, test } from "vitest";
import { openPage } from "./browser.js";

test("loading defines kith, replays the stub's queue and starts", async () => {
  const page = await openPage({
    before: `
      kith("track", "Early", { a: 1 });
      kith("ready", (person) => (window.readyWith = person.anonymous_id));
      kith("on", "event", (event) => (window.heard = (window.heard || []).concat(event.type)));`,
  });
  await page.after(2_000);
  expect(page.names()).toEqual(["page", "Early"]);
  expect(page.window.readyWith).toBe(page.events()[0].anonymousId);
  page.kith("track", "Late");
  await page.settle();
  expect(page.window.heard).toEqual(["track"]);
  page.kith("start", { write_key: "other" });
  await page.after(2_000);
  expect(page.names()).toEqual(["page", "Early", "Late"]);
});

test("one batch in plain text with the key in the query needs no preflight", async () => {
  const page = await openPage();
  for (let count = 0; count < 9; count++) page.kith("track", "A");
  await page.settle();
  const [request] = page.requests.filter(({ path }) => path === "/v1/batch");
  expect(request.search).toBe(`?writeKey=${"c".repeat(25)}`);
  expect(request.init).toEqual({ method: "POST", keepalive: true, body: expect.any(String) });
  expect(request.body).toEqual({ batch: expect.any(Array), sentAt: expect.any(String) });
  expect(request.body.batch).toHaveLength(10);
});

test("the server's wish to wait is kept, with the same message ids after it", async () => {
  const page = await openPage({
    config: { page_views: false },
    answers: { batch: { status: 429, headers: { "Retry-After": "7" } } },
  });
  page.kith("track", "A");
  await page.after(2_000);
  await page.after(6_999);
  expect(page.bodies("batch")).toHaveLength(1);
  page.answers.batch = undefined;
  await page.after(1);
  const [first, second] = page.events();
  expect(second.messageId).toBe(first.messageId);
  await page.after(600_000);
  expect(page.bodies("batch")).toHaveLength(2);
});

test("no network is retried, a refusal is not", async () => {
  const page = await openPage({ answers: { batch: () => new Error("offline") } });
  await page.after(2_000);
  expect(page.bodies("batch")).toHaveLength(1);
  await page.after(1_000);
  expect(page.bodies("batch")).toHaveLength(2);
  page.answers.batch = { status: 401 };
  await page.after(600_000);
  expect(page.bodies("batch")).toHaveLength(3);
});

test("a page that closes hands over its queue once", async () => {
  const page = await openPage();
  page.kith("track", "A");
  await page.leave();
  page.window.dispatchEvent(new page.window.Event("pagehide"));
  expect(page.beacons).toHaveLength(1);
  expect(page.names()).toEqual(["page", "A"]);
  await page.after(10_000);
  expect(page.bodies("batch")).toHaveLength(0);
});

test("what a closed page could not send, the next one does", async () => {
  const answers = { batch: { status: 503 } };
  const page = await openPage({ answers, beacon: false });
  page.kith("track", "A", { name: "ü" });
  await page.after(2_000);
  await page.leave();
  const [id] = page.events().map((event) => event.messageId);
  const next = await openPage({ storage: page.stored(), config: { page_views: false } });
  await next.after(2_000);
  expect(next.names()).toEqual(["page", "A"]);
  expect(next.events()[0].messageId).toBe(id);
  expect(Object.keys(next.stored())).toEqual(["kith_ids"]);
});

test("events keep what they were given, whatever the page does to it afterwards", async () => {
  const page = await openPage({ config: { page_views: false } });
  page.run(`const cart = { items: [1] }; kith("track", "A", cart); cart.items.push(2)`);
  await page.after(2_000);
  expect(page.events()[0].properties).toEqual({ items: [1] });
});

test("every listener hears events in the order they happened", async () => {
  const page = await openPage({ config: { page_views: false } });
  const heard = [];
  page.kith("on", "event", ({ event }) => event === "A" && page.kith("track", "B"));
  page.kith("on", "event", ({ event }) => heard.push(event));
  page.kith("track", "A");
  expect(heard).toEqual(["A", "B"]);
});

test("mistakes of the page are reported and break nothing", async () => {
  const page = await openPage({ config: { page_views: false } });
  page.run(`const loop = {}; loop.loop = loop; kith("track", "A", loop)`);
  page.kith("trak", "B");
  page.kith("on", "event", () => {
    throw new Error("listener");
  });
  page.kith("track", "C");
  await page.after(2_000);
  expect(page.names()).toEqual(["C"]);
  expect(page.errors).toHaveLength(3);
});
