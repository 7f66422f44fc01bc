/** Two people share a tablet and stay two; an operator merges two records and takes it back. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser } from "../harness/browser.js";
import { eventually } from "../harness/eventually.js";
import { serve } from "../harness/kith.js";
import { openOffice } from "../harness/office.js";

let kith;
let browser;
let office;
before(async () => {
  [kith, browser] = await Promise.all([serve(), launchBrowser()]);
  office = await openOffice(browser, kith);
});
after(async () => {
  await browser?.close();
  await kith?.stop();
});

async function send(batch) {
  const events = batch.map((event, at) => ({ messageId: `${event.userId}-${at}`, ...event }));
  const answer = await kith.api.collect({ batch: events });
  assert.equal(answer.status, 200, answer.text);
  await kith.api.settled();
}

const identify = (userId, traits, members = {}) => ({ type: "identify", userId, traits, ...members });
const track = (event, userId, members = {}) => ({ type: "track", event, userId, ...members });
const idOf = async (identifier) => (await kith.api.personOf(identifier)).person_id;

/** What of a person a merge and its undoing must not change. */
async function standing(identifier) {
  const { person_id, display_name, identifiers, traits } = await kith.api.personOf(identifier);
  const { items } = await kith.api.ask(`/persons/${person_id}/events?limit=100`);
  const events = items.map((event) => event.message_id);
  return { person_id, display_name, identifiers, traits, events };
}

test("who is one person is shown, changed by hand, and taken back", async (t) => {
  const { page } = office;
  const tablet = { anonymousId: "shop-tablet" };
  await send([
    identify("ada", { name: "Ada Moss", email: "ada@example.com" }, tablet),
    track("Product Viewed", "ada", tablet),
  ]);
  await send([
    identify("bob", { name: "Bob Reed", email: "bob@example.com" }, tablet),
    track("Product Viewed", "bob", tablet),
    identify("crm-1", { name: "Wren Hale" }),
    track("Order Completed", "crm-1"),
    identify("crm-2", { name: "W. Hale", email: "wren@example.com" }),
    track("Product Viewed", "crm-2"),
  ]);

  await t.test("sign in", async () => {
    await office.go("/", "Set up Kith");
    await page.getByLabel("Your name").fill("Grace");
    await page.getByLabel("E-mail").fill("grace@example.com");
    await page.getByLabel("Password", { exact: true }).fill("a quiet river at noon");
    await page.getByRole("button", { name: "Create administrator" }).click();
    await office.settled("Install");
  });

  await t.test("two people share a tablet, and the graph says why they stay two", async () => {
    const [ada, bob] = [await idOf("user_id:ada"), await idOf("user_id:bob")];
    assert.notEqual(ada, bob);
    await office.go(`/profiles/${ada}?tab=identity`, "Ada Moss");
    const graph = page.getByRole("group", { name: "Identity graph of this person" });
    await graph.getByText("Other people").waitFor();
    await graph.getByRole("button", { name: /^anonymous_id:shop-tablet/ }).focus();
    await page
      .getByText(/several people use this device, so it belongs to none of them/)
      .first()
      .waitFor();
    await office.inspect("identity-shared-tablet");
    await office.go("/identity", "Identity quality");
    await page.getByText("Shared device", { exact: true }).waitFor();
    await page
      .getByRole("group", { name: "Shared identifiers" })
      .getByText("shop-tablet")
      .waitFor();
    await office.inspect("identity-quality");
  });

  await t.test("an operator merges two records and takes it back", async () => {
    const first = await standing("user_id:crm-1");
    const second = await standing("user_id:crm-2");
    await office.go(`/profiles/${first.person_id}?tab=identity`, first.display_name);
    await page.getByRole("button", { name: "Merge with…" }).click();
    const dialog = page.getByRole("dialog", { name: "Merge two persons" });
    await dialog.getByRole("button", { name: "The other person" }).click();
    await page.getByLabel("Search by e-mail, id or name").fill("wren@example.com");
    await page.getByRole("option", { name: /W\. Hale/ }).click();
    const afterwards = dialog.getByRole("region", { name: "Afterwards" });
    await afterwards.getByText("1 person", { exact: false }).first().waitFor();
    await dialog.getByLabel("Reason").fill("same loyalty card");
    await office.inspect("identity-merge");
    // The preview did nothing.
    assert.notEqual(await idOf("user_id:crm-1"), await idOf("user_id:crm-2"));
    await dialog.getByRole("button", { name: "Merge", exact: true }).click();
    await page.getByText("Merged into one person").waitFor();
    assert.equal(await idOf("user_id:crm-1"), await idOf("user_id:crm-2"));
    await page.getByText(/same loyalty card/).first().waitFor();
    await office.inspect("identity-merged");
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("Undone. Everybody is as before.").waitFor();
    assert.deepEqual(await standing("user_id:crm-1"), first);
    assert.deepEqual(await standing("user_id:crm-2"), second);
  });

  await t.test("splits an identifier off, and undoes that", async () => {
    const wren = await standing("user_id:crm-2");
    await office.go(`/profiles/${wren.person_id}?tab=identity`, wren.display_name);
    await page.getByLabel("Choose email:wren@example.com").check();
    await page.getByRole("button", { name: "Split off 1 identifier" }).click();
    const dialog = page.getByRole("dialog", { name: "Split this person" });
    await dialog.getByRole("region", { name: "Afterwards" }).getByText("2 persons").waitFor();
    await office.inspect("identity-split");
    await dialog.getByRole("button", { name: "Split", exact: true }).click();
    await page.getByText("Split into 2 persons").waitFor();
    assert.notEqual(await idOf("email:wren@example.com"), await idOf("user_id:crm-2"));
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("Undone. Everybody is as before.").last().waitFor();
    assert.deepEqual(await standing("user_id:crm-2"), wren);
  });

  await t.test("other rules are tried on everybody, then saved", async () => {
    await office.go("/identity-rules", "Identity rules");
    await page.getByRole("button", { name: "Begin from" }).click();
    await page.getByRole("menuitem", { name: /^mParticle: profile conversion/ }).click();
    await page.getByRole("button", { name: "Try", exact: true }).click();
    await page.getByRole("heading", { name: "Examples" }).waitFor();
    await office.inspect("identity-rules");
    await page.getByRole("button", { name: /^(Save|Create)$/ }).click();
    await eventually("the tablet is that of its first user", async () => {
      return (await idOf("anonymous_id:shop-tablet")) === (await idOf("user_id:ada"));
    });
  });

  await t.test("probable links are off until somebody switches them on", async () => {
    const ada = await idOf("user_id:ada");
    await office.go(`/profiles/${ada}?tab=identity`, "Ada Moss");
    await page.getByText("it is switched off in the identity rules", { exact: false }).waitFor();
    await office.go("/identity-reviews", "Review queue");
    await page.getByText("Nobody is compared yet").waitFor();
    await office.inspect("identity-reviews-off");
    await page.getByRole("link", { name: "Switch it on in the identity rules" }).click();
    await office.settled("Identity rules");
    const records = page.getByLabel("Compare what is known of people");
    assert.equal(await records.isChecked(), false);
    await records.check();
    await page.getByLabel("Loose from").fill("97");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Write at most 95%").waitFor();
    await page.getByLabel("Loose from").fill("85");
    await page.getByRole("radiogroup", { name: "Recommended items" }).getByText("Strict").click();
    await office.inspect("identity-rules-probable");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await eventually("the rules are saved", async () => {
      const { spec } = await kith.api.ask("/definitions/identity/default");
      const { records: on, visitors, loose_percent } = spec.probabilistic;
      const { offers, items } = spec.policies;
      return on && !visitors && loose_percent === 85 && offers === "exact" && items === "strict";
    });
    await office.go("/identity-reviews", "Review queue");
    await page.getByText("Nothing waits for you").waitFor();
    await office.inspect("identity-reviews-empty");
  });

  await t.test("a profile is shown under each policy, and says whose data it holds", async () => {
    const ada = await idOf("user_id:ada");
    await office.go(`/profiles/${ada}?tab=identity&as=loose`, "Ada Moss");
    await page.getByText("Under “Loose” nobody else counts as this person.").waitFor();
    await page.getByText("Nobody else is probably this person.").waitFor();
    await office.inspect("identity-profile-loose");
    await page.getByRole("link", { name: "Show what is certain only" }).click();
    await page.getByText("Under “Loose”").waitFor({ state: "detached" });
    assert.ok(!page.url().includes("as="));
  });
});
