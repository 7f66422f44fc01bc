/** Every page, full and empty, light and dark: no violation, no complaint, no bare string. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openBrowser } from "./browser.mjs";

let site;
before(async () => {
  site = await openBrowser({ rows: 5000 });
});
after(() => site.close());

function pages(persons) {
  const [first, long] = persons;
  const paired = persons.filter((one) => !one.display_name.startsWith("Visitor "))[12];
  const at = (person) => `/profiles/${person.person_id}`;
  return [
    ["/", "Home"],
    ["/install?source=web_shop", "Install"],
    ["/events", "Live events"],
    ["/events?open=m_000004", "Live events"],
    ["/events?tab=rejected", "Live events"],
    ["/events?tab=rejected&open=r_00003", "Live events"],
    ["/events?name=error:500", "Live events"],
    ["/profiles", "Profiles"],
    ["/profiles?q=nobody-is-called-this", "Profiles"],
    ["/profiles?q=error:500", "Profiles"],
    [at(first), first.display_name],
    [`${at(first)}?tab=decisions`, first.display_name],
    [`${at(first)}?tab=identity`, first.display_name],
    [`${at(first)}?tab=attributes`, first.display_name],
    [at(long), long.display_name],
    ["/profiles/p_none", "There is no such person"],
    [`${at(first)}?explain=high_intent`, first.display_name],
    ["/identity-reviews", "Review queue"],
    ["/identity-reviews?pair=1003.2003", "Review queue"],
    ["/identity-reviews?pair=gone", "Review queue"],
    ["/identity", "Identity quality"],
    ["/identity?show=large", "Identity quality"],
    ["/identity-rules", "Identity rules"],
    [`${at(paired)}?tab=identity&as=loose`, paired.display_name],
    ["/audiences", "Audiences"],
    ["/audiences?q=nothing-is-called-this", "Audiences"],
    ["/audiences/loyal_customers", "Loyal customers"],
    ["/audiences/computing?range=24h", "Likes shoes"],
    ["/audiences/nobody?range=30d", "Nobody yet"],
    ["/audiences/long_name", long.display_name],
    ["/audiences/none", "There is no such audience"],
    ["/audiences/new", "New audience"],
    ["/audiences/kitchen_sink/edit", "Everything the language has"],
    ["/audiences/as_text/edit", "Compares two times"],
    ["/audiences/press/edit", "Press contacts"],
    ["/features", "Features"],
    ["/features/seconds_7d", "Seconds on site in a week"],
    ["/features/taste", "Taste"],
    ["/features/new", "New feature"],
    ["/catalog", "Catalog"],
    ["/catalog?item=item-0002", "Catalog"],
    ["/catalog?add=item", "Catalog"],
    ["/catalog/import", "Import items"],
    ["/placements", "Placements"],
    ["/placements/home_hero", "Home hero"],
    ["/placements/also_like", "You may also like"],
    ["/placements/new", "New placement"],
    ["/offers", "Offers"],
    [`/offers/winter?as=${first.person_id}`, "Winter boots"],
    ["/offers/new", "New offer"],
    ["/offers/none", "Offers"],
    ["/offers/vouchers", "Ten off, from our list"],
    ["/placements/slot_1", "Slot 1"],
    ["/placements/slot_3", "Slot 3"],
    ["/placements/learning_hero?tab=policies", "Learning hero"],
    ["/placements/fresh_hero?tab=policies", "Just begun to learn"],
    ["/placements/home_hero?tab=policies", "Home hero"],
    ["/placements/for_you", "For you"],
    ["/recipes", "Recipes"],
    ["/recipes?q=nothing-is-called-this", "Recipes"],
    [`/recipes/for_you?as=${first.person_id}&item=item-0003`, "For you"],
    [`/recipes/for_you?tab=edit&category=shoes&as=${first.person_id}`, "For you"],
    ["/recipes/wanted", "What everybody wants"],
    [`/recipes/wanted?as=${first.person_id}`, "What everybody wants"],
    ["/recipes/long_name", long.display_name],
    ["/recipes/new", "New recipe"],
    ["/recipes/error:500", "Recipes"],
    ["/models", "Models"],
    ["/decisions", "Decisions"],
    ["/decisions?placement=error:500", "Decisions"],
    ["/decisions?placement=slot_3", "Decisions"],
    [`/decisions?person=${long.person_id}&until=2001-01-01T00:00:00.000Z`, "Decisions"],
    [`/decisions/${decisionOf(first)}`, "Decision"],
    [`/decisions/${decisionOf(long, 1)}`, "Decision"],
    ["/decisions/none", "Decision"],
    ["/decisions/error:500", "Decision"],
    ["/sources", "Sources"],
    ["/sources/web_shop", "Web shop"],
    ["/sources/new", "New source"],
    ["/settings", "Settings"],
    ["/nowhere", "There is no such page"],
  ];
}

/** As the mock names the decisions of a person. */
const decisionOf = (person, at = 0) => `d_${person.person_id.slice(2, 10)}${at}`;

const EMPTY = [
  ["/", "Home"],
  ["/install", "Install"],
  ["/events", "Live events"],
  ["/events?tab=rejected", "Live events"],
  ["/profiles", "Profiles"],
  ["/identity-reviews", "Review queue"],
  ["/identity", "Identity quality"],
  ["/audiences", "Audiences"],
  ["/features", "Features"],
  ["/catalog", "Catalog"],
  ["/placements", "Placements"],
  ["/offers", "Offers"],
  ["/recipes", "Recipes"],
  ["/models", "Models"],
  ["/decisions", "Decisions"],
  ["/sources", "Sources"],
  ["/settings", "Settings"],
];

async function checkAll(visitor, all) {
  const violations = [];
  for (const [path, heading] of all) {
    await visitor.go(path, heading);
    violations.push(...(await visitor.axe()).map((found) => `${path} ${found}`));
  }
  assert.equal(violations.join("\n"), "");
  assert.equal(visitor.complaints.join("\n"), "");
  await visitor.close();
}

describe("accessible, and quiet under the content security policy", () => {
  for (const scheme of ["light", "dark"]) {
    test(`full workspace, ${scheme}`, async () => {
      const visitor = await site.visit({ scheme });
      await checkAll(visitor, pages(site.mock.workspace.persons));
    });

    test(`empty workspace, ${scheme}`, async () => {
      await checkAll(await site.visit({ scheme, user: "empty" }), EMPTY);
    });
  }

  test("narrow window", async () => {
    const visitor = await site.visit({ width: 390 });
    await checkAll(visitor, pages(site.mock.workspace.persons).slice(0, 30));
  });

  test("sign-in", async () => {
    const visitor = await site.visit({ user: null });
    await checkAll(visitor, [
      ["/", "Sign in"],
      ["/sign-in?token=used", "Sign in"],
    ]);
  });
});

test("every visible string comes from the messages", async () => {
  const visitor = await site.visit({ locale: "pseudo", user: null });
  const { page, base } = visitor;
  await page.goto(`${base}/sign-in?token=ada`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  const paths = [
    "/",
    "/install?source=web_shop",
    "/events",
    "/profiles",
    "/audiences",
    "/identity-reviews",
    "/identity",
    "/audiences/new",
    "/features",
    "/features/new",
    "/catalog?add=item",
    "/catalog/import",
    "/placements/new",
    "/offers/new",
    "/offers/vouchers",
    "/placements/home_hero",
    "/placements/learning_hero?tab=policies",
    "/recipes",
    "/recipes/for_you",
    "/recipes/new",
    "/models",
    "/decisions",
    "/decisions/d_live",
    "/sources/new",
    "/settings",
  ];
  // What people called their definitions has no translation.
  const definitions = [...site.mock.workspace.definitions.values()].flat();
  const named = new Set(definitions.flatMap(({ id, name }) => [id, name]));
  const bare = [];
  for (const path of paths) {
    await page.goto(base + path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.waitForFunction(() => document.querySelector('[aria-label*="Loading"]') === null);
    const found = await page.evaluate(() =>
      [...document.querySelectorAll("h1,h2,h3,label,legend,button,th,summary,[role=columnheader]")]
        // Rows, pills and code show data, which has no translation.
        .filter((one) => !one.closest('[role="row"]:not(:first-child), pre, code, [data-row]'))
        .filter((one) => !/⟦/.test(one.getAttribute("aria-label") ?? ""))
        .map((one) => one.textContent.trim())
        .filter((text) => /\p{L}{2}/u.test(text) && !/[⟦⟧]/.test(text)),
    );
    const untold = found.filter((text) => !named.has(text));
    bare.push(...untold.map((text) => `${path}: ${text}`));
  }
  assert.deepEqual([...new Set(bare)], []);
  await visitor.close();
});
