import { expect, test } from "vitest";
import { openPage } from "./browser.js";

async function pagePaths(page) {
  await page.after(2_000);
  const views = page.events().filter((event) => event.type === "page");
  return views.map(({ properties }) => properties.path + properties.search);
}

test("page views in a single-page app", async () => {
  const page = await openPage({ referrer: "https://search.test/" });
  const { history } = page.window;
  history.pushState({}, "", "/a?x=1");
  history.pushState({}, "", "/a?x=1");
  history.pushState({}, "", "/a?x=1#part");
  history.replaceState({}, "", "/a?x=2");
  await page.after(1);
  history.replaceState({}, "", "/b");
  await page.after(1);
  expect(await pagePaths(page)).toEqual(["/", "/a?x=2", "/b"]);
  const referrers = page.events().map((event) => event.properties.referrer);
  expect(referrers[0]).toBe("https://search.test/");
  expect(referrers[1]).toBe("https://shop.test/");
});

test("going back is a page view", async () => {
  const page = await openPage();
  page.window.history.pushState({}, "", "/a");
  await page.after(1);
  const back = new Promise((go) => page.window.addEventListener("popstate", go));
  page.window.history.back();
  await page.after(1);
  await back;
  expect(await pagePaths(page)).toEqual(["/", "/a", "/"]);
});

test("page views can be left to the site", async () => {
  const page = await openPage({ config: { page_views: false } });
  page.window.history.pushState({}, "", "/a");
  page.kith("page", "Own");
  expect(await pagePaths(page)).toEqual(["/a"]);
});

test("the data layer is read from its start, and pushes go on working", async () => {
  const page = await openPage({
    config: { page_views: false },
    before: `window.dataLayer = [
      { event: "view_item", ecommerce: { items: [{ item_id: "1" }] } }];`,
  });
  const { dataLayer } = page.window;
  expect(dataLayer.push({ event: "gtm.js" }, { event: "signup" })).toBe(3);
  page.run(`(function gtag() { dataLayer.push(arguments) })(
    "event", "search", { search_term: "x" })`);
  page.run(`(function gtag() { dataLayer.push(arguments) })(
    "consent", "update", { ad_storage: "denied" })`);
  dataLayer.push(null, 7, { event: {} });
  await page.after(2_000);
  const names = ["Product Viewed", "signup", "Products Searched", "Consent Updated"];
  expect(page.names()).toEqual(names);
  expect(page.kith("person").consent.marketing).toBe(false);
  expect(page.errors).toEqual([]);
});

test("another data layer, or none", async () => {
  const named = await openPage({ config: { data_layer: "layer", page_views: false } });
  named.window.layer.push({ event: "a" });
  await named.after(2_000);
  expect(named.names()).toEqual(["a"]);
  const none = await openPage({ config: { data_layer: "" } });
  expect(none.window.dataLayer).toBe(undefined);
});

const MARKUP = `
  <button id="add" data-kith-event="Product Added" data-kith-prop-product-id="7"
    data-kith-prop-price="9.5"><span>Add</span></button>
  <form data-kith-event="Signed Up" data-kith-prop-plan="pro"><input name="mail" value="a@b.c">
    <button id="send">Send</button></form>
  <section id="promo" data-kith-event="Promotion Viewed" data-kith-on="view"></section>
  <a id="plain" href="https://shop.test/x?token=1">Plain <b>link</b></a>
  <label id="label"><input id="typed" value="secret"></label>
  <div data-kith-ignore><button id="ignored">No</button></div>
  <button id="private" data-kith-private>Hello Ann</button>`;

async function marked(config) {
  const page = await openPage({ html: MARKUP, config: { page_views: false, ...config } });
  const told = async () => {
    await page.after(2_000);
    return page.events().map((event) => [event.event, event.properties]);
  };
  return { page, told };
}

test("declared events: click, submit, view", async () => {
  const { page, told } = await marked();
  await page.click("#add span");
  page.element("form").dispatchEvent(new page.window.Event("submit", { bubbles: true }));
  await page.see(page.element("#promo"), 0.2);
  await page.see(page.element("#promo"), 0.9);
  await page.see(page.element("#promo"), 0.9);
  await page.click("#promo");
  await page.click("#plain");
  expect(await told()).toEqual([
    ["Product Added", { product_id: "7", price: 9.5 }],
    ["Signed Up", { plan: "pro" }],
    ["Promotion Viewed", {}],
  ]);
});

test("elements that come later are declared too, unless the site says no", async () => {
  const { page, told } = await marked({ declarative: false });
  await page.click("#add");
  expect(await told()).toEqual([]);
  const late = await openPage({ config: { page_views: false } });
  late.document.body.innerHTML = MARKUP;
  await late.settle();
  await late.see(late.element("#promo"));
  await late.after(2_000);
  expect(late.names()).toEqual(["Promotion Viewed"]);
});

test("clicks are captured only when asked for, and never what was typed or chosen", async () => {
  const { page, told } = await marked({ click_capture: true, declarative: false });
  for (const id of ["#plain b", "#typed", "#label", "#ignored", "#private"]) await page.click(id);
  expect(await told()).toEqual([
    ["Element Clicked", { tag: "a", id: "plain", text: "Plain link", href: "https://shop.test/x" }],
    ["Element Clicked", { tag: "button", id: "private" }],
  ]);
  expect(JSON.stringify(page.events())).not.toMatch(/secret|a@b\.c|Ann/);
});
