/** What people come to the console to do, done by keyboard and mouse. */
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
    assert.equal(visitor.complaints.join("\n"), "");
    await visitor.close();
  });
}

journey(
  "install: create a source and a key, send a test event, see it arrive",
  async (page, visitor) => {
    await visitor.go("/install", "Install");
    await page.getByRole("button", { name: "New source" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Winter site");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByRole("button", { name: "Create a key" }).click();
    await page.getByText("cannot be shown again").waitFor();
    const snippet = page.getByRole("group", { name: "Snippet for Kith tag" });
    assert.match(await snippet.textContent(), /\/tag\/c[0-9a-z]{24}\.js/);
    await page.getByText("Listening for an event from Winter site").waitFor();
    await page.getByRole("button", { name: "Send a test event" }).click();
    await page.getByText("Your first event is here").waitFor();
    await page.getByRole("link", { name: "Open the person" }).click();
    await page.getByRole("tab", { name: "Timeline" }).waitFor();
  },
);

journey("live events: follow, pause, resume, and 5,000 rows by keyboard", async (page, visitor) => {
  await visitor.go("/events", "Live events");
  await page.getByText("Following").waitFor();
  const live = site.mock.emit();
  const rows = page.getByRole("table", { name: "Events, newest first" }).getByRole("row");
  await page.locator(`[data-fresh="true"]`).first().waitFor();

  await page.getByRole("button", { name: "Pause" }).click();
  site.mock.emit();
  site.mock.emit();
  await page.getByRole("button", { name: "2 new events" }).click();
  await page.getByText("Following").waitFor();
  assert.ok((await rows.count()) < 60, "only rows in view are drawn");

  const first = page.locator('[data-row="0"]');
  await first.focus();
  for (let page_ = 0; page_ < 30; page_++) await page.keyboard.press("PageDown");
  await page.waitForFunction(() => Number(document.activeElement?.dataset.row) >= 190);
  await page.keyboard.press("Enter");
  const drawer = page.getByRole("dialog", { name: "Event" });
  await drawer.getByText("Resolved to a person").waitFor();
  await drawer.getByRole("tab", { name: "Raw JSON" }).click();
  await drawer.getByText('"message_id"').waitFor();
  await page.keyboard.press("Escape");
  await drawer.waitFor({ state: "detached" });
  assert.ok(live.message_id);
});

journey("live events: filters live in the address", async (page, visitor) => {
  await visitor.go("/events", "Live events");
  await page.getByLabel("Event name").fill("Order Completed");
  await page.waitForURL(/name=Order\+Completed/);
  await page.reload();
  assert.equal(await page.getByLabel("Event name").inputValue(), "Order Completed");
  const names = page.locator("[data-row]");
  await names.first().waitFor();
  assert.deepEqual([...new Set(await names.allTextContents())], ["Order Completed"]);

  const person = site.mock.workspace.persons[0];
  await page.getByRole("button", { name: "Person" }).click();
  await page.getByPlaceholder("Search by e-mail, id or name").fill("1000");
  await page.getByRole("option", { name: person.display_name }).click();
  await page.waitForURL(new RegExp(`person=${person.person_id}`));
  await names.first().waitFor();
});

journey("rejected: the reason, sent again as it came, and corrected", async (page, visitor) => {
  await visitor.go("/events?tab=rejected", "Live events");
  await page.locator('[data-row="0"]').click();
  const drawer = page.getByRole("dialog", { name: "Rejected event" });
  await drawer.getByText("the event names nobody").waitFor();
  await drawer.getByRole("button", { name: "Send again" }).click();
  await drawer.getByText("has a place in the log").waitFor();
  await page.keyboard.press("Escape");
  await drawer.waitFor({ state: "detached" });

  await page.getByText("is a blocked value for an identifier").first().click();
  const editor = drawer.getByLabel("Correct and send again");
  const original = await drawer.getByRole("group", { name: "As it was sent" }).textContent();
  await drawer.getByRole("button", { name: "Send again" }).click();
  await drawer.getByRole("alert").getByText("is a blocked value").waitFor();
  await editor.fill('{"type": "track",');
  await drawer.getByRole("button", { name: "Send again" }).click();
  await drawer.getByRole("alert").getByText("the text is not JSON").waitFor();
  await drawer.getByRole("button", { name: "Undo changes" }).click();
  const text = await editor.inputValue();
  assert.deepEqual(JSON.parse(text), JSON.parse(original), "the editor starts with what came");
  await editor.fill(text.replace("shoe-1", "shoe-2"));
  assert.equal((await visitor.axe()).join("\n"), "");
  await drawer.getByRole("button", { name: "Send again" }).click();
  await drawer.getByText("has a place in the log").waitFor();
  const corrected = drawer.getByRole("group", { name: "As it was corrected" });
  assert.match(await corrected.textContent(), /shoe-2/);
  const kept = await drawer.getByRole("group", { name: "As it was sent" }).textContent();
  assert.equal(kept, original, "what came stays readable");
});

journey("profiles: search by e-mail, open, and watch it change", async (page, visitor) => {
  const person = site.mock.workspace.persons[0];
  const email = person.identifiers.find((one) => one.namespace === "email").value;
  await visitor.go("/profiles", "Profiles");
  await page.getByRole("searchbox").fill(`email:${email}`);
  await page.waitForURL(/q=email/);
  await page.getByRole("link", { name: person.display_name }).first().click();
  await page.getByText("Updates live").waitFor();
  const before = await page.getByRole("button", { expanded: false }).count();
  const timeline = page.locator("ol > li > button");
  const [top] = await timeline.allTextContents();
  const event = site.mock.emit(person);
  await page.waitForFunction(
    (text) => document.querySelector("ol > li > button")?.textContent !== text,
    top,
  );
  await timeline.first().click();
  await page.getByRole("link", { name: "Open the event" }).click();
  await page.getByRole("dialog", { name: "Event" }).getByText(event.message_id).first().waitFor();
  assert.ok(before > 0);
});

journey(
  "profile: why two devices are one person, and why a decision was taken",
  async (page, visitor) => {
    const person = site.mock.workspace.persons[0];
    await visitor.go(`/profiles/${person.person_id}`, person.display_name);
    await page.getByRole("tab", { name: "Identity" }).click();
    await page.getByText("the visits before the log-in are the same person's").first().waitFor();
    await page.getByRole("list").getByText("Refused").last().waitFor();
    await page.getByRole("tab", { name: "Decisions" }).click();
    await page.waitForURL(/tab=decisions/);
    await page.getByText("You bought 2 times").first().waitFor();
    await page.getByText("3 lost").first().click();
    await page.getByText("It starts on 27 November 2026.").first().waitFor();
  },
);

journey("catalog: an item opened while typing rests stays open", async (page, visitor) => {
  await visitor.go("/catalog", "Catalog");
  const first = page.locator('[data-row="0"]');
  await first.waitFor();
  // Both within one task: the search settles after the item is in the address.
  await page.evaluate(() => {
    const field = document.querySelector('[role="searchbox"]');
    const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
    set.call(field, "item");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    document.querySelector('[data-row="0"]').click();
  });
  await page.waitForURL(/q=item/);
  assert.match(page.url(), /item=item-/);
  await page.getByRole("dialog").getByLabel("Title").waitFor();
});

journey(
  "catalog: edit, field errors from the server, import with row errors",
  async (page, visitor) => {
    await visitor.go("/catalog?q=item-0007", "Catalog");
    await page.locator('[data-row="0"]').click();
    const drawer = page.getByRole("dialog");
    await drawer.getByLabel("Title").fill("error:422");
    await drawer.getByRole("button", { name: "Save item" }).click();
    await drawer.getByText("this title is not allowed here").waitFor();
    await drawer.getByLabel("Title").fill("Renamed boot");
    await drawer.getByLabel("Price").fill("12,50");
    await drawer.getByRole("button", { name: "Save item" }).click();
    await drawer.getByText("A decimal with a point").waitFor();
    await drawer.getByLabel("Price").fill("12.50");
    await drawer.getByRole("button", { name: "Save item" }).click();
    await drawer.waitFor({ state: "detached" });
    await page.getByText("Renamed boot").waitFor();

    await visitor.go("/catalog/import", "Import items");
    const text =
      "item_id,title,price,currency\nn-1,New one,5.00,EUR\n,Nameless,1.00,EUR\nn-3,Bad,cheap,EUR\n";
    await page.getByLabel("Paste rows").fill(text);
    await page.getByText("2 rows understood").waitFor();
    await page.getByText("1 row has an error").waitFor();
    await page.getByRole("button", { name: "Import 2 items" }).click();
    await page.getByText("1 item imported · 1 row refused").waitFor();
    await page.getByText("“cheap” is not a decimal").waitFor();
  },
);

journey(
  "offer: preview as a person, rule errors with their place, a conflict",
  async (page, visitor) => {
    await visitor.go("/offers/conflict", "Edited by two people");
    await page.getByRole("button", { name: "Preview as" }).click();
    await page.getByPlaceholder("Search by e-mail, id or name").fill("1000");
    await page.getByRole("option").nth(1).click();
    await page.getByText("This offer is shown").waitFor();
    assert.match(page.url(), /as=p_/);

    const rule = page.getByLabel("Who may see it");
    await rule.fill("feature.purchase_count > 2");
    await page.getByText("line 1, column 1: there is no fact").first().waitFor();
    await page.getByText("Help with rules").first().click();
    await rule.fill("");
    await page.getByRole("button", { name: "Insert features.purchase_count" }).click();
    assert.equal(await rule.inputValue(), "features.purchase_count");
    await rule.fill("features.purchase_count > 2");
    await page.getByText("The rule is understood").waitFor();

    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Somebody else saved this meanwhile").waitFor();
    await page.getByText("Changed: priority").first().waitFor();
    assert.ok(await page.getByRole("button", { name: "Save", exact: true }).isDisabled());
    await page.getByRole("button", { name: "Save mine on top" }).click();
    await page.getByText("Saved as revision 3").waitFor();
  },
);

journey("offer: leaving with unsaved changes asks first", async (page, visitor) => {
  await visitor.go("/offers/new", "New offer");
  await page.getByLabel("Name", { exact: true }).fill("Spring sale");
  assert.equal(await page.getByLabel("Id", { exact: true }).inputValue(), "spring_sale");
  await page.getByRole("link", { name: "Home", exact: true }).click();
  const asking = page.getByRole("dialog", { name: "Leave without saving?" });
  await asking.getByRole("button", { name: "Cancel" }).click();
  await asking.waitFor({ state: "detached" });
  await page
    .getByRole("combobox", { name: "Placements" })
    .or(page.getByLabel("Placements"))
    .first()
    .fill("home_hero");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.waitForURL(/offers\/spring_sale/);
  await page.getByRole("heading", { level: 1, name: "Spring sale" }).waitFor();
});

journey("placement: strategies are ordered without dragging", async (page, visitor) => {
  await visitor.go("/placements/also_like", "You may also like");
  await page.getByRole("button", { name: "Move Popular now up" }).click();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Saved as revision 2").waitFor();
  await page.getByText("Changed: strategies").waitFor();
});

journey("keys: made, shown once, deleted after a question", async (page, visitor) => {
  await visitor.go("/settings", "Settings");
  await page.getByRole("button", { name: "New secret key" }).click();
  await page.getByLabel("Name", { exact: true }).fill("reports");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByRole("dialog").getByText(/^ksk_/).waitFor();
  await page.getByRole("button", { name: "I have copied it" }).click();
  await page.getByRole("button", { name: "Delete the key reports" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete key" }).click();
  await page.getByRole("cell", { name: "reports", exact: true }).waitFor({ state: "detached" });
});

journey("Ctrl-K goes to pages, people and definitions", async (page, visitor) => {
  await visitor.go("/", "Home");
  await page.keyboard.press("Control+k");
  const input = page.getByRole("combobox");
  await input.fill("winter");
  await page.getByRole("option", { name: "Winter boots" }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/offers\/winter$/);
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Go to a page" }).fill("rej");
  await page.keyboard.press("Enter");
  await page.waitForURL(/tab=rejected/);
});

test("a session that ended leads to sign-in and back", async () => {
  const visitor = await site.visit();
  const { page } = visitor;
  await visitor.go("/catalog?q=boot", "Catalog");
  await page.context().clearCookies();
  await page.getByRole("link", { name: "Sources" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.getByLabel("E-mail").fill("ada@example.com");
  await page.getByLabel("Password", { exact: true }).fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").getByText("e-mail or password is wrong").first().waitFor();
  await page.getByLabel("Password", { exact: true }).fill("right");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "Sources" }).waitFor();
  await visitor.close();
});

test("the first administrator is made once, and lands on Install", async () => {
  const fresh = await openBrowser({ rows: 0, fresh: true });
  const visitor = await fresh.visit({ user: null });
  const { page } = visitor;
  await visitor.go("/", "Set up Kith");
  assert.equal((await visitor.axe()).join("\n"), "");
  await page.getByLabel("Your name").fill("Ada");
  await page.getByLabel("E-mail").fill("ada@example.com");
  await page.getByLabel("Password", { exact: true }).fill("short");
  await page.getByRole("button", { name: "Create administrator" }).click();
  await page.getByText("Use at least 12 characters.").waitFor();
  await page.getByLabel("Password", { exact: true }).fill("password password");
  await page.getByRole("button", { name: "Create administrator" }).click();
  await page.getByText("one of the most used passwords").waitFor();
  await page.getByLabel("Password", { exact: true }).fill("a quiet river at noon");
  await page.getByRole("button", { name: "Create administrator" }).click();
  await page.getByRole("heading", { level: 1, name: "Install" }).waitFor();
  await fresh.close();
});

journey("a probable link on the profile: why, what it would do, and back", async (page, visitor) => {
  const { persons } = site.mock.workspace;
  const known = persons.filter((one) => !one.display_name.startsWith("Visitor "));
  const { person_id, display_name } = known[16];
  await visitor.go(`/profiles/${person_id}?tab=identity`, display_name);
  const card = page.getByRole("region", { name: "Probably the same person" });
  await card.getByRole("button", { name: "Why" }).click();
  await card.getByText("Any two people, before looking").waitFor();
  await page.getByRole("group", { name: "Identity graph of this person" }).getByText("74%").waitFor();
  await card.getByRole("button", { name: /is somebody else$/ }).click();
  const dialog = page.getByRole("dialog", { name: "They are two persons" });
  await dialog.getByRole("region", { name: "Afterwards" }).getByText("2 persons").waitFor();
  await dialog.getByRole("button", { name: "Two persons" }).click();
  await card.getByText("Nobody else is probably this person.").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await card.getByRole("button", { name: /is the same person$/ }).waitFor();
});

journey("review queue: decide by key, skip, take it back, and see a failure", async (page, visitor) => {
  await visitor.go("/identity-reviews", "Review queue");
  await page.getByText("6 left").waitFor();
  const pair = page.getByRole("region", { name: "Side by side" });
  const sure = (share) => pair.getByText(share, { exact: true }).waitFor();
  await sure("97%");
  await page.getByText("One person with", { exact: false }).waitFor();

  // A key that is typed as text decides nothing.
  await page.getByLabel("Reason (optional)").fill("error:503");
  await page.keyboard.press("s");
  assert.equal(await page.getByLabel("Reason (optional)").inputValue(), "error:503s");
  await page.getByLabel("Reason (optional)").fill("error:503");
  await page.getByRole("button", { name: "Two persons" }).click();
  await page.getByText("It was not saved").waitFor();
  await page.getByText("6 left").waitFor();

  await page.getByLabel("Reason (optional)").fill("father and son");
  await page.getByRole("button", { name: "Two persons" }).click();
  await page.getByText("5 left").waitFor();
  await sure("91%");
  await page.locator("h1").click();
  await page.keyboard.press("ArrowRight");
  await sure("86%");
  await page.getByText("One person with", { exact: false }).waitFor();
  await page.keyboard.press("s");
  await page.getByText("4 left").waitFor();
  await page.getByText(": same person").waitFor();
  await page.keyboard.press("u");
  await page.getByText("5 left").waitFor();
  // What was taken back is the open pair again.
  assert.match(page.url(), /pair=1002\.2002/);
  await page.getByText(": two persons").waitFor();

  await page.getByLabel("Keys: S, T, ← →, U").uncheck();
  await page.locator("h1").click();
  await page.keyboard.press("t");
  await page.getByText("5 left").waitFor();
  await page.getByLabel("Keys: S, T, ← →, U").check();
  for (const left of ["4 left", "3 left", "2 left", "1 left"]) {
    await page.getByRole("button", { name: "Two persons" }).click();
    await page.getByText(left).waitFor();
  }
  await page.getByRole("button", { name: "Two persons" }).click();
  await page.getByText("All decided").waitFor();
  assert.deepEqual(await visitor.axe(), []);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("1 left").waitFor();

  await visitor.go("/identity", "Identity quality");
  await page.getByRole("cell", { name: "father and son" }).waitFor();
});
