/** Audiences and features, done by keyboard and mouse. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser } from "./browser.mjs";

let site;
before(async () => {
  site = await openBrowser({ rows: 5000 });
});
after(() => site.close());

/** Runs a test on a signed-in page and fails it on any complaint of the browser. */
function journey(name, run, options) {
  test(name, async () => {
    const visitor = await site.visit(options);
    await run(visitor.page, visitor);
    assert.equal((await visitor.axe()).join("\n"), "");
    assert.equal(visitor.complaints.join("\n"), "");
    await visitor.close();
  });
}

const current = (kind, id) => site.mock.workspace.definitions.get(`${kind}/${id}`).at(-1);

async function add(page, preset) {
  await page.getByRole("button", { name: "Add condition" }).last().click();
  await page.getByRole("menuitem", { name: preset }).click();
}

journey(
  "list: 5,000 audiences by keyboard, search, and how far computing has come",
  async (page, visitor) => {
    await visitor.go("/audiences", "Audiences");
    await page.getByRole("progressbar", { name: "Computing Likes shoes: 37% done" }).waitFor();
    await page.getByRole("link", { name: "Winter boots" }).first().waitFor();
    const rows = page.getByRole("table", { name: "Audiences" }).getByRole("row");
    assert.ok((await rows.count()) < 60, "only rows in view are drawn");
    await page.locator('[data-row="0"]').focus();
    for (let times = 0; times < 60; times++) await page.keyboard.press("PageDown");
    await page.waitForFunction(() => Number(document.activeElement?.dataset.row) >= 480);
    // It is on a page that nobody has scrolled to.
    await page.getByRole("searchbox").fill("Interest group 4321");
    await page.getByRole("link", { name: "Interest group 4321" }).waitFor();
    await page.waitForURL(/q=Interest/);
  },
);

journey("an audience at work is cancelled and resumed", async (page, visitor) => {
  await visitor.go("/audiences/computing", "Likes shoes");
  await page.getByText("Past still being counted: 37% done").waitFor();
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await page.getByText("Incomplete: past not counted, 37% done").waitFor();
  await page.getByText("Only people looked at so far enter and leave").waitFor();
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByText("Past still being counted: 37% done").waitFor();
});

journey(
  "builder: software, nothing downloaded, a minute on site this week",
  async (page, visitor) => {
    await visitor.go("/audiences", "Audiences");
    await page.getByRole("link", { name: "New audience" }).click();
    await visitor.settled("New audience");
    await page.getByLabel("Name", { exact: true }).fill("High intent software");

    await add(page, /^Trait/);
    const trait = page.getByRole("group", { name: "Condition 1: Trait" });
    await page.waitForFunction(
      () => document.activeElement?.getAttribute("aria-label") === "Trait",
    );
    await page.keyboard.type("industry");
    await page.keyboard.press("Tab");
    await trait.getByLabel("Value").fill("software");

    await add(page, /^Did not do something/);
    const download = page.getByRole("group", { name: "Condition 2: Behaviour" });
    await download.getByRole("combobox", { name: "Event name" }).fill("Download");

    await add(page, /^Sum, average/);
    const seconds = page.getByRole("group", { name: "Condition 3: Behaviour" });
    await page.getByText("1 place is not filled in yet").waitFor();
    await seconds.getByRole("combobox", { name: "Property" }).fill("seconds");
    await seconds.getByRole("combobox", { name: "Event name" }).fill("Time On Site");
    await seconds.getByLabel("When: Count").fill("7");
    await seconds.getByLabel("Value").fill("60");

    await page.getByText(/between \d+ and \d+ with 95 % confidence/).waitFor();
    assert.equal(await page.getByRole("link", { name: /opens in a new tab/ }).count(), 10);
    await page.getByRole("button", { name: "Count exactly" }).click();
    await page.getByText("counted exactly").waitFor();
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.waitForURL(/audiences\/high_intent_software$/);
    assert.equal(
      current("audience", "high_intent_software").spec.when,
      'traits.industry = "software" and count("Download") = 0 and ' +
        'sum("Time On Site", of seconds, 7 days) > 60',
    );
  },
);

journey(
  "builder: groups, filters, a sequence, undo, and what is not filled in",
  async (page, visitor) => {
    await visitor.go("/audiences/new", "New audience");
    await page.getByLabel("Name", { exact: true }).fill("Nested");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByRole("alert").getByText("Add at least one condition").waitFor();

    await page.getByRole("button", { name: "Add group" }).click();
    const group = page.getByRole("group", { name: "Group 1", exact: true });
    await group.getByLabel("How many must hold, group 1").selectOption("none");
    await group.getByRole("combobox", { name: "Trait" }).fill("plan");
    await group.getByLabel("Comparison").selectOption("any-of");
    await group.getByRole("combobox", { name: "Values" }).focus();
    await page.keyboard.type("free,trial");
    await page.keyboard.press("Enter");

    await add(page, /^Something, but then not another/);
    const sequence = page.getByRole("group", { name: "Condition 2: Sequence" });
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByRole("alert").getByText("Fill in what is marked").waitFor();
    const first = sequence.getByRole("group", { name: "Step 1" });
    await first.getByRole("combobox", { name: "Event name" }).fill("Product Added");
    await first.getByRole("button", { name: "Only those where…" }).click();
    await first.getByRole("combobox", { name: "Property" }).fill("price");
    await first.getByLabel("Comparison").selectOption("ge");
    await first.getByLabel("Value").fill("50");
    const absent = sequence.getByRole("group", { name: "And then not" });
    await absent.getByRole("combobox", { name: "Event name" }).fill("Order Completed");
    await page.getByText("Ten of them").waitFor();

    await page.getByRole("button", { name: "Remove 1" }).click();
    await group.waitFor({ state: "detached" }).catch(() => undefined);
    await page.getByRole("button", { name: "Undo" }).click();
    await group.waitFor();
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.waitForURL(/audiences\/nested$/);
    assert.equal(
      current("audience", "nested").spec.when,
      'not traits.plan in ["free", "trial"] and sequence("Product Added" where price >= 50, ' +
        'not "Order Completed" within 2 hours, 7 days)',
    );
  },
);

journey("text: errors at their place, and back into blocks", async (page, visitor) => {
  await visitor.go("/audiences/kitchen_sink/edit", "Everything the language has");
  await page.getByRole("group", { name: "Condition 3: Sequence" }).waitFor();
  await page.getByText("Text", { exact: true }).click();
  const rule = page.getByLabel("Rule", { exact: true });
  await rule.fill('traits.plan = "pro" and\nfoo("x") > 2');
  await page.getByText("there is no fact called foo").waitFor();
  await page.getByRole("button", { name: "Line 2, column 1" }).click();
  assert.equal(await rule.evaluate((input) => input.selectionStart), 24);
  await page.getByText("Builder", { exact: true }).click();
  await page.getByText("Mend it in the text").waitFor();
  await page.getByRole("button", { name: "Go to the text" }).click();
  await rule.fill('traits.plan = "pro" or last("A") > first("B")');
  await page.getByText("The rule is understood").waitFor();
  await page.getByText("Builder", { exact: true }).click();
  await page.getByRole("group", { name: "Condition 1: Trait" }).waitFor();
  await page
    .getByRole("group", { name: "Condition 2: Written as text" })
    .getByText('first("B")')
    .waitFor();
});

journey("saving over somebody else's change asks first", async (page, visitor) => {
  await visitor.go("/audiences/conflict/edit", "Edited by two people");
  await page.getByRole("group", { name: "Condition 1: Trait" }).getByLabel("Value").fill("team");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Somebody else saved this meanwhile").waitFor();
  await page.getByText("Changed: description").first().waitFor();
  await page.getByRole("button", { name: "Save mine on top" }).click();
  await page.getByText("Saved as revision 3").waitFor();
  assert.equal(current("audience", "conflict").spec.when, 'traits.plan = "team"');
});

journey(
  "a list: rows with errors, what the server refuses, taking people off",
  async (page, visitor) => {
    await visitor.go("/audiences/new", "New audience");
    await page.getByLabel("Name", { exact: true }).fill("Trade fair");
    await page.getByText("A fixed list").click();
    await page
      .getByLabel("Paste identifiers")
      .fill("user_id:1000\nwhoever\nphone:0912\nuser_id:1000");
    await page.getByText("2 identifiers understood · 1 repeated").waitFor();
    await page.getByText("1 row has an error").waitFor();
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByText("1 added · 1 refused").waitFor();
    const refused = page.getByRole("row").filter({ hasText: "with its country code" });
    assert.match(await refused.textContent(), /^3phone:0912/);
    await page.getByRole("link", { name: "Open the audience" }).click();
    await page.waitForURL(/audiences\/trade_fair$/);
    await page.locator('[data-row="0"]').waitFor();

    await page.getByRole("link", { name: "Edit" }).click();
    await page.getByText("Remove", { exact: true }).click();
    await page.getByLabel("Paste identifiers").fill("user_id:1000");
    await page.getByRole("button", { name: "Remove 1 identifier" }).click();
    await page.getByText("1 removed").waitFor();
  },
);

journey("an audience: ranges live in the address, members as files", async (page, visitor) => {
  await visitor.go("/audiences/loyal_customers", "Loyal customers");
  await page.getByText("24 h", { exact: true }).click();
  await page.waitForURL(/range=24h/);
  await page.getByRole("img", { name: /^Size from/ }).waitFor();
  await page.getByRole("list", { name: "Recent entries and exits" }).waitFor();
  await page.getByRole("button", { name: "Export this audience" }).click();
  const csv = page.getByRole("menuitem", { name: "CSV", exact: true });
  assert.equal(
    await csv.getAttribute("href"),
    "/api/v1/export?audience=loyal_customers&format=csv",
  );
  await page.getByRole("menuitem", { name: "Google Ads…" }).click();
  const dialog = page.getByRole("dialog", { name: "Contacts for Google Ads" });
  await dialog.getByText("people in the file").waitFor();
  await dialog.getByText("consent refused").waitFor();
  assert.equal(
    await dialog.getByRole("link", { name: "Download" }).getAttribute("href"),
    "/api/v1/export?audience=loyal_customers&format=google&consent=marketing",
  );
});

journey("a profile: why in one audience and not in another", async (page, visitor) => {
  const [, person] = site.mock.workspace.persons;
  await visitor.go(`/profiles/${person.person_id}`, person.display_name);
  await page.getByRole("button", { name: "Why in an audience, or why not?" }).click();
  const drawer = page.getByRole("dialog", { name: "Why in, why not" });
  await drawer.getByText("Test by test").waitFor();
  await drawer.getByRole("combobox", { name: "Audience" }).fill("looked around");
  await page.getByRole("option", { name: "Software, has looked around, no download" }).click();
  await page.waitForURL(/explain=high_intent/);
  await drawer.getByText("is not in Software, has looked around, no download").waitFor();
  await drawer.getByText("Does not hold").first().waitFor({ state: "attached" });
  await drawer.getByText(/^Changes /).waitFor();
});

journey("a feature: built, tried on ten people, published as a trait", async (page, visitor) => {
  await visitor.go("/features/new", "New feature");
  await page.getByLabel("Name", { exact: true }).fill("Favourite brand");
  await page.getByLabel("What to compute").selectOption("top");
  await page.getByRole("combobox", { name: "Property" }).fill("brand");
  await page.getByRole("combobox", { name: "Event name" }).fill("Product Viewed");
  await page.getByLabel("When", { exact: true }).selectOption("this month");
  await page.getByText('top("Product Viewed", of brand, this month)').waitFor();
  await page.getByRole("columnheader", { name: "Value" }).waitFor();
  await page.getByLabel("Also show as a trait on profiles").fill("favourite_brand");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.waitForURL(/features\/favourite_brand$/);
  const { spec } = current("feature", "favourite_brand");
  assert.equal(spec.value, 'top("Product Viewed", of brand, this month)');
  assert.equal(spec.trait, "favourite_brand");
});
