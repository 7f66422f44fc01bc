import { expect, test } from "vitest";
import { later, openPage } from "./browser.js";

const HERO = { placement: "hero", selector: "#hero", mode: "html" };
const RECS = {
  placement: "recs",
  selector: ".recs",
  mode: "template",
  template: '<a href="{{url}}">{{title}}</a>',
};
const HTML = `<main data-kith-item="sku9"><div id="hero">Original</div></main>`;
const HIDDEN = "#hero{visibility:hidden!important}";

const LIST = { html: `<div class="recs"></div>`, config: { placements: [RECS] } };

function offer(html, id = "d1", placement = "hero") {
  const choices = [{ kind: "offer", id: "spring", content: { html } }];
  return { placement, decision_id: id, choices };
}

function items(...contents) {
  const choices = contents.map((content, at) => ({ kind: "item", id: `i${at + 1}`, content }));
  return { placement: "recs", decision_id: "d2", choices };
}

function answer(...decisions) {
  return { json: { person_id: "p", decisions } };
}

/** A shop page with the hero slot, whose decision comes when `give` says so. */
async function shop(options = {}) {
  const { promise, give } = later();
  const page = await openPage({
    html: HTML,
    answers: { decide: () => promise },
    ...options,
    config: { placements: [HERO], page_views: false, ...options.config },
  });
  await page.after(0);
  const text = (selector = "#hero") => page.element(selector).textContent;
  const reply = async (...decisions) => {
    give(answer(...decisions));
    await page.settle();
  };
  return { page, text, reply };
}

test("a template shows the code of an offer that was granted", async () => {
  const coupon = { ...HERO, mode: "template", template: "<b>{{title}} {{granted.code}}</b>" };
  const { text, reply } = await shop({ config: { placements: [coupon] } });
  const content = { title: "Ten off:" };
  const granted = { grant_id: "g1", code: "TEN-7K<b>" };
  const choices = [{ kind: "offer", id: "ten", content, granted }];
  await reply({ placement: "hero", decision_id: "d1", choices });
  expect(text()).toBe("Ten off: TEN-7K<b>");
});

test("only the slot is hidden, until its decision is in it", async () => {
  const { page, text, reply } = await shop();
  expect(page.hiddenCss).toBe(HIDDEN);
  await page.after(100);
  await reply(offer("<b>For you</b>"));
  expect([page.hiddenCss, text()]).toEqual(["", "For you"]);
  expect(page.element("#hero").hasAttribute("data-kith-shown")).toBe(true);
});

test("after the cap the original shows, it counts, and a late answer is not drawn", async () => {
  const { page, text, reply } = await shop();
  await page.after(501);
  expect([page.hiddenCss, text()]).toEqual(["", "Original"]);
  await reply(offer("Late"));
  expect(text()).toBe("Original");
  await page.after(2_000);
  expect(page.names()).toEqual(["Decision Timed Out"]);
  expect(page.events()[0].properties).toEqual({ placement: "hero" });
});

test.each([
  ["an error", { status: 500 }],
  ["no network", new Error("down")],
  ["nonsense", { json: 7 }],
  ["an unknown placement", answer({ placement: "hero", error: { code: "unknown" } })],
  ["nothing to show", answer({ placement: "hero", decision_id: "d", choices: [] })],
  ["content of another kind", answer(offer(undefined))],
])("the slot is revealed after %s", async (_, decide) => {
  const page = await openPage({
    html: HTML,
    answers: { decide },
    config: { placements: [HERO], page_views: false },
  });
  expect(page.hiddenCss).toBe(HIDDEN);
  await page.after(1);
  expect([page.hiddenCss, page.element("#hero").textContent]).toEqual(["", "Original"]);
  expect(page.element("#hero").hasAttribute("data-kith-shown")).toBe(true);
});

test("the decision knows page, item, visitor and what was just done", async () => {
  const before = `kith("track", "Saved", {})`;
  const { page } = await shop({ before, url: "https://shop.test/a?b=1" });
  const [body] = page.bodies("decide");
  const { anonymous_id } = page.kith("person");
  expect(body).toMatchObject({ placements: ["hero"], identifiers: { anonymous_id } });
  expect(body.context).toMatchObject({
    item_id: "sku9",
    page: { url: "https://shop.test/a?b=1", path: "/a", title: "Shop", search: "?b=1" },
    locale: "en-US",
    screen: { width: 0 },
  });
  expect(body.context.timezone).toBeTruthy();
  expect(body.event).toMatchObject({ event: "Saved", anonymousId: anonymous_id });
});

test("a visitor's very first decision brings the page view, so that the server knows them", async () => {
  const { page } = await shop({ config: { page_views: true } });
  const [body] = page.bodies("decide");
  const { anonymous_id } = page.kith("person");
  expect(body.event).toMatchObject({ type: "page", anonymousId: anonymous_id });
  const sent = page.bodies("batch").flatMap(({ batch }) => batch);
  expect(sent.map(({ messageId }) => messageId)).toContain(body.event.messageId);
});

test("without consent to personalization the decision knows nobody", async () => {
  const { page, text, reply } = await shop({
    config: { consent: { default: "denied" } },
    before: `kith("track", "Saved", {})`,
  });
  const [body] = page.bodies("decide");
  expect([body.identifiers, body.event]).toEqual([{}, undefined]);
  await reply(offer("For all"));
  expect(text()).toBe("For all");
});

test("templates escape, and no content runs script", async () => {
  const { page, reply } = await shop(LIST);
  await reply(items({ url: "javascript:x()", title: "<i>&" }, { url: "/p/2", title: "Hat" }));
  expect(page.element(".recs").innerHTML).toBe(
    '<a href="" data-kith-choice="i1">&lt;i&gt;&amp;</a>' +
      '<a href="/p/2" data-kith-choice="i2">Hat</a>',
  );
  const html = await shop();
  await html.reply(
    offer(`<p onclick="x()"><a href=" javascript:x()">A</a><img src="x" onerror="x()"></p>
      <script>x()</script><iframe srcdoc="<script>x()</script>"></iframe><base href="https://e/">`),
  );
  expect(html.page.element("#hero").innerHTML.replace(/\s+/g, " ").trim()).toBe(
    '<p data-kith-choice="spring"><a>A</a><img src="x"></p> ' +
      '<iframe data-kith-choice="spring"></iframe>',
  );
});

test("text mode writes text", async () => {
  const placements = [{ ...HERO, mode: "text" }];
  const { page, text, reply } = await shop({ config: { placements } });
  const choices = [{ kind: "offer", id: "o", content: { text: "<b>10 %</b>" } }];
  await reply({ placement: "hero", decision_id: "d", choices });
  expect(text()).toBe("<b>10 %</b>");
  expect(page.element("#hero").children).toHaveLength(0);
});

test("event mode touches nothing and tells the page", async () => {
  const placements = [{ ...HERO, mode: "event" }];
  const { page, text, reply } = await shop({ config: { placements } });
  const heard = [];
  page.kith("on", "decision", (decision) => heard.push(decision.decision_id));
  expect(page.hiddenCss).toBe("");
  await reply(offer("x"));
  expect([heard, text()]).toEqual([["d1"], "Original"]);
});

test("slots that come late are hidden before they are painted, then filled", async () => {
  const { page, text } = await shop({ html: "", answers: { decide: answer(offer("For you")) } });
  expect(page.bodies("decide")).toHaveLength(0);
  page.document.body.innerHTML = HTML;
  await page.settle();
  expect(page.hiddenCss).toBe(HIDDEN);
  await page.after(0);
  expect([page.hiddenCss, text()]).toEqual(["", "For you"]);
  page.document.body.innerHTML = HTML;
  await page.settle();
  expect(text()).toBe("For you");
  expect(page.bodies("decide")).toHaveLength(1);
});

test("a choice counts as seen once, at half of it, and every click counts", async () => {
  const { page, reply } = await shop(LIST);
  await reply(items({ url: "/1", title: "A" }, { url: "/2", title: "B" }));
  const [first, second] = page.element(".recs").children;
  await page.see(first, 0.4);
  await page.see(first, 0.5);
  await page.see(first, 1);
  second.click();
  const redrawn = page.element(".recs").cloneNode();
  page.element(".recs").replaceWith(redrawn);
  await page.settle();
  await page.see(redrawn.children[0]);
  await page.after(2_000);
  const props = (choice_id) => ({ decision_id: "d2", placement: "recs", choice_id, kind: "item" });
  expect(page.events().map((event) => [event.event, event.properties])).toEqual([
    ["Decision Viewed", props("i1")],
    ["Decision Clicked", props("i2")],
  ]);
});

test("on the same page again the last decision shows at once, a new one follows", async () => {
  const first = await shop();
  await first.reply(offer("One"));
  const cached = first.page.window.sessionStorage.getItem("kith_decisions");
  const again = await shop({ session: { kith_decisions: cached } });
  expect([again.page.hiddenCss, again.text()]).toEqual(["", "One"]);
  await again.reply(offer("Two", "d2"));
  expect(again.text()).toBe("One");
  expect(again.page.window.sessionStorage.getItem("kith_decisions")).toContain("Two");
  const elsewhere = await shop({ session: { kith_decisions: cached }, url: "https://shop.test/b" });
  expect(elsewhere.page.hiddenCss).toBe(HIDDEN);
  first.page.kith("track", "Product Added", {});
  expect(first.page.window.sessionStorage.getItem("kith_decisions")).toBe(null);
});

test("a decision from before the visitor's last act is not kept for the next view", async () => {
  const { page, reply } = await shop();
  page.kith("identify", "42");
  await reply(offer("Old"));
  expect(page.window.sessionStorage.getItem("kith_decisions")).toBe(null);
});

test("a single-page app's next page is decided anew, without hiding what is personal", async () => {
  const bodies = [];
  const { page, text } = await shop({
    answers: {
      decide: (body) => {
        bodies.push(body);
        return answer(offer(`View ${bodies.length}`, `d${bodies.length}`));
      },
    },
  });
  expect(text()).toBe("View 1");
  page.window.history.pushState({}, "", "/next");
  page.element("main").removeAttribute("data-kith-item");
  page.kith("track", "Product Viewed", { product_id: "sku7" });
  await page.after(50);
  expect(page.hiddenCss).toBe("");
  await page.after(1);
  expect(text()).toBe("View 2");
  expect(bodies).toHaveLength(2);
  expect(bodies[1].context).toMatchObject({ item_id: "sku7", page: { path: "/next" } });
  expect(bodies[1].context.page.referrer).toBe("https://shop.test/");
});

test("slots old and new of the next page are asked for in one request", async () => {
  const { page } = await shop({
    html: `<div id="hero"></div><div class="recs"></div>`,
    config: { placements: [HERO, RECS] },
    answers: { decide: answer(offer("A"), items({ title: "B" })) },
  });
  page.element(".recs").remove();
  page.window.history.pushState({}, "", "/next");
  await page.after(20);
  page.document.body.append(page.run(`const late = document.createElement("div");
    late.className = "recs"; late`));
  await page.settle();
  expect(page.hiddenCss).toBe(".recs{visibility:hidden!important}");
  await page.after(40);
  const asked = page.bodies("decide").map((body) => body.placements.sort().join());
  expect(asked).toEqual(["hero,recs", "hero,recs"]);
});

test("the page's own content comes back where the next page has no decision", async () => {
  let view = 0;
  const decide = () => answer(...(view++ ? [] : [offer("Personal")]));
  const { page, text } = await shop({ answers: { decide } });
  expect(text()).toBe("Personal");
  page.window.history.pushState({}, "", "/next");
  await page.after(100);
  expect(text()).toBe("Original");
});

test("kith decide answers the page itself", async () => {
  const decide = (body) => answer(offer("x", "d9", body.placements[0]));
  const page = await openPage({ answers: { decide } });
  const heard = [];
  page.kith("on", "decision", (decision) => heard.push(decision.placement));
  const given = await page.kith("decide", ["banner"], { cart_total: 30 });
  expect(given.decisions[0].decision_id).toBe("d9");
  expect(heard).toEqual(["banner"]);
  expect(page.bodies("decide")[0].context).toMatchObject({ cart_total: 30, page: { path: "/" } });
  page.answers.decide = { status: 500 };
  await expect(page.kith("decide", "banner")).rejects.toThrow("500");
});

test("a selector nobody can read harms no other slot", async () => {
  const broken = { placement: "x", selector: "##", mode: "html" };
  const { text, reply } = await shop({ config: { placements: [broken, HERO] } });
  await reply(offer("For you"));
  expect(text()).toBe("For you");
});
