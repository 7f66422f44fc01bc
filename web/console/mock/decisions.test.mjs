/** Funnel, coupon codes and the decisions explorer, done by keyboard and mouse. */
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

journey("funnel: another offer is drawn, and an empty-handed person is opened", async (page, visitor) => {
  await visitor.go("/placements/home_hero", "Home hero");
  const offers = page.getByRole("list", { name: "Offers by how many are shown them" });
  await offers.getByRole("button", { name: /^winter/ }).click();
  const funnel = page.getByRole("list", { name: "People who pass each layer of winter" });
  assert.equal(await funnel.getByRole("listitem").count(), 9);
  await funnel.getByText("1,828 100%").first().waitFor();
  await funnel.getByText("−658 fall out").waitFor();
  await page.getByText("Most are lost at “Eligible”: 658 people.").waitFor();
  await page.getByRole("button", { name: /^Show \d+ more$/ }).click();
  assert.equal(await offers.getByRole("listitem").count(), 40);
  await page.getByText("217 people are never offered anything here (12%)").waitFor();
  const people = page.getByRole("list", { name: "People who are never offered anything" });
  await people.getByRole("link").first().click();
  await page.waitForURL(/\/profiles\/p_/);
  await visitor.settled(site.mock.workspace.persons[0].display_name);
});

journey("funnel: everybody gets something, nobody is there, no answer", async (page, visitor) => {
  await visitor.go("/placements/slot_1", "Slot 1");
  await page.getByText("No offer was considered").waitFor();
  await page.getByText("Everybody of the sample is offered something.").waitFor();
  await visitor.go("/placements/slot_3", "Slot 3");
  await page.getByText("Nobody to ask yet").waitFor();
  await page.route("**/funnel", (route) => route.fulfill({ status: 500, body: "{}" }));
  await visitor.go("/offers/vouchers", "Ten off, from our list");
  const card = page.getByRole("region", { name: "Who gets it" });
  await card.getByRole("alert").waitFor();
  await page.unroute("**/funnel");
  await card.getByRole("button", { name: "Try again" }).click();
  await card.getByRole("list", { name: /vouchers$/ }).waitFor();
});

journey("coupons: pasted twice, a file, a code that is too long", async (page, visitor) => {
  await visitor.go("/offers/vouchers", "Ten off, from our list");
  const codes = page.getByRole("region", { name: "Coupon codes" });
  await codes.getByText("320 of 500 left").waitFor();
  const field = page.getByLabel("Add coupon codes");
  await field.fill("code\nSPRING-1\nSPRING-2\nSPRING-1\nOLD-7");
  await page.getByText("1 comes twice in the list").waitFor();
  await page.getByRole("button", { name: "Add 4 codes" }).click();
  await page.getByText("2 codes added. 2 were there before, or came twice.").waitFor();
  await codes.getByText("322 of 502 left").waitFor();

  const many = Array.from({ length: 25_000 }, (_, at) => `BULK-${at}`).join("\n");
  await page.getByLabel("Choose a file").last().setInputFiles({
    name: "codes.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(many),
  });
  await page.getByRole("button", { name: "Add 25,000 codes" }).click();
  await page.getByText("25,000 codes added.").waitFor();
  await codes.getByText("25,322 of 25,502 left").waitFor();

  await field.fill(`FINE-1\n${"X".repeat(80)}`);
  await page.getByRole("button", { name: "Add 2 codes" }).click();
  await page.getByText("codes[1]").waitFor();
  await page.getByText("is not a code of 1 to 64 characters").waitFor();
  assert.match(await field.inputValue(), /FINE-1/, "what was not added is still there");
});

journey("explorer: by placement, by person, by time, by id", async (page, visitor) => {
  await visitor.go("/decisions", "Decisions");
  const rows = page.getByRole("table", { name: "Decisions" }).locator("[data-row]");
  await rows.first().waitFor();
  await page.getByRole("combobox", { name: "Placement" }).click();
  await page.getByRole("option", { name: "also_like" }).click();
  await page.waitForURL(/placement=also_like/);
  await page.waitForFunction(
    () => ![...document.querySelectorAll("[data-row]")].some((one) => /home_hero/.test(one.textContent)),
  );
  await page.getByRole("button", { name: /^Person/ }).click();
  await page.getByRole("option").nth(1).click();
  await page.waitForURL(/person=p_/);
  await page.waitForFunction(() => document.querySelectorAll("[data-row]").length === 3);
  await page.getByLabel("Up to").fill("2001-01-01T00:00");
  await page.getByText("No decision fits").waitFor();
  const { decision_id: id } = site.mock.workspace.decided[0];
  await page.getByLabel("Decision id").fill(`https://kith.example/console/decisions/${id}`);
  await page.keyboard.press("Enter");
  await visitor.settled("Decision");
  await page.getByText("everyone", { exact: true }).waitFor();
  await page.getByText("90 behind").waitFor();
  await page.getByRole("list", { name: "Why am I seeing this?" }).getByText(/^You bought here/).waitFor();
});

journey("a decision taken again: the same, and otherwise", async (page, visitor) => {
  const [person] = site.mock.workspace.persons;
  const name = person.display_name;
  await visitor.go(`/profiles/${person.person_id}?tab=decisions`, name);
  await page.getByRole("link", { name: "Open the decision" }).first().click();
  await visitor.settled("Decision");
  await page.getByRole("button", { name: "Take it again" }).click();
  await page.getByText(/came out the same in all [\d,]+ bytes/).waitFor();
  await visitor.go(`/decisions/d_${person.person_id.slice(2, 10)}3`, "Decision");
  await page.getByRole("button", { name: "Take it again" }).click();
  await page.getByText("It came out otherwise").waitFor();
  await page.getByRole("cell", { name: "seed", exact: true }).waitFor();
});

journey("an event leads to the decision that somebody saw", async (page, visitor) => {
  const seen = site.mock.workspace.events.find(({ name }) => name === "Decision Viewed");
  await visitor.go(`/events?open=${seen.message_id}`, "Live events");
  await page.getByRole("dialog").getByRole("link", { name: "Open the decision" }).click();
  await page.waitForURL(/\/decisions\/d_live$/);
  await visitor.settled("Decision");
});
