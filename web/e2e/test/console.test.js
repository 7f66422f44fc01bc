/** What people come to the console for, on a server that nobody has used before. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { track } from "../harness/api.js";
import { launchBrowser } from "../harness/browser.js";
import { eventually } from "../harness/eventually.js";
import { serve } from "../harness/kith.js";
import { openOffice } from "../harness/office.js";

const EMAIL = "ada@example.com";
const PASSWORD = "a quiet river at noon";
/** From the answer of the server to what the eye sees. */
const LIVE_MS = 5_000;

let kith;
let browser;
let office;
before(async () => {
  [kith, browser] = await Promise.all([serve(), launchBrowser()]);
  office = await openOffice(browser, kith);
});
after(async () => {
  await browser?.close();
  await kith?.stop();
});

test("first run: the first administrator is made once, and lands on Install", async () => {
  const { page } = office;
  await office.go("/", "Set up Kith");
  await office.inspect("set-up");
  await page.getByLabel("Your name").fill("Ada");
  await page.getByLabel("E-mail").fill(EMAIL);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create administrator" }).click();
  await office.settled("Install");
  const again = await kith.api.request("/api/v1/setup", {
    method: "POST",
    headers: { "content-type": "application/json", "x-kith-console": "1" },
    body: JSON.stringify({ name: "Eve", email: "eve@example.com", password: PASSWORD }),
  });
  assert.ok(again.status >= 400, "nobody else becomes the first");
});

test("install: a source, a key, and the first event shows by itself", async () => {
  const { page } = office;
  await office.go("/install", "Install");
  await page.getByRole("button", { name: "New source" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Winter site");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByRole("button", { name: "Create a key" }).click();
  await page.getByText("cannot be shown again").waitFor();
  const snippet = await page.getByRole("group", { name: "Snippet for Kith tag" }).textContent();
  const [, key] = snippet.match(/\/tag\/(c[0-9a-z]{24})\.js/);
  assert.equal(
    (await kith.api.request(`/tag/${key}.js`)).status,
    200,
    "the snippet's script is there",
  );
  await page.getByText("Listening for an event from Winter site").waitFor();
  await page.getByRole("button", { name: "Send a test event" }).click();
  await page.getByText("Your first event is here").waitFor();
  await office.inspect("install-arrived");
  await page.getByRole("link", { name: "Open the person" }).click();
  await page.getByRole("tab", { name: "Timeline" }).waitFor();
});

test("signed out, and in again", async () => {
  const { page } = office;
  await office.context.clearCookies();
  await office.go("/", "Sign in");
  await office.inspect("sign-in");
  await page.getByLabel("E-mail").fill(EMAIL);
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").first().waitFor();
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await office.settled("Home");
});

test("live events: one that is sent now shows within a moment", async () => {
  const { page } = office;
  await office.go("/events", "Live events");
  await page.getByText("Following").waitFor();
  const event = track("Balloon Released", { userId: "live-1" });
  await kith.api.collect({ batch: [event] });
  await page
    .locator("[data-row]", { hasText: "Balloon Released" })
    .first()
    .waitFor({ timeout: LIVE_MS });
  await page.locator("[data-row]", { hasText: "Balloon Released" }).first().click();
  const drawer = page.getByRole("dialog", { name: "Event" });
  await drawer.getByText("Resolved to a person").waitFor();
  await drawer.getByText(event.messageId).first().waitFor();
});

test("rejected: the reason at once, told again beside the text, and gone once corrected", async () => {
  const { page } = office;
  await office.go("/events?tab=rejected", "Live events");
  const { messageId, ...nameless } = track("x", { userId: "redriven-1", event: undefined });
  await kith.api.collect({
    batch: [{ ...nameless, messageId }, track("Fine", { userId: "redriven-1" })],
  });
  const row = page.locator("[data-row]").first();
  await row
    .getByText("missing-event-name")
    .or(page.getByText("missing-event-name").first())
    .first()
    .waitFor();
  await row.click();
  const drawer = page.getByRole("dialog", { name: "Rejected event" });
  await drawer.getByText("needs its name").waitFor();
  await drawer.getByText(messageId).first().waitFor();
  await office.inspect("rejected-event");
  await drawer.getByRole("button", { name: "Send again" }).click();
  await drawer.getByRole("alert").getByText("needs its name").waitFor();
  const editor = drawer.getByLabel("Correct and send again");
  const corrected = { ...JSON.parse(await editor.inputValue()), event: "Balloon Found" };
  await editor.fill(JSON.stringify(corrected));
  await drawer.getByRole("button", { name: "Send again" }).click();
  await drawer.getByText("has a place in the log").waitFor();
  assert.equal((await kith.api.event(messageId)).name, "Balloon Found");
});

test("an offer: made with a live preview as a chosen person, and decided at once", async () => {
  const { page } = office;
  await kith.api.ask("/definitions/placement/home_hero", {
    method: "PUT",
    body: { name: "Home hero", spec: { type: "offers", limit: 1 } },
  });
  await kith.api.collect({
    batch: [
      {
        type: "identify",
        messageId: `fan-${Date.now()}`,
        userId: "fan-1",
        traits: { name: "Fay Fan", plan: "pro" },
      },
      track("Product Viewed", { userId: "fan-1", properties: { product_id: "a" } }),
    ],
  });
  await kith.api.settled();
  await office.go("/offers/new", "New offer");
  await page.getByLabel("Name", { exact: true }).fill("For fans");
  await page
    .getByRole("combobox", { name: "Placements" })
    .or(page.getByLabel("Placements"))
    .first()
    .fill("home_hero");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  const rule = page.getByLabel("Who may see it");
  await rule.fill("feature.product_view_count >= 1");
  await page
    .getByText(/line 1, column 1/)
    .first()
    .waitFor();
  await rule.fill("features.product_view_count >= 1");
  await page.getByText("The rule is understood").waitFor();
  await page.getByText("Fallback: nothing else fits").waitFor();
  await page.getByRole("button", { name: "Preview as" }).click();
  await page.getByPlaceholder("Search by e-mail, id or name").fill("fan-1");
  await page.getByRole("option", { name: /Fay Fan/ }).click();
  await page.getByText("This offer is shown").waitFor();
  await page.getByLabel("Title", { exact: true }).fill("Hello, fan");
  await page.getByText("Hello, fan").first().waitFor();
  await office.inspect("offer-preview");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.waitForURL(/offers\/for_fans/);
  await office.settled("For fans");
  const decided = await kith.api.collect(
    { placements: ["home_hero"], identifiers: { user_id: "fan-1" } },
    { path: "/v1/decide" },
  );
  assert.equal(decided.json.decisions[0].choices[0].id, "for_fans");
  assert.equal(decided.json.decisions[0].choices[0].content.title, "Hello, fan");
});

test("a source and its keys: the new key works, the deleted one does not", async () => {
  const { page } = office;
  await office.go("/sources/winter_site", "Winter site");
  await page.getByRole("button", { name: "Create a key" }).click();
  await page.getByText("cannot be shown again").waitFor();
  const key = await page
    .locator("main code")
    .getByText(/^c[0-9a-z]{24}$/)
    .textContent();
  const send = () =>
    kith.api.request(`/v1/track?writeKey=${key}`, {
      method: "POST",
      body: JSON.stringify(track("Hi", { userId: "k" })),
    });
  assert.equal((await send()).status, 200);
  await page.getByRole("button", { name: `Delete the key ${key.slice(0, 5)}…` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete key" }).click();
  await page
    .getByRole("cell", { name: `${key.slice(0, 5)}…`, exact: true })
    .waitFor({ state: "detached" });
  await eventually("the key is refused", async () => (await send()).status === 401);
});

test("secret keys: shown once, works, deleted", async () => {
  const { page } = office;
  await office.go("/settings", "Settings");
  await page.getByRole("button", { name: "New secret key" }).click();
  await page.getByLabel("Name", { exact: true }).fill("reports");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  const secret = await page.getByRole("dialog").getByText(/^ksk_/).textContent();
  const ask = () =>
    kith.api.request("/api/v1/overview", { headers: { authorization: `Bearer ${secret}` } });
  assert.equal((await ask()).status, 200);
  await page.getByRole("button", { name: "I have copied it" }).click();
  await page.getByRole("button", { name: "Delete the key reports" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete key" }).click();
  await page.getByRole("cell", { name: "reports", exact: true }).waitFor({ state: "detached" });
  assert.equal((await ask()).status, 401);
});

test("catalog: 5,000 items, found by title, brand and id", async () => {
  const { page } = office;
  const items = Array.from({ length: 5_000 }, (_, n) => ({
    item_id: `thing-${n}`,
    title: n === 4_321 ? "Copper Kettle" : `Thing number ${n}`,
    url: `/p/${n}`,
    price: "19.90",
    currency: "EUR",
    categories: ["kitchen"],
    brand: n % 2 ? "Odd" : "Even",
    available: true,
  }));
  const { accepted } = await kith.api.ask("/catalog/items", { method: "POST", body: items });
  assert.equal(accepted, 5_000);
  await office.go("/catalog", "Catalog");
  const search = page.getByRole("searchbox");
  for (const words of ["copper", "thing-4321"]) {
    await search.fill(words);
    await page.waitForURL(new RegExp(`q=${words}`));
    await page.locator("[data-row]", { hasText: "Copper Kettle" }).first().waitFor();
  }
  await page.locator("[data-row]", { hasText: "Copper Kettle" }).first().click();
  const drawer = page.getByRole("dialog");
  await drawer.getByLabel("Price").fill("29.90");
  await drawer.getByRole("button", { name: "Save item" }).click();
  await drawer.waitFor({ state: "detached" });
  assert.equal((await kith.api.ask("/catalog/items/thing-4321")).price, "29.90");
});

/** Scrolls a table to its end, again and again, until it has so many rows. */
async function reachEnd(page, name, rows) {
  const table = page.getByRole("table", { name });
  await table.waitFor();
  await eventually(
    `${name}: ${rows} rows`,
    async () => {
      await table.evaluate((one) => one.parentElement.scrollTo(0, one.scrollHeight));
      return Number(await table.getAttribute("aria-rowcount")) >= rows;
    },
    { within: 60_000 },
  );
  await table.evaluate((one) => one.parentElement.scrollTo(0, one.scrollHeight));
  const last = Number(await table.getAttribute("aria-rowcount")) - 2;
  await page.locator(`[data-row="${last}"]`).waitFor();
}

test("profiles and members: 5,000 rows, down to the last one", async () => {
  const { page } = office;
  const users = Array.from({ length: 5_000 }, (_, n) => `crowd-${n}`);
  for (let start = 0; start < users.length; start += 1_000) {
    const batch = users.slice(start, start + 1_000).map((userId) => ({ type: "identify", userId }));
    const answer = await kith.api.collect({ batch });
    assert.equal(answer.status, 200, answer.text);
  }
  await kith.api.settled();
  await kith.api.ask("/definitions/audience/crowd", {
    method: "PUT",
    body: { name: "Crowd", spec: { type: "list" } },
  });
  const members = users.map((user) => `user_id:${user}`);
  await kith.api.ask("/audiences/crowd/members", { method: "POST", body: members });
  await office.go("/profiles", "Profiles");
  await reachEnd(page, "People", 5_001);
  await office.inspect("profiles-5000");
  await office.go("/audiences/crowd", "Crowd");
  await reachEnd(page, "Members", 5_001);
  await office.inspect("members-5000");
});

test("and no complaint of the browser all along", () => office.leave());
