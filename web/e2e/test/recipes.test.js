/**
 * A marketer makes a recipe without writing a line of code: by choosing, trying it on a person,
 * saving, and giving it to a placement. Then the figures: what it finds, what came of it, which
 * model answers, and what a placement that learns has learned.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { track } from "../harness/api.js";
import { launchBrowser } from "../harness/browser.js";
import { eventually } from "../harness/eventually.js";
import { serve } from "../harness/kith.js";
import { openOffice } from "../harness/office.js";

const EMAIL = "ada@example.com";
const PASSWORD = "a quiet river at noon";
/** Two tastes: who goes running, and who goes camping. */
const SHELVES = {
  running: ["Trail shoe", "Road shoe", "Running cap", "Bottle belt", "Rain shell"],
  camping: ["Tent", "Stove", "Sleeping bag", "Head lamp", "Camp chair"],
};
const PEOPLE = 30;
const TOUCHES = 4;
const PRICE_MAX = 60;
const SHOWN = 4;
/** A model of thirty histories takes a moment, and so does a report. */
const TRAINED = { within: 60_000 };

let kith;
let browser;
let office;
let runner;
before(async () => {
  [kith, browser] = await Promise.all([serve(), launchBrowser()]);
  await kith.api.ask("/catalog/items", { method: "POST", body: catalog() });
  await visitors();
  office = await openOffice(browser, kith);
  await office.go("/", "Set up Kith");
  await office.page.getByLabel("Your name").fill("Ada");
  await office.page.getByLabel("E-mail").fill(EMAIL);
  await office.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await office.page.getByRole("button", { name: "Create administrator" }).click();
  await office.settled("Install");
});
after(async () => {
  await browser?.close();
  await kith?.stop();
});

const idOf = (title) => title.toLowerCase().replace(" ", "-");

function catalog() {
  return Object.entries(SHELVES).flatMap(([category, titles]) =>
    titles.map((title, at) => ({
      item_id: idOf(title),
      title,
      url: `/p/${idOf(title)}`,
      price: `${19 + 20 * at}.90`,
      currency: "EUR",
      categories: [category],
      brand: at % 2 ? "Fell" : "Lark",
      available: true,
    })),
  );
}

/** Everybody looks at things of one shelf; one of them has a name. */
async function visitors() {
  const shelves = Object.values(SHELVES);
  const batch = Array.from({ length: PEOPLE }, (_, one) =>
    Array.from({ length: TOUCHES }, (_, at) => {
      const shelf = shelves[one % shelves.length];
      const title = shelf[(one + at) % shelf.length];
      const properties = { product_id: idOf(title), name: title };
      return track("Product Viewed", { userId: `visitor-${one}`, properties });
    }),
  ).flat();
  const named = { userId: "runner", traits: { name: "Robin Runner" } };
  batch.push({ type: "identify", messageId: `robin-${process.pid}`, ...named });
  const properties = { product_id: "trail-shoe", name: "Trail shoe" };
  batch.push(track("Product Viewed", { userId: "runner", properties }));
  const answer = await kith.api.collect({ batch });
  assert.equal(answer.status, 200, answer.text);
  await kith.api.settled();
  runner = await kith.api.personOf("user_id:runner");
}

/** What a page would get. */
async function decided(placement, user_id) {
  const call = { placements: [placement], identifiers: { user_id } };
  const { json } = await kith.api.collect(call, { path: "/v1/decide" });
  return json.decisions[0];
}

async function clicked({ decision_id }, user_id, item) {
  const properties = { decision_id, ...(item && { product_id: item }) };
  const event = track(item ? "Product Clicked" : "Decision Clicked", { userId: user_id, properties });
  const answer = await kith.api.collect({ batch: [event] });
  assert.equal(answer.status, 200, answer.text);
}

const recommended = () => office.page.getByRole("list", { name: "Recommended items" });
const titles = () => recommended().locator("> li a").allTextContents();

test("a recipe is made by choosing, tried on a person, and saved", async () => {
  const { page } = office;
  await office.go("/recipes", "Recipes");
  await page.getByText("No recipe yet").waitFor();
  await office.inspect("recipes-empty");
  await page.getByRole("link", { name: "New recipe" }).first().click();
  await office.settled("New recipe");
  await page.getByText("Nothing is learned yet").waitFor();

  await page.getByLabel("Name", { exact: true }).fill("Next thing");
  await page.getByRole("button", { name: "Add a model" }).click();
  await page.getByRole("menuitem", { name: /^People with similar histories/ }).click();
  const only = page.getByRole("region", { name: "Only these items" });
  await only.getByRole("button", { name: "Add a condition" }).click();
  await only.getByRole("combobox", { name: "What of the item" }).click();
  await page.getByRole("option", { name: "price" }).click();
  await only.getByLabel("Value").fill(String(PRICE_MAX));
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.waitForURL(/\/recipes\/next_thing/);
  await office.settled("Next thing");
  await page.getByText(`Only items where price is below ${PRICE_MAX}`).waitFor();
  await page.getByText("In no placement yet").waitFor();

  const { spec } = await kith.api.ask("/definitions/recipe/next_thing");
  assert.equal(spec.include_when, `item.price < ${PRICE_MAX}`);
  await eventually("the model of histories is trained", modelOfHistories, TRAINED);
});

const modelOfHistories = async () => (await kith.api.ask("/models")).linear;

test("what is typed is tried at once, on whom one likes", async () => {
  const { page } = office;
  await office.go("/recipes/next_thing?tab=edit", "Next thing");
  await page.getByRole("button", { name: "Preview as" }).click();
  await page.getByPlaceholder("Search by e-mail, id or name").fill("runner");
  await page.getByRole("option", { name: /Robin Runner/ }).click();
  await page.waitForURL(new RegExp(`as=${runner.person_id}`));
  await recommended().getByText("Road shoe").waitFor();
  await office.settled("Next thing");
  const affordable = Object.values(SHELVES).flatMap((shelf) => shelf.slice(0, 3));
  const shown = await titles();
  assert.equal(shown[0], "Road shoe", "what runners take comes first");
  for (const title of shown) assert.ok(affordable.includes(title), `${title} costs too much`);

  const never = page.getByRole("region", { name: "Never these items" });
  await never.getByRole("button", { name: "Add a condition" }).click();
  await never.getByLabel("Value").click();
  await page.getByRole("option", { name: "camping", exact: true }).click();
  await recommended().getByText("Tent").waitFor({ state: "detached" });
  await office.settled("Next thing");
  assert.ok((await titles()).every((title) => SHELVES.running.includes(title)));
  await office.inspect("recipe-tried");

  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Revision 2").first().waitFor();
  const { spec } = await kith.api.ask("/definitions/recipe/next_thing");
  assert.equal(spec.exclude_when, 'item.categories contains "camping"');
});

test("a placement takes the recipe, and a page gets what the preview showed", async () => {
  const { page } = office;
  await office.go("/placements/new", "New placement");
  await page.getByLabel("Name", { exact: true }).fill("Home shelf");
  await page.getByText("Catalog items", { exact: true }).click();
  await page.getByText("A recipe", { exact: true }).click();
  await page.getByRole("combobox", { name: "Recipe" }).click();
  await page.getByRole("option", { name: "Next thing" }).click();
  await page.getByLabel("How many at most").fill(String(SHOWN));
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.waitForURL(/\/placements\/home_shelf/);
  await office.settled("Home shelf");
  await office.inspect("placement-of-recipe");

  await office.go(`/recipes/next_thing?as=${runner.person_id}`, "Next thing");
  const words = page.getByRole("region", { name: "In plain words" });
  await words.getByRole("link", { name: "Home shelf" }).waitFor();
  await recommended().getByText("Road shoe").waitFor();
  await office.settled("Next thing");
  const previewed = await titles();
  const decision = await decided("home_shelf", "runner");
  assert.deepEqual(
    decision.choices.map(({ content }) => content.title),
    previewed,
  );
  await clicked(decision, "runner", decision.choices[0].id);
});

test("the report sets what it finds beside what came of it", async () => {
  const { page } = office;
  for (let one = 0; one < PEOPLE; one++) await decided("home_shelf", `visitor-${one}`);
  const reported = async () => {
    const { offline, online } = await kith.api.ask("/recipes/next_thing/report");
    return offline !== null && online.clicked === 1 && online.decisions === PEOPLE + 1;
  };
  await eventually("the recipe was judged, and its click counted", reported, TRAINED);
  await office.go("/recipes/next_thing", "Next thing");
  const report = page.getByRole("region", { name: "Does it work?" });
  const { offline, online } = await kith.api.ask("/recipes/next_thing/report");
  await report.getByText(`${offline.persons} people`).waitFor();
  await report.getByText(`${online.decisions} decisions since`).waitFor();
  const scores = report.getByRole("list", { name: /^Scores on the past/ });
  assert.equal(await scores.getByRole("listitem").count(), 2);
  const rates = report.getByRole("list", { name: /^Clicked and bought/ });
  assert.equal(await rates.getByRole("listitem").count(), 2);
  await report.getByText("How it was measured").click();
  await report.getByText(offline.protocol).waitFor();
  await report.getByText(/of the catalog$/).first().waitFor();
  await report.getByText(/bits · 1 of/).first().waitFor();
  await report.scrollIntoViewIfNeeded();
  await office.inspect("recipe-report");
});

test("models say what they learned from, and which version answers", async () => {
  const { page } = office;
  await office.go("/recipes", "Recipes");
  await page.getByRole("link", { name: "Models" }).click();
  await office.settled("Models");
  const card = page.getByRole("region", { name: "People with similar histories" });
  const { linear, stream } = await kith.api.ask("/models");
  const [version] = linear.versions;
  const row = card.getByRole("row", { name: new RegExp(`^${version.version}\\b`) });
  await row.getByText("Serves", { exact: true }).waitFor();
  await row.getByText(version.chosen).waitFor();
  await row.getByText(`${version.histories} histories`).waitFor();
  const learned = page.getByRole("region", { name: "Learned from every event" });
  await learned.getByText(String(stream.events), { exact: true }).waitFor();
  await office.inspect("models");
});

test("a placement that learns says who chooses, and refuses what nobody can know", async () => {
  const { page } = office;
  await office.go("/placements/new", "New placement");
  await page.getByLabel("Name", { exact: true }).fill("Hero");
  await page.getByRole("switch", { name: "Learn, and draw by lot" }).check();
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.waitForURL(/\/placements\/hero/);
  await office.settled("Hero");
  for (const [id, priority] of [["warm_coat", 20], ["free_socks", 10]]) {
    await kith.api.ask(`/definitions/offer/${id}`, {
      method: "PUT",
      body: { name: id, spec: { placements: ["hero"], priority, content: { title: id } } },
    });
  }
  for (let one = 0; one < PEOPLE; one++) {
    const decision = await decided("hero", `visitor-${one}`);
    if (one % 3 === 0) await clicked(decision, `visitor-${one}`);
  }
  const heard = async () => (await kith.api.ask("/placements/hero/policy")).waiting === PEOPLE;
  await eventually("every decision waits for its outcome", heard);

  await page.getByRole("tab", { name: "What works" }).click();
  await office.settled("Hero");
  const gate = page.getByRole("region", { name: "Who chooses now" });
  await gate.getByText("Offers take turns", { exact: true }).waitFor();
  const policy = await kith.api.ask("/placements/hero/policy");
  assert.equal(policy.serves, "turns");
  await gate.getByText(policy.words).waitFor();
  await gate.getByText("Still awaited").waitFor();
  const compare = page.getByRole("region", { name: "What would have earned more?" });
  for (const way of ["What is learned now", "Highest priority first"]) {
    const row = compare.getByRole("status").filter({ hasText: way });
    await row.getByText("No past decision can be counted yet.").waitFor();
  }
  await compare.getByText(`${PEOPLE} decisions still wait for their outcome`).waitFor();
  await office.inspect("policies");
  await office.leave();
});
