/** Every page of the console over the demo's own data: accessible, light and dark, and quiet. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser } from "../harness/browser.js";
import { eventually } from "../harness/eventually.js";
import { demo } from "../harness/kith.js";
import { openOffice } from "../harness/office.js";

const HISTORY = { persons: 100, within: 60_000 };

let kith;
let browser;
let session;
let person;
before(async () => {
  [kith, browser] = await Promise.all([demo({ visitorsPerMinute: 30 }), launchBrowser()]);
  await kith.api.collect({
    batch: [{ type: "track", userId: "u", messageId: "nameless" }, { type: "dance" }],
  });
  await kith.api.ask("/definitions/webhook/crm", {
    method: "PUT",
    body: {
      name: "CRM",
      spec: { url: "https://crm.example/hooks", audiences: ["left_a_cart"], enabled: false },
    },
  });
  person = await eventually("the week of history was played", interesting, HISTORY);
  const office = await openOffice(browser, kith);
  await office.page.goto(await kith.signInLink());
  await office.settled("Home");
  session = await office.context.storageState();
  await office.leave();
});
after(async () => {
  await browser?.close();
  await kith?.stop();
});

/** Somebody with a name, links, and decisions. */
async function interesting() {
  const { persons_total: total } = await kith.api.ask("/overview");
  if (total < HISTORY.persons) return false;
  const { items } = await kith.api.ask("/persons?limit=100");
  for (const row of items) {
    if (!row.identifiers.some(({ namespace }) => namespace === "user_id")) continue;
    const decisions = await kith.api.ask(`/persons/${row.person_id}/decisions?limit=5`);
    if (decisions.items.length > 0) return row;
  }
  return false;
}

/** The title of a profile: the name, or the identifier that says most. */
async function profileTitle(office) {
  await office.page.goto(`${office.base}/profiles/${person.person_id}`);
  await office.page.getByRole("tab", { name: "Timeline" }).waitFor();
  return office.page.getByRole("heading", { level: 1 }).first().textContent();
}

for (const scheme of ["light", "dark"]) {
  test(`every page, ${scheme}`, async (t) => {
    const office = await openOffice(browser, kith, { scheme, storageState: session });
    const title = await profileTitle(office);
    const at = `/profiles/${person.person_id}`;
    const { items } = await kith.api.ask(`/persons/${person.person_id}/decisions?limit=1`);
    const decided = items[0].decision_id;
    for (const [name, path, heading] of [
      ["home", "/", "Home"],
      ["events", "/events", "Live events"],
      ["events-of-one-name", "/events?name=Order+Completed", "Live events"],
      ["rejected", "/events?tab=rejected", "Live events"],
      ["profiles", "/profiles", "Profiles"],
      ["profiles-search", "/profiles?q=example", "Profiles"],
      ["profiles-nobody", "/profiles?q=zzzzzz", "Profiles"],
      ["profile", at, title],
      ["profile-decisions", `${at}?tab=decisions`, title],
      ["profile-identity", `${at}?tab=identity`, title],
      ["profile-attributes", `${at}?tab=attributes`, title],
      ["profile-none", "/profiles/none", "There is no such person"],
      ["profile-loose", `${at}?tab=identity&as=loose`, title],
      ["identity-reviews", "/identity-reviews", "Review queue"],
      ["identity-quality", "/identity", "Identity quality"],
      ["identity-alarms", "/identity?show=large", "Identity quality"],
      ["identity-rules", "/identity-rules", "Identity rules"],
      ["audiences", "/audiences", "Audiences"],
      ["audience", "/audiences/browses_shoes", "Browses shoes a lot"],
      ["audience-edit", "/audiences/left_a_cart/edit", "Left a cart"],
      ["audience-new", "/audiences/new", "New audience"],
      ["features", "/features", "Features"],
      ["feature", "/features/revenue_90d", "Revenue of 90 days"],
      ["feature-new", "/features/new", "New feature"],
      ["webhooks", "/webhooks", "Webhooks"],
      ["webhook", "/webhooks/crm", "CRM"],
      ["webhook-new", "/webhooks/new", "New webhook"],
      ["catalog", "/catalog", "Catalog"],
      ["catalog-item", "/catalog?item=fell-boot", "Catalog"],
      ["catalog-import", "/catalog/import", "Import items"],
      ["placements", "/placements", "Placements"],
      ["placement-offers", `/placements/home_hero?as=${person.person_id}`, "Home hero"],
      ["placement-items", `/placements/also_like?as=${person.person_id}`, "You may also like"],
      ["placement-new", "/placements/new", "New placement"],
      ["placement-works", "/placements/home_hero?tab=policies", "Home hero"],
      ["offers", "/offers", "Offers"],
      ["offer", `/offers/hero_member?as=${person.person_id}`, "Hero, member"],
      ["offer-new", "/offers/new", "New offer"],
      ["recipes", "/recipes", "Recipes"],
      ["recipe-new", "/recipes/new", "New recipe"],
      ["models", "/models", "Models"],
      ["decisions", "/decisions", "Decisions"],
      ["decisions-of-one", `/decisions?person=${person.person_id}`, "Decisions"],
      ["decision", `/decisions/${decided}`, "Decision"],
      ["decision-none", "/decisions/none", "Decision"],
      ["install", "/install?source=demo_shop", "Install"],
      ["sources", "/sources", "Sources"],
      ["source", "/sources/demo_shop", "Larkfell demo shop"],
      ["source-new", "/sources/new", "New source"],
      ["settings", "/settings", "Settings"],
      ["nowhere", "/nowhere", "There is no such page"],
    ]) {
      await t.test(name, async () => {
        await office.go(path, heading);
        await office.inspect(name);
      });
    }
    await t.test("exports", async () => {
      await office.go("/audiences/browses_shoes", "Browses shoes a lot");
      await office.page.getByRole("button", { name: "Export this audience" }).click();
      await office.page.getByRole("menuitem").first().waitFor();
      await office.inspect("exports");
      await office.page.getByRole("menuitem", { name: "Google Ads…" }).click();
      await office.page.getByRole("dialog").waitFor();
      await office.inspect("exports-contacts");
    });
    await office.leave();
  });
}

test("the demo's people are recognised, and its decisions have reasons", async () => {
  const { items } = await kith.api.ask(`/persons/${person.person_id}/decisions?limit=20`);
  const shown = items.flatMap(({ decision }) => decision.choices);
  assert.ok(shown.length > 0);
  for (const { reasons } of shown)
    assert.ok(reasons.length > 0 && reasons.every((one) => / /.test(one)));
  const { links } = await kith.api.ask(`/persons/${person.person_id}`);
  assert.ok(links.some(({ state, reason }) => state === "active" && reason.length > 10));
});
