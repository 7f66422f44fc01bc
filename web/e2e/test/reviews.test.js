/** The same customers entered twice: found by the server, decided in the queue, and taken back. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser } from "../harness/browser.js";
import { eventually } from "../harness/eventually.js";
import { serve } from "../harness/kith.js";
import { openOffice } from "../harness/office.js";

/** Customers, of whom the first so many were entered twice. */
const PERSONS = 120;
const TWICE = 30;
const PATIENCE = { within: 60_000 };
const GIVEN = ["Anna", "Bruno", "Clara", "David", "Elena", "Felix", "Greta", "Hugo", "Irene"];
const SYLLABLES = ["ba", "der", "fin", "gol", "har", "jan", "kel", "lor", "mas", "nov", "pet"];
const CITIES = ["Bonn", "Graz", "Basel", "Lyon", "Turin", "Ghent", "Porto"];

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

/** A number that looks random and is the same each time. */
const mixed = (person, salt) =>
  (Math.imul(person * 31 + salt + 7, 2_654_435_761) >>> 0) % 1_000_003;
const pick = (list, person, salt) => list[mixed(person, salt) % list.length];

function traits(person) {
  const word = [1, 2, 3].map((salt) => pick(SYLLABLES, person, salt)).join("");
  const lastName = word.charAt(0).toUpperCase() + word.slice(1);
  const two = (number) => String(1 + number).padStart(2, "0");
  return {
    firstName: pick(GIVEN, person, 4),
    lastName,
    birthday: `${1940 + (mixed(person, 5) % 65)}-${two(mixed(person, 6) % 12)}-${two(mixed(person, 7) % 28)}`,
    address: {
      street: `${pick(SYLLABLES, person, 8)}${pick(SYLLABLES, person, 9)}weg ${mixed(person, 10) % 120}`,
      city: pick(CITIES, person, 11),
      postalCode: String(10_000 + (mixed(person, 12) % 80_000)),
    },
  };
}

/** The same customer as another clerk wrote it down. */
function again(person) {
  const told = traits(person);
  const { lastName, address } = told;
  const swapped = `${lastName.slice(0, 2)}${lastName[3]}${lastName[2]}${lastName.slice(4)}`;
  if (person % 3 === 0) return { ...told, lastName: swapped };
  if (person % 3 === 1) return { ...told, birthday: undefined };
  return { ...told, address: { ...address, street: "elsewhere 5" } };
}

function entered(userId, told) {
  const message = (name) => ({ messageId: `${userId}-${name}`, userId });
  return [
    { ...message("told"), type: "identify", traits: told },
    {
      ...message("consent"),
      type: "track",
      event: "Consent Updated",
      properties: { categories: { linking: true } },
    },
  ];
}

const idOf = async (identifier) => (await kith.api.personOf(identifier)).person_id;
const waiting = async () => (await kith.api.ask("/identity/reviews")).items;

test("who was entered twice is found, decided by an operator, and taken back", async (t) => {
  const { page } = office;
  const spec = { probabilistic: { records: true } };
  const body = { name: "Identity rules", spec };
  await kith.api.ask("/definitions/identity/default", { method: "PUT", body });
  const batch = [];
  for (let person = 0; person < PERSONS; person += 1) {
    batch.push(...entered(`c${person}`, traits(person)));
    if (person < TWICE) batch.push(...entered(`d${person}`, again(person)));
  }
  const answer = await kith.api.collect({ batch });
  assert.equal(answer.status, 200, answer.text);
  const found = await eventually(
    "most of those entered twice wait for an operator",
    async () => {
      const items = await waiting();
      return items.length >= TWICE / 2 && items;
    },
    PATIENCE,
  );

  await t.test("sign in", async () => {
    await office.go("/", "Set up Kith");
    await page.getByLabel("Your name").fill("Grace");
    await page.getByLabel("E-mail").fill("grace@example.com");
    await page.getByLabel("Password", { exact: true }).fill("a quiet river at noon");
    await page.getByRole("button", { name: "Create administrator" }).click();
    await office.settled("Install");
  });

  const pair = found[0];
  const ends = [pair.from, pair.to].map(({ namespace, value }) => `${namespace}:${value}`);
  const apart = async () => (await idOf(ends[0])) !== (await idOf(ends[1]));

  await t.test("the profile says who is probably this person", async () => {
    const { person_id, display_name } = pair.from.person;
    await office.go(`/profiles/${person_id}?tab=identity`, display_name);
    const card = page.getByRole("region", { name: "Probably the same person" });
    await card.getByRole("button", { name: "Why" }).first().click();
    await card.getByRole("list", { name: "What speaks for it" }).waitFor();
    await office.inspect("reviews-profile");
  });

  await t.test("one pair is one person, by a key, and is two again by another", async () => {
    await office.go(`/identity-reviews?pair=${pair.edge_id}`, "Review queue");
    await page.getByText(/^One person with/).waitFor();
    await office.inspect("reviews");
    const left = page.getByText(/^\d+ left$/);
    const before = Number.parseInt(await left.textContent(), 10);
    assert.ok(await apart(), "looking changes nothing");
    await page.keyboard.press("s");
    await page.getByText(/: same person$/).waitFor();
    assert.equal(await apart(), false);
    await page.keyboard.press("u");
    await page.getByText(`${before} left`, { exact: true }).waitFor();
    assert.ok(await apart());
    assert.match(page.url(), new RegExp(`pair=${pair.edge_id}`));
  });

  await t.test("another pair stays two, and the quality page counts the word", async () => {
    await page.getByLabel("Reason (optional)").fill("father and son");
    await page.getByRole("button", { name: "Two persons" }).click();
    await page.getByText(/: two persons$/).waitFor();
    assert.ok(await apart());
    const items = await waiting();
    assert.ok(!items.some((one) => one.edge_id === pair.edge_id));
    await office.go("/identity", "Identity quality");
    await page.getByRole("cell", { name: "father and son" }).waitFor();
    await page.getByText("0 of 1 decided pairs were one person", { exact: false }).waitFor();
    await page.getByText("People compared").waitFor();
    await office.inspect("reviews-quality");
  });
});
