/** An audience built by clicking; a visitor of a real page enters it, and the console says why. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser, openVisit } from "../harness/browser.js";
import { eventually } from "../harness/eventually.js";
import { serve, WRITE_KEY } from "../harness/kith.js";
import { openOffice } from "../harness/office.js";
import { servePages } from "../harness/site.js";

const STUB = "window.kith = window.kith || function () { (kith.q = kith.q || []).push(arguments) }";
const RULE =
  'traits.industry = "software" and count("Download") = 0 and ' +
  'sum("Time On Site", of seconds, 7 days) > 60';

let kith;
let browser;
let site;
let office;
before(async () => {
  [kith, browser] = await Promise.all([serve(), launchBrowser()]);
  site = await servePages({
    head: `<script src="/client.js"></script><script async src="${kith.url}/tag/${WRITE_KEY}.js"></script>`,
    body: "<main><h1>Software we like</h1></main>",
    script: STUB,
  });
  const source = await kith.api.admin("/definitions/source/website");
  const { name, spec } = source.json;
  const tag = { ...spec.tag, consent: { ...spec.tag.consent, default: "granted" } };
  await kith.api.ask("/definitions/source/website", {
    method: "PUT",
    headers: { "if-match": source.headers.get("etag") },
    body: { name, spec: { ...spec, origins: [site.url], tag } },
  });
  office = await openOffice(browser, kith);
});
after(async () => {
  await browser?.close();
  site?.close();
  await kith?.stop();
});

async function signIn() {
  const { page } = office;
  await office.go("/", "Set up Kith");
  await page.getByLabel("Your name").fill("Ada");
  await page.getByLabel("E-mail").fill("ada@example.com");
  await page.getByLabel("Password", { exact: true }).fill("a quiet river at noon");
  await page.getByRole("button", { name: "Create administrator" }).click();
  await office.settled("Install");
}

async function add(page, preset) {
  await page.getByRole("button", { name: "Add condition" }).last().click();
  await page.getByRole("menuitem", { name: preset }).click();
}

/** Somebody who was here before: an hour on the site, and once a download. */
async function seed() {
  const person = (id, events) => [
    { type: "identify", messageId: `${id}-0`, userId: id, traits: { industry: "software" } },
    ...events.map(([event, properties], number) => ({
      type: "track",
      messageId: `${id}-${number + 1}`,
      userId: id,
      event,
      properties,
    })),
  ];
  const batch = [
    ...person("reader", [["Time On Site", { seconds: 3600 }]]),
    ...person("taker", [
      ["Time On Site", { seconds: 3600 }],
      ["Download", { file: "white-paper" }],
    ]),
    ...person("passer", [["Time On Site", { seconds: 60 }]]),
  ];
  const answer = await kith.api.collect({ batch });
  assert.equal(answer.status, 200, answer.text);
  await kith.api.settled();
}

test("software, nothing downloaded, a minute on site this week", async (t) => {
  await seed();
  const { page } = office;
  let id;

  await t.test("is built by clicking, and counted while it is", async () => {
    await signIn();
    await office.go("/audiences/new", "New audience");
    await page.getByLabel("Name", { exact: true }).fill("High intent software");
    await add(page, /^Trait/);
    const trait = page.getByRole("group", { name: "Condition 1: Trait" });
    await trait.getByRole("combobox", { name: "Trait" }).fill("industry");
    await page.keyboard.press("Tab");
    await trait.getByLabel("Value").fill("software");
    await add(page, /^Did not do something/);
    const download = page.getByRole("group", { name: "Condition 2: Behaviour" });
    await download.getByRole("combobox", { name: "Event name" }).fill("Download");
    await add(page, /^Sum, average/);
    const seconds = page.getByRole("group", { name: "Condition 3: Behaviour" });
    await seconds.getByRole("combobox", { name: "Property" }).fill("seconds");
    await seconds.getByRole("combobox", { name: "Event name" }).fill("Time On Site");
    await seconds.getByLabel("When: Count").fill("7");
    await seconds.getByLabel("Value").fill("60");
    // So few people are all looked at.
    await page.getByText("counted exactly").waitFor();
    assert.equal(await page.getByRole("link", { name: /opens in a new tab/ }).count(), 1);
    await office.inspect("audience-builder");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.waitForURL(/\/audiences\/(?!new)[a-z0-9_-]+$/);
    id = new URL(page.url()).pathname.split("/").at(-1);
    const { spec } = await kith.api.ask(`/definitions/audience/${id}`);
    assert.equal(spec.when, RULE);
  });

  await t.test("finds who was here before, once the past is read", async () => {
    const ready = await eventually("members are found", async () => {
      const audience = await kith.api.ask(`/audiences/${id}`);
      return audience.state === "ready" && audience;
    });
    assert.equal(ready.size, 1);
    const { items } = await kith.api.ask(`/audiences/${id}/members`);
    const reader = await kith.api.personOf("user_id:reader");
    assert.deepEqual(
      items.map((item) => item.person_id),
      [reader.person_id],
    );
  });

  await t.test("takes a visitor in at the event that makes it true", async () => {
    const visit = await openVisit(browser);
    await visit.page.goto(`${site.url}/`);
    await visit.page.waitForFunction(() => window.kith.q === undefined);
    await visit.page.evaluate(() => {
      window.kith("identify", "wren", { industry: "software" });
      window.kith("track", "Time On Site", { seconds: 40 });
    });
    await eventually("the first event is here", async () => {
      const { items } = await kith.api.ask("/persons?identifier=user_id:wren");
      return items.length === 1 && items[0].event_count >= 2;
    });
    assert.deepEqual((await kith.api.personOf("user_id:wren")).audiences, []);
    await visit.page.evaluate(() => window.kith("track", "Time On Site", { seconds: 21 }));
    const wren = await eventually("the visitor has entered", async () => {
      const person = await kith.api.personOf("user_id:wren");
      return person.audiences.length === 1 && person;
    });
    assert.equal(wren.audiences[0].audience_id, id);
    await visit.close();
    await office.go(`/audiences/${id}`, "High intent software");
    await page.getByRole("list", { name: "Recent entries and exits" }).getByText("wren").waitFor();
    await office.inspect("audience");
  });

  await t.test("and says why", async () => {
    const wren = await kith.api.personOf("user_id:wren");
    await page.goto(`${office.base}/profiles/${wren.person_id}?explain=${id}`);
    const drawer = page.getByRole("dialog", { name: "Why in, why not" });
    await drawer.getByText("Test by test").waitFor();
    await drawer.getByText(/61, which is more than 60/).first().waitFor();
    await drawer.getByText(/^Changes /).first().waitFor();
    await office.inspect("audience-explained");
    const taker = await kith.api.personOf("user_id:taker");
    const why = await kith.api.ask(`/persons/${taker.person_id}/explain?audience=${id}`);
    assert.equal(why.member, false);
    assert.deepEqual(
      why.tests.map((one) => one.holds),
      [true, false, true],
    );
  });
});
