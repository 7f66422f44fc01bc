/** The tag on a site of another origin: no preflight, strict policy, and what it keeps. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertNoViolations, launchBrowser, openVisit } from "../harness/browser.js";
import { eventually } from "../harness/eventually.js";
import { serve, WRITE_KEY } from "../harness/kith.js";
import { startProxy } from "../harness/proxy.js";
import { servePages } from "../harness/site.js";

const STUB = "window.kith = window.kith || function () { (kith.q = kith.q || []).push(arguments) }";
const PATIENCE = { within: 15_000 };

let kith;
let browser;
let proxy;
let site;
before(async () => {
  [kith, browser] = await Promise.all([serve(), launchBrowser()]);
  proxy = await startProxy(kith.url);
  site = await servePages({
    head: `<script src="/client.js"></script><script async src="${proxy.url}/tag/${WRITE_KEY}.js"></script>`,
    body: '<main><h1>Shop</h1><div id="banner">Hello</div></main>',
    script: STUB,
    policy: `default-src 'none'; script-src 'self' ${proxy.url}; connect-src ${proxy.url}`,
  });
  await kith.api.ask("/definitions/placement/banner", {
    method: "PUT",
    body: {
      name: "Banner",
      spec: { type: "offers", limit: 1, fallback: { content: { text: "Welcome" } } },
    },
  });
  for (const [id, priority, when, text] of [
    ["anyone", 1, "", "Good day"],
    ["known", 9, 'identifier("user_id") exists', "Good day, friend"],
  ]) {
    const spec = { placements: ["banner"], priority, when, content: { text } };
    await kith.api.ask(`/definitions/offer/${id}`, { method: "PUT", body: { name: id, spec } });
  }
  const source = await kith.api.admin("/definitions/source/website");
  const { name, spec } = source.json;
  const tag = {
    ...spec.tag,
    consent: { ...spec.tag.consent, default: "granted" },
    placements: [{ placement: "banner", selector: "#banner", mode: "text" }],
    // A busy machine must not make the page show its own content instead.
    hide_timeout_ms: 5000,
  };
  await kith.api.ask("/definitions/source/website", {
    method: "PUT",
    headers: { "if-match": source.headers.get("etag") },
    // The cookie of the server is for listed sites only.
    body: { name, spec: { ...spec, origins: [site.url], tag } },
  });
});
after(async () => {
  await browser?.close();
  site?.close();
  proxy?.close();
  await kith?.stop();
});

async function open(options) {
  proxy.clear();
  const visit = await openVisit(browser, options);
  await visit.page.goto(`${site.url}/start?utm_source=letter&gclid=abc123`);
  await visit.page.waitForFunction(
    () => window.kith.q === undefined && typeof window.kith.start === "function",
  );
  return visit;
}

const kept = (page) =>
  page.evaluate(() => ({
    cookies: document.cookie,
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
  }));

const sent = (name) => proxy.events().find(({ type, event }) => (event ?? type) === name);

test("events, log-in and decisions cross origins without a preflight", async () => {
  const visit = await open();
  // The best offer for somebody of whom nothing is known but this page view, not the fallback.
  await visit.page.getByText("Good day", { exact: true }).waitFor();
  const view = await eventually("the page view is sent", () => sent("page"), PATIENCE);
  await kith.api.event(view.messageId);
  await visit.page.goto(`${site.url}/again`);
  await visit.page.getByText("Good day", { exact: true }).waitFor();
  await visit.page.evaluate(() => {
    window.kith("track", "Product Viewed", { product_id: "fell-boot", price: 189 });
    window.kith("identify", "tag-user", { email: "tag@example.com" });
  });
  await eventually(
    "all is sent",
    () => sent("identify") && sent("Product Viewed") && sent("page"),
    PATIENCE,
  );
  await visit.page.goto(`${site.url}/next`);
  await visit.page.getByText("Good day, friend").waitFor();
  const person = await eventually("the person is known", () =>
    kith.api.personOf("user_id:tag-user"),
  );
  for (const name of ["page", "Product Viewed", "identify"]) {
    assert.equal((await kith.api.event(sent(name).messageId)).person_id, person.person_id, name);
  }
  assert.equal(person.features.first_campaign_source, "letter");
  await eventually("the view of the decision is recorded", () => sent("Decision Viewed"), PATIENCE);
  assert.deepEqual(
    proxy.requests.filter(({ method }) => method === "OPTIONS"),
    [],
  );
  const cookies = await visit.context.cookies(proxy.url);
  const server = cookies.find(({ name }) => name === "kith_id");
  assert.ok(server?.httpOnly, "the server's own cookie");
  assert.deepEqual(visit.complaints, []);
  await assertNoViolations(visit.page);
  await visit.close();
});

test("under Global Privacy Control nothing is stored", async () => {
  const visit = await open({ gpc: true });
  await visit.page.getByText("Welcome", { exact: true }).waitFor();
  await visit.page.evaluate(() =>
    window.kith("track", "Product Viewed", { product_id: "fell-boot" }),
  );
  await eventually("the event is sent", () => sent("Product Viewed"), PATIENCE);
  const { cookies, local, session } = await kept(visit.page);
  assert.deepEqual([cookies, local, session], ["", [], []]);
  assert.deepEqual(await visit.context.cookies(), []);
  assert.ok(
    !JSON.stringify(sent("page")).includes("abc123"),
    "the advertiser's click id is cut off",
  );
  assert.deepEqual(visit.complaints, []);
  await visit.close();
});

test("a choice against it is kept, and ends everything else", async () => {
  const visit = await open();
  await eventually("the page view is sent", () => sent("page"), PATIENCE);
  await visit.page.evaluate(() =>
    window.kith("consent", { analytics: false, personalization: false, marketing: false }),
  );
  await eventually("the choice is sent", () => sent("Consent Updated"), PATIENCE);
  const { cookies, local } = await kept(visit.page);
  assert.match(cookies, /^kith_consent=[^;]*$/);
  assert.deepEqual(local, ["kith_consent"]);
  await eventually("the server's cookie is gone", async () =>
    (await visit.context.cookies(proxy.url)).every(({ name }) => name !== "kith_id"),
  );
  const stored = await kith.api.event(sent("Consent Updated").messageId);
  const person = await kith.api.ask(`/persons/${stored.person_id}`);
  assert.equal(person.consents.analytics.granted, false);
  await visit.close();
});

test("a server in trouble: events wait, and count once", async () => {
  const visit = await open();
  await eventually("the page view is sent", () => sent("page"), PATIENCE);
  proxy.refuseNext(503);
  await visit.page.evaluate(() =>
    window.kith("track", "Order Completed", { order_id: "T-1", revenue: 10, currency: "EUR" }),
  );
  const order = await eventually("the order is sent", () => sent("Order Completed"), PATIENCE);
  const stored = await kith.api.event(order.messageId, PATIENCE);
  assert.ok(proxy.collected.some(({ status }) => status === 503));
  await kith.api.settled();
  const person = await kith.api.ask(`/persons/${stored.person_id}`);
  assert.equal(person.features.purchase_count, 1);
  await visit.close();
});
