/** The main job: a visitor acts in the shop, is recognised, and the next page shows it. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  assertAccessible,
  assertNoViolations,
  launchBrowser,
  layoutShift,
  openVisit,
} from "../harness/browser.js";
import { eventually } from "../harness/eventually.js";
import { demo } from "../harness/kith.js";

const EMAIL = "wren@example.org";
const SHIFT_MAX = 0.01;

let kith;
let browser;
before(async () => {
  [kith, browser] = await Promise.all([demo(), launchBrowser()]);
  // A busy machine must not make the shop show its own content instead of what was decided.
  const source = await kith.api.admin("/definitions/source/demo_shop");
  const { name, spec } = source.json;
  await kith.api.ask("/definitions/source/demo_shop", {
    method: "PUT",
    headers: { "if-match": source.headers.get("etag") },
    body: { name, spec: { ...spec, tag: { ...spec.tag, hide_timeout_ms: 5000 } } },
  });
});
after(async () => {
  await browser?.close();
  await kith?.stop();
});

/** A visitor of the shop, which is served under a strict policy. */
async function visit(options) {
  const opened = await openVisit(browser, options);
  return Object.assign(opened, {
    async go(path) {
      const answer = await opened.page.goto(`${kith.url}/shop/${path}`);
      assert.match(
        answer.headers()["content-security-policy"],
        /^default-src 'none'; script-src 'self';/,
      );
    },
    async leave() {
      await assertNoViolations(opened.page);
      assert.deepEqual(opened.complaints, []);
      await opened.close();
    },
  });
}

const acceptAll = (page) => page.getByRole("button", { name: "Accept all" }).click();
const home = (page) => page.getByRole("link", { name: "Larkfell, home page" }).click();

/** The hero once the tag has settled it. */
async function heroSays(page, title) {
  await page.locator("#kith-hero[data-kith-shown] .hero__title", { hasText: title }).waitFor();
}

async function look(page, category, names) {
  for (const name of names) {
    await page
      .getByRole("navigation", { name: "Categories" })
      .getByRole("link", { name: category })
      .click();
    await page.getByRole("main").getByRole("link", { name }).first().click();
    await page.getByRole("heading", { level: 1, name }).waitFor();
  }
}

async function logIn(page) {
  await page.getByRole("link", { name: "Log in" }).click();
  await page.getByLabel("E-mail").fill(EMAIL);
  await page.getByLabel("First name").fill("Wren");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { level: 1, name: "Hello, Wren" }).waitFor();
}

const visitorOf = (page) => page.evaluate(() => window.kith("person"));

test("two devices become one person at log-in, and the next page shows it", async (t) => {
  const laptop = await visit();
  const phone = await visit({ viewport: { width: 390, height: 800 } });
  const { page } = laptop;
  let first;
  let second;
  let person;

  await t.test("anonymous: what was looked at changes the hero", async () => {
    await laptop.go("");
    await acceptAll(page);
    await look(page, "Shoes", [
      "Ridge Runner Trail Shoe",
      "Fell Hiking Boot",
      "Harbour Canvas Sneaker",
    ]);
    await home(page);
    await heroSays(page, "Six ways to stand on a hill");
    first = await visitorOf(page);
    assert.equal(first.user_id, null);
  });

  await t.test("in the cart, still anonymous", async () => {
    await look(page, "Shoes", ["Fell Hiking Boot"]);
    await page.getByRole("button", { name: "Put in the cart" }).click();
    const known = await eventually("the cart is known", async () => {
      const found = await kith.api.personOf(`anonymous_id:${first.anonymous_id}`);
      return found.features.cart_item_count === 1 && found;
    });
    assert.equal(known.features.product_view_count, 4);
    assert.ok(known.affinities.category.shoes > 0.9);
    assert.equal(known.consents.analytics.granted, true);
  });

  await t.test("logged in: the hero changes within the next page view", async () => {
    await logIn(page);
    await home(page);
    await heroSays(page, "Good that it is you");
    const { user_id: userId } = await visitorOf(page);
    person = await kith.api.personOf(`user_id:${userId}`);
    assert.equal(
      (await kith.api.personOf(`anonymous_id:${first.anonymous_id}`)).person_id,
      person.person_id,
    );
    assert.equal(person.features.cart_item_count, 1, "what was done before belongs to the person");
    assert.equal(person.display_name, "Wren");
  });

  await t.test("a second device is the same person after its log-in", async () => {
    await phone.go("");
    await acceptAll(phone.page);
    await heroSays(phone.page, "Out early, home by lamplight");
    second = await visitorOf(phone.page);
    await phone.go("p/steel-kettle");
    await phone.page.getByRole("heading", { level: 1 }).waitFor();
    await logIn(phone.page);
    await home(phone.page);
    await heroSays(phone.page, "Good that it is you");

    assert.notEqual(second.anonymous_id, first.anonymous_id);
    const joined = await kith.api.personOf(`email:${EMAIL}`);
    assert.equal(joined.person_id, person.person_id);
    const devices = joined.identifiers.filter(({ namespace }) => namespace === "anonymous_id");
    const expected = [first.anonymous_id, second.anonymous_id].sort();
    assert.deepEqual(devices.map(({ value }) => value).sort(), expected);
    assert.equal(joined.identifiers.filter(({ namespace }) => namespace === "user_id").length, 1);
    assert.ok(joined.features.product_view_count >= 5, "views of both devices");
    const active = joined.links.filter(({ state }) => state === "active");
    assert.ok(active.length >= 3 && active.every(({ reason }) => reason.length > 20));
  });

  let reasons;
  await t.test("the shop tells why, in words", async () => {
    await page.getByRole("button", { name: "What Kith knows about me" }).click();
    const drawer = page.getByRole("dialog", { name: "What Kith knows about me" });
    await drawer.getByText("known customer").waitFor();
    const why = drawer.locator("#know-why .reason", { hasText: "Good that it is you" });
    reasons = await why.locator(".reason__why li").allTextContents();
    assert.ok(reasons.length > 0);
    for (const reason of reasons) assert.match(reason, /^[A-Z]\w* \S+ \S+/, "in words");
    await assertAccessible(page, "the drawer");
    await page.keyboard.press("Escape");
    const [latest] = (
      await kith.api.ask(`/persons/${person.person_id}/decisions?limit=50`)
    ).items.filter(({ placement }) => placement === "home_hero");
    assert.equal(latest.decision.choices[0].id, "hero_member");
    assert.deepEqual(latest.decision.choices[0].reasons, reasons);
  });

  await t.test("the console shows one person, both devices, and the reasons", async () => {
    const office = await openVisit(browser);
    await office.page.goto(await kith.signInLink());
    await office.page.getByRole("heading", { level: 1, name: "Home" }).waitFor();
    await office.page.goto(`${kith.url}/console/profiles?q=${encodeURIComponent(EMAIL)}`);
    const table = office.page.getByRole("table", { name: "People" });
    await table.getByText("Wren").first().click();
    await office.page.waitForURL(new RegExp(person.person_id));
    await office.page.getByRole("tab", { name: "Identity" }).click();
    for (const { anonymous_id: id } of [first, second]) {
      await office.page.getByRole("row", { name: id }).waitFor();
    }
    await office.page.getByRole("tab", { name: "Decisions" }).click();
    await office.page.getByText(reasons[0]).first().waitFor();
    await office.page.getByText("Good that it is you").first().waitFor();
    assert.deepEqual(office.complaints, []);
    await office.close();
  });

  await t.test(
    "an order is seen by the next decision, and replays give the same bytes",
    async () => {
      await page.getByRole("link", { name: /^Cart/ }).click();
      await page.locator("#kith-cart-offer[data-kith-shown]").waitFor();
      await page.getByRole("link", { name: "To the checkout" }).click();
      await page.getByRole("heading", { level: 1 }).waitFor();
      const inputs = page.locator("main form input:not([type=radio]):not([type=checkbox])");
      for (const input of await inputs.all()) {
        if ((await input.inputValue()) === "") await input.fill("Wren 12");
      }
      await page.locator("main form button").last().click();
      await page.waitForURL(/\/shop\/order\//);
      await home(page);
      await heroSays(page, "How is it wearing in?");
      const { items } = await kith.api.ask(`/persons/${person.person_id}/decisions?limit=50`);
      for (const record of items.slice(0, 5)) {
        const replayed = await kith.api.admin(`/decisions/${record.decision_id}/replay`, {
          method: "POST",
        });
        const kept = await kith.api.admin(`/decisions/${record.decision_id}`);
        assert.deepEqual(replayed.json.decision, kept.json.decision, replayed.text);
      }
    },
  );

  const preflights = [...laptop.requests, ...phone.requests].filter(
    ({ method }) => method === "OPTIONS",
  );
  assert.deepEqual(preflights, []);
  await laptop.leave();
  await phone.leave();
});

test("without consent nothing is kept and nothing is sent", async () => {
  for (const options of [{}, { gpc: true }]) {
    const guest = await visit(options);
    await guest.go("");
    await heroSays(guest.page, "Out early, home by lamplight");
    await guest.go("p/steel-kettle");
    await guest.page.getByRole("heading", { level: 1 }).waitFor();
    await guest.page.waitForFunction(() => document.querySelectorAll(".shelf--filled").length > 0);
    if (options.gpc)
      await guest.page.getByText("Global Privacy Control is on and honoured").waitFor();
    else await guest.page.getByRole("button", { name: "Only necessary" }).click();
    await home(guest.page);
    const stored = await guest.page.evaluate(() => ({
      cookies: document.cookie,
      local: Object.keys(localStorage),
      session: Object.keys(sessionStorage),
    }));
    const ids = [stored.cookies, ...stored.local, ...stored.session].filter((name) =>
      /kith_(id|ids|queue|visited)/.test(name),
    );
    assert.deepEqual(ids, []);
    assert.deepEqual(
      (await guest.context.cookies()).filter(
        ({ name }) => name === "kith_id" || name === "kith_ids",
      ),
      [],
    );
    const sent = guest.requests.filter(({ url }) => /\/v1\/(batch|visitor)/.test(url));
    assert.deepEqual(sent, []);
    await guest.leave();
  }
});

test("every page: accessible, still, and quiet under the policy", async () => {
  const guest = await visit();
  await guest.go("");
  await guest.page.getByRole("button", { name: "Accept all" }).waitFor();
  await assertAccessible(guest.page, "the consent banner");
  await guest.page.getByRole("button", { name: "Choose" }).click();
  await assertAccessible(guest.page, "the consent choices");
  await acceptAll(guest.page);
  await guest.go("p/fell-boot");
  await guest.page.getByRole("button", { name: "Put in the cart" }).click();
  for (const path of [
    "",
    "all",
    "c/shoes",
    "p/fell-boot",
    "search?q=wool",
    "search?q=zzz",
    "cart",
    "checkout",
    "account",
    "privacy",
    "nowhere",
  ]) {
    await guest.go(path);
    await guest.page.getByRole("heading", { level: 1 }).waitFor({ state: "attached" });
    await guest.page.waitForFunction(
      () =>
        [...document.querySelectorAll(".shelf")].every((one) =>
          one.classList.contains("shelf--filled"),
        ) &&
        [...document.querySelectorAll(".kith-slot")].every((one) =>
          one.hasAttribute("data-kith-shown"),
        ),
    );
    await guest.page.waitForFunction(() =>
      [...document.images].every((one) => one.complete || one.loading === "lazy"),
    );
    await assertAccessible(guest.page, `/shop/${path}`);
    await assertNoViolations(guest.page);
    const shift = await layoutShift(guest.page);
    assert.ok(shift < SHIFT_MAX, `/shop/${path} moved by ${shift}`);
  }
  await logIn(guest.page);
  await assertAccessible(guest.page, "the account");
  await guest.leave();
});
