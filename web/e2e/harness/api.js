/** The two planes of a server, as a test speaks to them. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { eventually } from "./eventually.js";

export class Api {
  constructor(url, secretKey, writeKey) {
    Object.assign(this, { url, secretKey, writeKey });
  }

  /** One request; answers status, headers, text, and the JSON when it is some. */
  async request(path, { method = "GET", body, headers = {} } = {}) {
    const response = await fetch(this.url + path, { method, body, headers });
    const text = await response.text();
    let json;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: response.status, headers: response.headers, text, json };
  }

  admin(path, { headers = {}, body, ...rest } = {}) {
    const authorization = `Bearer ${this.secretKey}`;
    const json = body === undefined ? {} : { "content-type": "application/json" };
    const sent = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    return this.request(`/api/v1${path}`, {
      headers: { authorization, ...json, ...headers },
      body: sent,
      ...rest,
    });
  }

  /** An admin answer that must be a success. */
  async ask(path, options) {
    const answer = await this.admin(path, options);
    assert.ok(answer.status < 300, `${path} answered ${answer.status}: ${answer.text}`);
    return answer.json;
  }

  /** Sends a body to a collect route with the write key. */
  collect(body, { path = "/v1/batch", headers = {} } = {}) {
    const basic = `Basic ${Buffer.from(`${this.writeKey}:`).toString("base64")}`;
    const raw = typeof body === "string" || ArrayBuffer.isView(body) ? body : JSON.stringify(body);
    return this.request(path, {
      method: "POST",
      body: raw,
      headers: { authorization: basic, "content-type": "application/json", ...headers },
    });
  }

  /** The stored event, once it is there and a person is found. */
  event(messageId, options) {
    return eventually(
      `event ${messageId} is stored`,
      async () => {
        const { status, json } = await this.admin(`/events/${encodeURIComponent(messageId)}`);
        return status === 200 && json.person_id !== null && json;
      },
      options,
    );
  }

  /** The one person an identifier belongs to; fails when there are more. */
  async personOf(identifier) {
    const { items } = await this.ask(`/persons?identifier=${encodeURIComponent(identifier)}`);
    assert.equal(items.length, 1, `${identifier} belongs to ${items.length} persons`);
    return this.ask(`/persons/${items[0].person_id}`);
  }

  /** Waits until everything acknowledged so far is in the profiles. */
  async settled() {
    const messageId = `marker-${randomUUID()}`;
    const answer = await this.collect({
      batch: [{ type: "track", event: "Marker", messageId, anonymousId: "marker" }],
    });
    assert.equal(answer.status, 200, answer.text);
    await this.event(messageId);
  }
}

let count = 0;

/** An event with an id of its own. */
export function track(name, members = {}) {
  count += 1;
  return {
    type: "track",
    event: name,
    messageId: `m-${process.pid}-${count}-${randomUUID()}`,
    ...members,
  };
}
