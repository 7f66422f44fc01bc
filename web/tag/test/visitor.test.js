import { expect, test } from "vitest";
import { openPage } from "./browser.js";

const DENIED = { consent: { default: "denied" } };
const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
const ALL = { analytics: true, personalization: true, marketing: true };

function cookies(page) {
  return page.document.cookie;
}

test("a first visit makes an id, keeps it and lets the server set its cookie", async () => {
  const page = await openPage();
  const { anonymous_id } = page.kith("person");
  expect(anonymous_id).toMatch(UUID);
  expect(cookies(page)).toContain(anonymous_id);
  expect(page.stored().kith_ids).toContain(anonymous_id);
  expect(page.bodies("visitor")).toEqual([{ anonymous_id }]);
  expect(page.requests[0].init).toMatchObject({ credentials: "include" });
  const next = await openPage({ storage: page.stored() });
  expect(next.kith("person").anonymous_id).toBe(anonymous_id);
});

test("the server's cookie brings back a visitor whose browser forgot", async () => {
  const page = await openPage({ answers: { visitor: { json: { anonymous_id: "older" } } } });
  await page.after(2_000);
  expect(page.events()[0].anonymousId).toBe("older");
  expect(cookies(page)).toContain("older");
});

test("a server that cannot be asked delays nothing for long", async () => {
  for (const visitor of [{ status: 500 }, new Error("down"), () => new Promise(() => {})]) {
    const page = await openPage({ answers: { visitor } });
    await page.after(2_000);
    expect(page.names()).toEqual(["page"]);
  }
});

test("denied by default: no id anywhere, nothing sent, until the yes", async () => {
  const page = await openPage({ config: DENIED });
  page.kith("track", "A");
  await page.after(60_000);
  await page.leave();
  expect([cookies(page), page.stored(), page.requests, page.beacons]).toEqual(["", {}, [], []]);
  const { anonymous_id } = page.kith("person");
  page.kith("consent", ALL);
  await page.after(2_000);
  expect(page.names()).toEqual(["Consent Updated", "page", "A"]);
  expect(page.events()[0].properties).toEqual({ categories: ALL });
  expect(page.events().every((event) => event.anonymousId === anonymous_id)).toBe(true);
  expect(cookies(page)).toContain(anonymous_id);
  const next = await openPage({ config: DENIED, storage: page.stored() });
  await next.after(2_000);
  expect(next.names()).toEqual(["page"]);
});

test("a withdrawal clears the ids in the browser and on the server", async () => {
  const page = await openPage({ config: { page_views: false } });
  page.kith("identify", "42");
  await page.after(2_000);
  page.kith("consent", { analytics: false, personalization: false, marketing: false });
  await page.after(2_000);
  expect(page.names()).toEqual(["identify", "Consent Updated"]);
  expect(page.events()[1].userId).toBe("42");
  expect(page.bodies("visitor").at(-1)).toEqual({ reset: true });
  expect(Object.keys(page.stored())).toEqual(["kith_consent"]);
  expect(cookies(page)).not.toContain("kith_ids");
  expect(page.kith("person")).toMatchObject({ user_id: null, consent: { analytics: false } });
});

test.each([
  ["GPC", { gpc: true }],
  ["GPC as text", { gpc: "1" }],
  ["DNT", { dnt: "1" }],
])("%s: no id is stored, and only plain measurement is sent", async (_, signal) => {
  const page = await openPage({ ...signal, url: "https://shop.test/?gclid=x&b=1" });
  await page.after(2_000);
  expect(page.names()).toEqual(["page"]);
  expect(page.events()[0].context.page.url).toBe("https://shop.test/?b=1");
  expect([cookies(page), page.stored(), page.bodies("visitor")]).toEqual(["", {}, []]);
  expect(page.kith("person").consent).toEqual({ ...ALL, personalization: false, marketing: false });
  const waiting = await openPage({ ...signal, config: DENIED });
  await waiting.after(60_000);
  expect([cookies(waiting), waiting.stored(), waiting.requests]).toEqual(["", {}, []]);
});

test.each(["QuotaExceededError", "SecurityError"])("storage failing with %s", async (broken) => {
  const page = await openPage({ broken });
  page.kith("identify", "42");
  page.kith("consent", ALL);
  page.kith("reset");
  await page.after(2_000);
  expect(page.names()).toEqual(["page", "identify", "Consent Updated"]);
  expect(page.errors).toEqual([]);
});

test("what others wrote under the tag's keys is no id", async () => {
  const storage = { kith_ids: "{oops", kith_consent: "7", kith_queue_x: "[1,null,{}]" };
  const page = await openPage({ storage });
  await page.after(2_000);
  expect(page.names()).toEqual(["page"]);
  expect(page.kith("person").anonymous_id).toMatch(UUID);
});

test("the id travels on links to listed domains, and arrives once", async () => {
  const config = { link_domains: ["pay.test", "shop.test"], page_views: false };
  const html = `<a id="pay" href="https://pay.test/x?a=1">Pay</a>
    <a id="other" href="https://x.test/">X</a>`;
  const page = await openPage({ config, html });
  const { anonymous_id } = page.kith("person");
  await page.click("#pay");
  await page.click("#other");
  expect(page.element("#other").href).toBe("https://x.test/");
  const url = page.element("#pay").href;
  expect(url).toContain(`?a=1&kith_id=${anonymous_id}.`);
  const paying = await openPage({ config, url, referrer: "https://shop.test/" });
  expect(paying.kith("person").anonymous_id).toBe(anonymous_id);
  expect(paying.window.location.href).toBe("https://pay.test/x?a=1");
  const stranger = await openPage({ config, url, referrer: "https://evil.test/" });
  expect(stranger.kith("person").anonymous_id).not.toBe(anonymous_id);
  const refused = await openPage({ config: { ...config, ...DENIED }, html });
  await refused.click("#pay");
  expect(refused.element("#pay").href).toBe("https://pay.test/x?a=1");
});
