/**
 * What the demo shop lets Kith decide, one by one: the large picture by what is learned, products that
 * go with the one at hand and with the cart, a coupon of one's own for whoever hesitates, and the
 * order of search results.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { track } from "../harness/api.js";
import { assertAccessible, launchBrowser, openVisit } from "../harness/browser.js";
import { eventually } from "../harness/eventually.js";
import { demo } from "../harness/kith.js";

const VISITORS = 20;
/** What others look at together: two circles of products that have nothing in common. */
const CIRCLES = [
  ["fell-boot", "moor-rain-boot", "trail-sock", "dayhike-22", "trail-bottle"],
  ["enamel-mug", "steel-kettle", "slow-pour-over", "cast-iron-pan", "pine-candle"],
];
const HERO_ARMS = ["hero_the_evening", "hero_the_night", "hero_the_range", "hero_the_way"];

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
  await othersLook();
});
after(async () => {
  await browser?.close();
  await kith?.stop();
});

/** Visitors who each look at the products of one circle, and the models have heard of them. */
async function othersLook() {
  const batch = Array.from({ length: VISITORS }, (_, visitor) =>
    CIRCLES[visitor % CIRCLES.length].map((product_id) =>
      track("Product Viewed", { anonymousId: `other-${visitor}`, properties: { product_id } }),
    ),
  );
  const answer = await kith.api.collect({ batch: batch.flat() });
  assert.equal(answer.status, 200, answer.text);
  await kith.api.settled();
  await eventually("the models heard of it", async () => {
    const { json } = await kith.api.request(`/v1/decide?writeKey=${kith.api.writeKey}`, {
      method: "POST",
      body: JSON.stringify({
        placements: ["also_like"],
        identifiers: { anonymous_id: "other-1" },
        context: { item_id: CIRCLES[0][0] },
      }),
    });
    const shown = json.decisions[0].choices.map(({ id }) => id);
    return CIRCLES[0].slice(1).every((id) => shown.includes(id));
  });
}

/** A visitor who allowed everything. */
async function visitor(options) {
  const opened = await openVisit(browser, options);
  await opened.page.goto(`${kith.url}/shop/`);
  await opened.page.getByRole("button", { name: "Accept all" }).click();
  await opened.page.getByRole("button", { name: "Accept all" }).waitFor({ state: "detached" });
  return opened;
}

async function leave({ complaints, close }) {
  assert.deepEqual(complaints, []);
  await close();
}

const home = (page) => page.getByRole("link", { name: "Larkfell, home page" }).click();

/** By the shop's own links, as people go. */
async function open(page, category, name) {
  const categories = page.getByRole("navigation", { name: "Categories" });
  await categories.getByRole("link", { name: category }).click();
  await page.getByRole("main").getByRole("link", { name }).first().click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
}

async function putIntoCart(page, category, name) {
  await open(page, category, name);
  await page.getByRole("button", { name: "Put in the cart" }).click();
}

/** Opens the cart and waits until Kith's offer stands in it. */
async function toCart(page) {
  await page.getByRole("link", { name: /^Cart/ }).click();
  await page.getByRole("heading", { level: 1, name: "Your cart" }).waitFor();
  await page.locator("#kith-cart-offer[data-kith-shown]").waitFor();
}

/** What Kith put on a shelf: ids, and the reason on each card. */
async function shelf(page, placement) {
  const cards = page.locator(`[data-shelf="${placement}"] [data-kith-choice]`);
  await cards.first().waitFor();
  return cards.evaluateAll((all) =>
    all.map((card) => ({
      id: card.dataset.kithChoice,
      reason: card.querySelector(".card__reason")?.textContent ?? "",
    })),
  );
}

/** The newest decision of a placement for whoever this page's visitor is. */
async function latest(page, placement) {
  const { anonymous_id: id } = await page.evaluate(() => window.kith("person"));
  const person = await kith.api.personOf(`anonymous_id:${id}`);
  const { items } = await kith.api.ask(`/decisions?placement=${placement}&limit=50`);
  return items.find((record) => record.person_id === person.person_id);
}

test("a product page follows the product, and says why of each card", async () => {
  const shop = await visitor();
  const { page } = shop;
  for (const [category, name, id, circle] of [
    ["Shoes", "Fell Hiking Boot", "fell-boot", CIRCLES[0]],
    ["Kitchen", "Enamel Mug", "enamel-mug", CIRCLES[1]],
  ]) {
    await open(page, category, name);
    const shown = await shelf(page, "also_like");
    assert.equal(shown.length, 4);
    assert.ok(!shown.some((card) => card.id === id), "not itself");
    assert.deepEqual(
      shown.map((card) => card.id).filter((one) => !circle.includes(one)),
      [],
      "what others look at together with it",
    );
    for (const { reason } of shown) assert.match(reason, new RegExp(`(“${name}”|visits? like yours)`));
    const told = (await latest(page, "also_like")).decision.choices;
    assert.deepEqual(
      told.map((choice) => choice.id),
      shown.map((card) => card.id),
    );
  }
  await assertAccessible(page, "a product page with reasons");
  await leave(shop);
});

test("the cart's shelf leaves out what is in the cart", async () => {
  const shop = await visitor();
  const { page } = shop;
  await putIntoCart(page, "Shoes", "Fell Hiking Boot");
  await putIntoCart(page, "Bags", "Dayhike 22 L Pack");
  await toCart(page);
  const shown = await shelf(page, "cart_recommendations");
  const ids = shown.map(({ id }) => id);
  assert.ok(!ids.includes("fell-boot") && !ids.includes("dayhike-22"), `${ids}`);
  assert.ok(ids.includes("trail-sock"), `what others take with it: ${ids}`);
  assert.match(shown[0].reason, /^You put into the cart “/);
  const { losers } = await latest(page, "cart_recommendations");
  assert.ok(losers.length > 0);
  await leave(shop);
});

test("a hesitating cart gets one code, the same everywhere, until it is used", async (t) => {
  const shop = await visitor();
  const { page } = shop;
  const offer = page.locator("#kith-cart-offer[data-kith-shown]");
  const shownCode = async (within = page) => {
    const shown = within.locator("#kith-cart-offer[data-kith-shown] .offer__code");
    await shown.waitFor({ state: "attached" });
    return shown.textContent();
  };
  const grants = () => kith.api.ask("/offers/cart_hesitating/grants");
  let code;

  await t.test("not at first, but after coming back twice", async () => {
    await putIntoCart(page, "Kitchen", "Enamel Mug");
    for (let look = 1; look <= 2; look += 1) {
      await toCart(page);
      assert.doesNotMatch(await shownCode(), /^STAY-/, `look ${look}`);
      await home(page);
      await page.getByRole("heading", { level: 2, name: "Where to?" }).waitFor();
    }
    assert.equal((await grants()).granted, 0);
    await toCart(page);
    await offer.getByText("Still thinking it over?").waitFor();
    code = await shownCode();
    assert.match(code, /^STAY-\w{6,}/);
    assert.equal((await grants()).granted, 1);
    await assertAccessible(page, "the cart with a coupon");
  });

  await t.test("the same after a reload and in another tab", async () => {
    await page.reload();
    assert.equal(await shownCode(), code);
    const tab = await shop.context.newPage();
    await tab.goto(`${kith.url}/shop/cart`);
    assert.equal(await shownCode(tab), code);
    await tab.close();
    assert.equal((await grants()).granted, 1);
    const { decision } = await latest(page, "cart_offer");
    assert.equal(decision.choices[0].granted.code, code);
    assert.equal(decision.choices[0].granted.new, false);
  });

  await t.test("applied, it takes its share off; a wrong one does not", async () => {
    await page.getByLabel("Voucher code").fill(`${code}X`);
    await page.locator("[data-voucher]").getByRole("button", { name: "Apply" }).click();
    await page.getByText("We do not know this code.").waitFor();
    await offer.getByRole("button", { name: "Apply" }).click();
    await offer.getByRole("button", { name: "Applied" }).waitFor();
    const bill = page.locator(".sums__voucher");
    await bill.getByText(`${code}: 15 % off, yours alone`).waitFor();
    assert.equal(await bill.locator("dd").textContent(), "−€2.18");
  });

  await t.test("used at the checkout, it is used, and shown no more", async () => {
    await page.getByRole("link", { name: "To the checkout" }).click();
    await page.getByRole("heading", { level: 1, name: "Checkout" }).waitFor();
    await page.getByLabel("E-mail").fill("hazel@example.org");
    for (const label of ["Name", "Street and number", "Postcode", "Town"]) {
      await page.getByLabel(label, { exact: true }).fill("Hazel 12");
    }
    await page.getByRole("button", { name: /^Place the order/ }).click();
    await page.waitForURL(/\/shop\/order\//);
    await page.locator(".sums__voucher").getByText(code).waitFor();
    await eventually("the grant is used", async () => (await grants()).used === 1);
    const { items } = await kith.api.ask("/events?name=Order+Completed&limit=1");
    assert.equal(items[0].properties.coupon, code);

    await putIntoCart(page, "Camp", "Glow Lantern");
    await toCart(page);
    assert.notEqual(await shownCode(), code);
    assert.equal(await page.getByText(code).count(), 0);
    const { decision, losers } = await latest(page, "cart_offer");
    assert.notEqual(decision.choices[0].id, "cart_hesitating");
    assert.ok(losers.some(({ id }) => id === "cart_hesitating"));
    assert.equal((await grants()).granted, 1);
  });
  await leave(shop);
});

test("a search comes in another order after a look at a category", async () => {
  const shop = await visitor();
  const { page } = shop;
  const search = async (words) => {
    await page.getByRole("searchbox", { name: "Search the shop" }).fill(words);
    await page.getByRole("searchbox", { name: "Search the shop" }).press("Enter");
    await page.getByRole("heading", { level: 1, name: `Results for “${words}”` }).waitFor();
    const results = page.locator("[data-results][data-ranked]");
    await results.waitFor();
    const links = results.locator(".card__link");
    return links.evaluateAll((all) => all.map((one) => one.pathname.split("/").at(-1)));
  };
  const before = await search("wool");
  assert.equal(before[0], "hut-slipper");
  await open(page, "Clothing", "Island Jumper");
  await open(page, "Clothing", "Camp Flannel Shirt");
  await shelf(page, "also_like");
  const after = await search("wool");
  assert.equal(await page.locator("[data-results]").getAttribute("data-ranked"), "true");
  assert.deepEqual([...after].sort(), [...before].sort(), "each product once");
  assert.notDeepEqual(after, before);
  const clothing = ["island-jumper", "tarn-beanie", "trail-sock"];
  assert.ok(clothing.includes(after[0]), `${after}`);
  await page.getByText("What suits you first").waitFor();
  await page.getByText("You are interested in the category “clothing”").first().waitFor();
  const { decision } = await latest(page, "search_results");
  assert.deepEqual(
    decision.choices.map(({ id }) => id),
    after,
  );
  await assertAccessible(page, "search results with reasons");

  await page.route("**/v1/rerank*", (route) => route.fulfill({ status: 503, body: "{}" }));
  assert.deepEqual(await search("wool slipper"), ["hut-slipper"]);
  assert.deepEqual(await search("wool"), before, "as found when nobody answers");
  await page.getByText("Best match first").waitFor();
  await leave(shop);
});

test("the large picture is drawn by what is learned", async () => {
  const shop = await visitor();
  const { page } = shop;
  await open(page, "Garden", "Watering Can 5 L");
  await shelf(page, "also_like");
  await home(page);
  await page.locator("#kith-hero[data-kith-shown] .hero__title").waitFor();
  const { decision, losers } = await latest(page, "home_hero");
  const [shown] = decision.choices;
  assert.ok(HERO_ARMS.includes(shown.id), shown.id);
  assert.ok(shown.propensity > 0 && shown.propensity < 1, `propensity ${shown.propensity}`);
  const drawn = /^Drawn by lot with probability 25 % of 4 candidates: offers take turns/;
  assert.ok(shown.reasons.some((reason) => drawn.test(reason)), shown.reasons.join("; "));
  await eventually("its outcome is waited for", async () => {
    const { waiting } = await kith.api.ask("/placements/home_hero/policy");
    return waiting > 0;
  });
  const lost = losers.filter(({ id }) => HERO_ARMS.includes(id)).map(({ id }) => id);
  assert.deepEqual([shown.id, ...lost].sort(), HERO_ARMS, "all four took part");
  await page.locator("#kith-hero a.button").click();
  await page.waitForURL(/\/shop\/(c\/|all)/);
  await eventually("the click is known", async () => {
    const { items } = await kith.api.ask("/events?name=Decision+Clicked&limit=5");
    return items.some(({ properties }) => properties.choice_id === shown.id);
  });
  await leave(shop);
});
