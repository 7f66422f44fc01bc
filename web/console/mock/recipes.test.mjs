/** Recipes, the models behind them, and ways to choose compared, done by keyboard and mouse. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser } from "./browser.mjs";

let site;
before(async () => {
  site = await openBrowser({ rows: 60 });
});
after(() => site.close());

/** Runs a test on a signed-in page and fails it on any complaint of the browser. */
function journey(name, run, options) {
  test(name, async () => {
    const visitor = await site.visit(options);
    await run(visitor.page, visitor);
    await visitor.settled();
    assert.equal((await visitor.axe()).join("\n"), "");
    assert.equal(visitor.complaints.join("\n"), "");
    await visitor.close();
  });
}

const savedSpec = (kind, id) => site.mock.workspace.definitions.get(`${kind}/${id}`).at(-1).spec;

async function choosePerson(page) {
  await page.getByRole("button", { name: "Preview as" }).click();
  await page.getByRole("option").nth(1).click();
  await page.waitForURL(/as=p_/);
}

/** Holds back the answers of an address until the page was looked at. */
async function held(page, address) {
  let release;
  const waiting = new Promise((resolve) => (release = resolve));
  await page.route(address, async (route) => {
    await waiting;
    await route.continue();
  });
  return release;
}

journey("recipes: searched, opened, and what they do in words", async (page, visitor) => {
  await visitor.go("/recipes", "Recipes");
  const rows = page.getByRole("table", { name: "Recipes" }).locator("[data-row]");
  assert.equal(await rows.count(), 4);
  await page.getByRole("searchbox").fill("for y");
  await page.waitForURL(/q=for/);
  await rows.nth(1).waitFor({ state: "detached" });
  await rows.first().click();
  await visitor.settled("For you");
  for (const said of [
    "Only items where price is below 180",
    "Never items where category is “accessories”",
    "Counts ×1.4 where margin is above 0.3",
    "At most 2 items of each category",
    "10% of the places are drawn by lot, so that other items are seen too",
  ])
    await page.getByText(said, { exact: true }).waitFor();
  await page.getByText("Better than showing what is popular: by 1.58×").waitFor();
  await page.getByText("42% of the catalog").waitFor();
  const words = page.getByRole("region", { name: "In plain words" });
  await words.getByRole("link", { name: "What everybody wants" }).click();
  await visitor.settled("What everybody wants");
  await page.getByText("8 more persons who turned to a second item are needed").waitFor();
  await page.getByText("In no placement yet").waitFor();
});

journey("recipes: while they come, when they do not, and when there is none", async (page, visitor) => {
  const release = await held(page, "**/api/v1/definitions/recipe?*");
  await page.goto(`${visitor.base}/recipes`);
  await page.getByRole("status", { name: "Loading" }).waitFor();
  release();
  await visitor.settled("Recipes");
  await page.unroute("**/api/v1/definitions/recipe?*");

  await visitor.go("/recipes?q=error:500", "Recipes");
  await page.getByRole("alert").getByText("the mock was asked to fail").waitFor();
  await visitor.go("/recipes?q=nothing-is-called-this", "Recipes");
  assert.equal(await page.locator("[data-row]").count(), 0);

  await page.route("**/recipes/for_you/report", (route) => route.fulfill({ status: 500, body: "{}" }));
  await visitor.go("/recipes/for_you", "For you");
  const report = page.getByRole("region", { name: "Does it work?" });
  await report.getByRole("alert").waitFor();
  await page.unroute("**/recipes/for_you/report");
  await report.getByRole("button", { name: "Try again" }).click();
  await report.getByText("Better than showing what is popular").waitFor();
  await visitor.go("/recipes/again", "Buy again");
  await page.getByText("revision 2 is being measured").waitFor();
});

journey(
  "recipes and models of an empty workspace say what to do first",
  async (page, visitor) => {
    await visitor.go("/models", "Models");
    await page.getByText("Nothing is learned while there is no recipe.").waitFor();
    await visitor.go("/recipes", "Recipes");
    await page.getByText("No recipe yet").waitFor();
    await page.getByRole("link", { name: "New recipe" }).first().click();
    await visitor.settled("New recipe");
  },
  { user: "empty" },
);

journey("a recipe is made by choosing, and tried before it is saved", async (page, visitor) => {
  await visitor.go("/recipes/new", "New recipe");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByText("Write something here.").first().waitFor();
  await page.getByText("Choose somebody to try it on").waitFor();
  await choosePerson(page);
  await page.getByLabel("Name", { exact: true }).fill("Under the cart");
  await page.getByRole("button", { name: "Add a model" }).click();
  await page.getByRole("menuitem", { name: /^People with similar histories/ }).click();
  await page.getByRole("button", { name: "Remove Popular" }).click();
  const weight = page.getByLabel("Weight of People with similar histories");
  await weight.fill("6");
  await page.getByText("75%").waitFor();

  const only = page.getByRole("region", { name: "Only these items" });
  await only.getByRole("button", { name: "Add a condition" }).click();
  await only.getByRole("combobox", { name: "What of the item" }).click();
  await page.getByRole("option", { name: "price" }).click();
  await only.getByLabel("Value").fill("60");
  const items = page.getByRole("list", { name: "Recommended items" }).getByRole("listitem");
  await page.waitForFunction(() => {
    const prices = [...document.querySelectorAll('ol[aria-label="Recommended items"] > li')]
      .map((one) => /€([\d.]+)/.exec(one.textContent)?.[1])
      .map(Number);
    return prices.length > 0 && prices.every((price) => price < 60);
  });
  assert.ok((await items.count()) > 0);

  const never = page.getByRole("region", { name: "Never these items" });
  await never.getByRole("button", { name: "Add a condition" }).click();
  await never.getByLabel("Value").click();
  await page.getByRole("option", { name: "shoes", exact: true }).click();

  await page.getByRole("region", { name: "Boosts" }).getByRole("button", { name: "Add a boost" }).click();
  await page.getByLabel("Places drawn by lot").fill("5");
  await page.getByRole("combobox", { name: "Add a recipe" }).click();
  await page.getByRole("option", { name: "What everybody wants" }).click();
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByText("Say which items it is for.").last().waitFor();
  await page.getByRole("button", { name: "Remove boost 1" }).click();
  await page.getByRole("button", { name: "Create" }).click();
  await page.waitForURL(/\/recipes\/under_the_cart/);
  await visitor.settled("Under the cart");

  const spec = savedSpec("recipe", "under_the_cart");
  assert.deepEqual(spec.ingredients, [
    { model: "item-to-item", weight: 2 },
    { model: "linear", weight: 6 },
  ]);
  assert.equal(spec.include_when, "item.price < 60");
  assert.equal(spec.exclude_when, 'item.categories contains "shoes"');
  assert.equal(spec.exploration, 0.05);
  assert.deepEqual(spec.fallbacks, ["wanted"]);
});

journey("a recipe is tried on a person, a product, a cart and a category", async (page, visitor) => {
  await visitor.go("/recipes/for_you", "For you");
  await choosePerson(page);
  const about = page.getByRole("radiogroup", { name: "Where it is recommended" });
  await about.getByText("Product", { exact: true }).click();
  await page.getByText("Choose the product above.").waitFor();
  await page.getByRole("combobox", { name: "The product they look at" }).fill("103");
  await page.getByRole("option", { name: /103/ }).click();
  await page.waitForURL(/item=item-0003/);
  await page.getByRole("list", { name: "Recommended items" }).getByRole("listitem").first().waitFor();
  await about.getByText("Cart", { exact: true }).click();
  await page.getByText("Choose what is in the cart above.").waitFor();
  await page.getByRole("combobox", { name: "What is in the cart" }).fill("104");
  await page.getByRole("option", { name: /104/ }).first().click();
  await page.waitForURL(/cart=item-/);
  await about.getByText("Category", { exact: true }).click();
  await page.getByText("Choose the category above.").waitFor();
  await page.getByRole("combobox", { name: "Category" }).click();
  await page.getByRole("option", { name: "shoes", exact: true }).click();
  await page.waitForURL(/category=shoes/);
});

journey("models: going back to a version, and to the newest again", async (page, visitor) => {
  const release = await held(page, "**/api/v1/models");
  await page.goto(`${visitor.base}/models`);
  await page.getByRole("status", { name: "Loading" }).waitFor();
  release();
  await visitor.settled("Models");
  await page.unroute("**/api/v1/models");
  const card = page.getByRole("region", { name: "People with similar histories" });
  const row = (version) => card.getByRole("row", { name: new RegExp(`^${version}\\b`) });
  await row(9).getByText("Cannot serve").waitFor();
  assert.equal(await row(9).getByRole("button").count(), 0, "a damaged file is not offered");
  await row(14).getByText("Serves").waitFor();

  await page.route("**/models/linear/serve", (route) =>
    route.fulfill({
      status: 409,
      contentType: "application/problem+json",
      body: JSON.stringify({ title: "the model is damaged", status: 409, code: "model-damaged" }),
    }),
  );
  await row(12).getByRole("button", { name: "Go back to version 12" }).click();
  const dialog = page.getByRole("dialog", { name: /^Go back to version 12/ });
  const confirm = dialog.getByRole("button", { name: "Go back to this version" });
  await confirm.click();
  await dialog.getByRole("alert").getByText("the model is damaged").waitFor();
  await page.unroute("**/models/linear/serve");
  await confirm.click();
  await dialog.waitFor({ state: "detached" });
  await row(12).getByText("Serves").waitFor();
  await card.getByText(/^Held at version 12 by ada@example.com/).waitFor();

  await card.getByRole("button", { name: "Serve the newest again" }).click();
  const again = page.getByRole("dialog", { name: /^Serve the newest/ });
  await again.getByText("Version 14 answers").waitFor();
  await again.getByRole("button", { name: "Serve the newest again" }).click();
  await row(14).getByText("Serves").waitFor();
  await card.getByText(/^Held at/).waitFor({ state: "detached" });
});

journey("models: no answer, a training under way, one that failed", async (page, visitor) => {
  await page.route("**/api/v1/models", (route) => route.fulfill({ status: 500, body: "{}" }));
  await visitor.go("/models", "Models");
  await page.getByRole("alert").waitFor();
  await page.unroute("**/api/v1/models");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("Last trained").waitFor();

  const told = async (training) => {
    await page.route("**/api/v1/models", async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ json: { ...(await answer.json()), linear: null, training } });
    });
    await visitor.go("/models", "Models");
  };
  const began = { state: "running", progress: 0.4, eta_at: null, finished_at: null, error: null };
  await told({ ...began, started_at: new Date().toISOString() });
  await page.getByText("Training in the background: 40% done.").waitFor();
  await page.getByText("Training begins when a recipe asks for it").waitFor();
  const now = new Date().toISOString();
  await page.unroute("**/api/v1/models");
  await told({ ...began, state: "failed", started_at: now, finished_at: now, error: "no room left" });
  await page.getByText("no room left").waitFor();
  await page.unroute("**/api/v1/models");
});

journey("ways to choose: compared, another ranking, refused for want of overlap", async (page, visitor) => {
  await visitor.go("/placements/learning_hero?tab=policies", "Learning hero");
  const gate = page.getByRole("region", { name: "Who chooses now" });
  await gate.getByText(/^What was learned serves: it earns 0.104/).waitFor();
  const compare = page.getByRole("region", { name: "What would have earned more?" });
  const ways = compare.getByRole("list", { name: /^What each way would have earned/ });
  await compare.getByText("“What is learned now” would have earned more").waitFor();
  assert.equal(await ways.getByRole("listitem").count(), 3);

  await compare.getByLabel("Always offer_0003").check();
  await compare.getByText("Too few past decisions resemble it.").waitFor();
  await page.route("**/policy-value", async (route) => {
    if (route.request().postDataJSON().offer !== "offer_0006") return route.continue();
    const answer = await route.fetch();
    const words = "No estimate: 38 % of what it would show was never drawn.";
    await route.fulfill({
      json: { ...(await answer.json()), headline: null, estimates: [], refusal: "support-missing", words },
    });
  });
  await compare.getByLabel("Always offer_0006").check();
  await compare.getByText("the past says nothing about it").waitFor();
  await compare.getByText("38 % of what it would show was never drawn").waitFor();
  assert.equal(await ways.getByRole("listitem").count(), 3, "what is refused has no figure");

  await compare.getByText("Another ranking").click();
  await compare.getByLabel("Name").fill("By value");
  await compare.getByLabel("Ranked by").fill("propensity * value");
  await compare.getByRole("button", { name: "Add to the comparison" }).click();
  await ways.getByText("By value").waitFor();
  await compare.getByRole("combobox", { name: "Estimated by" }).click();
  await page.getByRole("option", { name: "Weighted (IPW)" }).click();
  await ways.getByText("No interval with this estimator").first().waitFor();
});

journey("ways to choose: nothing known, not learning, no answer", async (page, visitor) => {
  await visitor.go("/placements/fresh_hero?tab=policies", "Just begun to learn");
  await page.getByText("200 are needed before anything else serves").waitFor();
  await page.getByText("No past decision can be counted yet.").first().waitFor();
  await page.getByText("3 days after a decision").waitFor();

  await page.route("**/placements/learning_hero/policy", (route) =>
    route.fulfill({ status: 500, body: "{}" }),
  );
  await visitor.go("/placements/learning_hero?tab=policies", "Learning hero");
  await page.getByRole("alert").waitFor();
  await page.unroute("**/placements/learning_hero/policy");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("region", { name: "Who chooses now" }).waitFor();

  await visitor.go("/placements/home_hero?tab=policies", "Home hero");
  await page.getByText("This placement does not learn").waitFor();
  await page.getByRole("button", { name: "Set up" }).click();
  await page.getByRole("switch", { name: "Learn, and draw by lot" }).check();
  await page.getByRole("tab", { name: "What works" }).click();
  await page.getByText("This placement does not learn").waitFor();
  await page.getByRole("tab", { name: "Set up" }).click();
  assert.ok(await page.getByRole("switch", { name: "Learn, and draw by lot" }).isChecked(), "what was set stays");
});

journey("a placement takes a recipe instead of strategies", async (page, visitor) => {
  await visitor.go("/placements/also_like", "You may also like");
  await page.getByText("A recipe", { exact: true }).click();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Choose a recipe.").waitFor();
  await page.getByRole("combobox", { name: "Recipe" }).click();
  await page.getByRole("option", { name: "For you" }).click();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Revision 2").first().waitFor();
  const spec = savedSpec("placement", "also_like");
  assert.equal(spec.recipe, "for_you");
  await visitor.go("/recipes/for_you", "For you");
  const words = page.getByRole("region", { name: "In plain words" });
  await words.getByRole("link", { name: "You may also like" }).waitFor();
});
