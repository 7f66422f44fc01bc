/** A webhook made by clicking; somebody enters by an event, and its receiver can verify it. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { Webhook as Verifier } from "standardwebhooks";
import { track } from "../harness/api.js";
import { launchBrowser } from "../harness/browser.js";
import { eventually } from "../harness/eventually.js";
import { serve } from "../harness/kith.js";
import { openOffice } from "../harness/office.js";

let kith;
let browser;
let office;
let receiver;
before(async () => {
  [kith, browser, receiver] = await Promise.all([
    serve({ env: { KITH_WEBHOOKS_EVERYWHERE: "true" } }),
    launchBrowser(),
    startReceiver(),
  ]);
  office = await openOffice(browser, kith);
});
after(async () => {
  await browser?.close();
  receiver?.close();
  await kith?.stop();
});

/** Keeps what it is sent; answers as `status` says. */
async function startReceiver() {
  const received = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({ headers: request.headers, text: Buffer.concat(chunks).toString("utf8") });
    response.writeHead(kept.status).end("as told");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const kept = {
    status: 200,
    received,
    url: `http://127.0.0.1:${server.address().port}/hooks/kith`,
    close: () => server.close(),
  };
  return kept;
}

async function order(user) {
  const answer = await kith.api.collect({ batch: [track("Order Completed", { userId: user })] });
  assert.equal(answer.status, 200, answer.text);
}

async function signIn() {
  const { page } = office;
  await office.go("/", "Set up Kith");
  await page.getByLabel("Your name").fill("Ada");
  await page.getByLabel("E-mail").fill("ada@example.com");
  await page.getByLabel("Password", { exact: true }).fill("a quiet river at noon");
  await page.getByRole("button", { name: "Create administrator" }).click();
  await office.settled("Install");
}

test("a webhook", async (t) => {
  const { page } = office;
  await signIn();
  await kith.api.ask("/definitions/feature/orders", {
    method: "PUT",
    body: { name: "Orders", spec: { value: 'count("Order Completed")', trait: "order_count" } },
  });
  await kith.api.ask("/definitions/audience/buyers", {
    method: "PUT",
    body: { name: "Buyers", spec: { when: 'count("Order Completed", 30 days) >= 1' } },
  });
  let verifier;

  await t.test("is made by clicking, and its secret is shown once", async () => {
    await office.go("/webhooks", "Webhooks");
    await page.getByText("No webhook yet").waitFor();
    await office.inspect("webhooks-empty");
    await page.getByRole("link", { name: "New webhook" }).first().click();
    await office.settled("New webhook");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByText("Choose at least one audience, or a computed trait below.").waitFor();
    await office.inspect("webhook-refused");
    await page.getByLabel("Name", { exact: true }).fill("CRM");
    await page.getByLabel("Address").fill(receiver.url.replace("127.0.0.1", "crm.example"));
    await page.getByRole("combobox", { name: "Audiences", exact: true }).click();
    await page.getByRole("option", { name: "Buyers" }).click();
    await page.keyboard.press("Escape");
    await page.getByRole("combobox", { name: "Traits", exact: true }).fill("order_count");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByText(/in clear to crm\.example; write https/).waitFor();
    await page.getByLabel("Address").fill(receiver.url);
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.waitForURL(/webhooks\/crm$/);
    await office.settled("CRM");
    await page.getByText("Nothing is sent unsigned").waitFor();
    await page.getByRole("button", { name: "Create a secret" }).click();
    const secret = await page.getByText(/^whsec_/).textContent();
    verifier = new Verifier(secret);
    await page.getByText("Active", { exact: true }).waitFor();
    await office.inspect("webhook-secret");
  });

  await t.test("can be tried", async () => {
    await page.getByRole("button", { name: "Send a test" }).click();
    await page.getByText(/^Taken with 200 in/).waitFor();
    const [{ headers, text }] = receiver.received.splice(0);
    assert.equal(verifier.verify(text, headers).type, "webhook.test");
  });

  await t.test("is told who enters, in a form that a library of others verifies", async () => {
    await order("wren");
    const [{ headers, text }] = await eventually("it is told", () => {
      return receiver.received.length > 0 && receiver.received.splice(0);
    });
    const { type, data } = verifier.verify(text, headers);
    assert.equal(type, "audience.entered");
    assert.deepEqual(
      [data.audience_id, data.audience_name, data.identifiers, data.traits],
      ["buyers", "Buyers", [{ namespace: "user_id", value: "wren" }], { order_count: 1 }],
    );
    const wren = await kith.api.personOf("user_id:wren");
    assert.equal(data.person_id, wren.person_id);
    assert.equal(wren.traits.order_count, 1);
    const log = page.getByRole("list", { name: "Deliveries, newest first" });
    await log.getByText("wren").first().click();
    await log.getByText(headers["webhook-id"]).waitFor();
    await office.inspect("webhook-delivered");
  });

  await t.test("tries again, says when, and sends dead letters again", async () => {
    receiver.status = 410;
    await order("robin");
    await eventually("it is told", () => receiver.received.length === 1);
    await page.getByText("Gone", { exact: true }).first().waitFor();
    await page.getByText("Dead letters", { exact: true }).click();
    await page.waitForURL(/show=dead/);
    const log = page.getByRole("list", { name: "Deliveries, newest first" });
    await log.getByText("robin").first().click();
    await log.getByText("as told").waitFor();
    await office.inspect("webhook-dead");
    receiver.status = 500;
    await page.getByLabel("Description").fill("Tells the CRM who buys.");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Active", { exact: true }).waitFor();
    await log.getByRole("button", { name: "Send again" }).click();
    await eventually("it is told again", () => receiver.received.length === 2);
    const ids = receiver.received.splice(0).map(({ headers }) => headers["webhook-id"]);
    assert.equal(ids[0], ids[1]);
    await page.getByText("Retrying", { exact: true }).first().click();
    await log.getByText("robin").first().click();
    await log.getByText(/^Next attempt/).waitFor();
    await office.inspect("webhook-retrying");
    await office.go("/webhooks", "Webhooks");
    await page.getByRole("link", { name: /CRM/ }).waitFor();
    await office.inspect("webhooks");
  });
});

test("an audience leaves as a file, and as contacts of those who agreed", async () => {
  const { page } = office;
  const consent = (userId, granted) =>
    track("Consent Updated", { userId, properties: { categories: { marketing: granted } } });
  const identify = (userId) => ({
    ...track("", { userId, traits: { email: `${userId}@a.example` } }),
    type: "identify",
  });
  const batch = [identify("wren"), identify("robin"), consent("wren", true), consent("robin", false)];
  assert.equal((await kith.api.collect({ batch })).status, 200);
  await kith.api.settled();
  await office.go("/audiences/buyers", "Buyers");
  await page.getByRole("button", { name: "Export this audience" }).click();
  await page.getByRole("menuitem", { name: "Google Ads…" }).waitFor();
  await office.inspect("export-menu");
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: "CSV", exact: true }).click(),
  ]);
  assert.equal(file.suggestedFilename(), "buyers.csv");
  const lines = (await readFile(await file.path(), "utf8")).trim().split("\r\n");
  assert.equal(lines.length, 3);
  assert.match(lines[0], /^person_id,since,.*trait_order_count/);

  await page.getByRole("button", { name: "Export this audience" }).click();
  await page.getByRole("menuitem", { name: "Google Ads…" }).click();
  const dialog = page.getByRole("dialog", { name: "Contacts for Google Ads" });
  await dialog.getByText("person in the file").waitFor();
  await dialog.getByText("consent refused").waitFor();
  await office.inspect("export-ads");
  const [contacts] = await Promise.all([
    page.waitForEvent("download"),
    dialog.getByRole("link", { name: "Download" }).click(),
  ]);
  assert.equal(contacts.suggestedFilename(), "buyers-google.csv");
  const hashed = (await readFile(await contacts.path(), "utf8")).trim().split("\r\n");
  assert.equal(hashed.length, 2);
  assert.match(hashed[1], /^[0-9a-f]{64},$/);
  const { items } = await kith.api.ask("/exports");
  assert.deepEqual(
    items.map(({ format, rows, by, complete }) => [format, rows, by, complete]),
    [
      ["google", 1, "ada@example.com", true],
      ["csv", 2, "ada@example.com", true],
    ],
  );
  await office.leave();
});
