/**
 * What every client library is put through, and what must be true afterwards. The life of one
 * customer: anonymous on a page, logs in, joins an account, an older id turns out to be theirs.
 */

import assert from "node:assert/strict";
import { eventually } from "./eventually.js";

export const ORDER = {
  order_id: "O-77",
  revenue: 42.5,
  currency: "EUR",
  products: [{ product_id: "fell-boot", price: 42.5, quantity: 1, category: "shoes" }],
};
export const VIEWED = { product_id: "fell-boot", name: "Fell Hiking Boot — größer", price: 42.5 };
export const TRAITS = { plan: "pro", first_name: "Ada" };
export const ACCOUNT = { name: "Acme", seats: 12 };

/** The identifiers of one customer; `name` keeps clients apart on one server. */
export function customer(name) {
  return {
    user: `${name}-user`,
    anonymous: `${name}-anonymous`,
    older: `${name}-older`,
    account: `${name}-account`,
    email: `${name}@example.com`,
  };
}

/** Waits until the proxy has seen this many different events answered with success. */
export function delivered(proxy, count, options) {
  return eventually(
    `${count} events are delivered`,
    () => {
      const done = proxy.collected.filter(({ status }) => status === 200);
      assert.ok(proxy.events().length >= count, `${proxy.events().length} events were sent`);
      const ids = new Set(done.flatMap(({ body }) => idsOf(body)));
      return ids.size >= count;
    },
    { within: 20_000, ...options },
  );
}

function idsOf(body) {
  const parsed = JSON.parse(body);
  return (parsed.batch ?? [parsed]).map(({ messageId }) => messageId);
}

/** Reads every event back by its message id and checks each against what the client put in. */
export async function assertStored(api, proxy, who, { aliases = true } = {}) {
  const person = await eventually("the customer is known", () =>
    api.personOf(`user_id:${who.user}`),
  );
  const stored = new Map();
  for (const { messageId, type, event } of proxy.events()) {
    const found = await api.event(messageId);
    assert.equal(found.message_id, messageId);
    assert.equal(
      found.person_id,
      person.person_id,
      `${type} ${event ?? ""} belongs to the customer`,
    );
    assert.equal(found.source, "website");
    assert.deepEqual(
      found.fate.slice(0, 4).map(({ step, at }) => [step, at !== null]),
      [
        ["received", true],
        ["normalised", true],
        ["resolved", true],
        ["folded", true],
      ],
    );
    stored.set(type === "track" ? event : type, found);
  }
  for (const [name, found] of stored) fieldsOf[name]?.(found, who);
  const kinds = ["Product Viewed", "Order Completed", "identify", "page", "group"];
  for (const kind of aliases ? [...kinds, "alias"] : kinds) {
    assert.ok(stored.has(kind), `${kind} was sent and stored`);
  }
  return person;
}

const fieldsOf = {
  "Product Viewed": ({ type, name, properties }) => {
    assert.deepEqual([type, name], ["track", "Product Viewed"]);
    for (const [key, value] of Object.entries(VIEWED))
      assert.deepEqual(properties[key], value, key);
  },
  "Order Completed": ({ type, properties }) => {
    assert.equal(type, "track");
    for (const [key, value] of Object.entries(ORDER)) assert.deepEqual(properties[key], value, key);
  },
  identify: ({ type, traits, identifiers }, who) => {
    assert.equal(type, "identify");
    for (const [key, value] of Object.entries(TRAITS)) assert.deepEqual(traits[key], value, key);
    assert.ok(has(identifiers, "user_id", who.user));
    assert.ok(has(identifiers, "email", who.email));
  },
  page: ({ type, name, properties }) => {
    assert.deepEqual([type, name], ["page", "Boots"]);
    assert.equal(properties.aisle, "7");
  },
  group: ({ type, traits }) => {
    assert.equal(type, "group");
    for (const [key, value] of Object.entries(ACCOUNT)) assert.deepEqual(traits[key], value, key);
  },
  alias: ({ type, identifiers }, who) => {
    assert.equal(type, "alias");
    assert.ok(has(identifiers, "user_id", who.user));
  },
};

function has(identifiers, namespace, value) {
  return identifiers.some((one) => one.namespace === namespace && one.value === value);
}

/** One person with everything that is theirs, counted once. */
export function assertOnePerson(person, { orders = 1, views = 1 } = {}) {
  assert.equal(person.traits.plan, "pro");
  assert.equal(person.features.purchase_count, orders);
  assert.equal(person.features.purchase_revenue, 42.5 * orders);
  assert.equal(person.features.product_view_count, views);
}

/** Sends all that was sent once more, and nothing about the customer is different. */
export async function assertResendChangesNothing(api, proxy, who) {
  await api.settled();
  const before = await api.personOf(`user_id:${who.user}`);
  for (const { status } of await proxy.resendAll()) assert.equal(status, 200);
  await api.settled();
  assert.deepEqual(await api.personOf(`user_id:${who.user}`), before);
}

/** What was told to fail has failed, and each event still counts once. */
export async function assertDeliveredOnce(api, proxy, who, { status, orders }) {
  await api.settled();
  assert.ok(
    proxy.collected.some((request) => request.status === status),
    `a ${status} was met`,
  );
  const person = await api.personOf(`user_id:${who.user}`);
  assert.equal(person.features.purchase_count, orders);
  for (const { messageId } of proxy.events()) await api.event(messageId);
  return person;
}
