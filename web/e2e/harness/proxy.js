/**
 * A proxy in front of the server that keeps what clients sent, byte for byte, and breaks on demand.
 * It hands the Host header on, so that documents made by the server point back at the proxy.
 */

import { createServer, request as forward } from "node:http";
import { once } from "node:events";
import { gunzipSync } from "node:zlib";

/** Paths that carry events; the rest are settings, scripts and cookies. */
const COLLECTS = /\/(batch|b|import|[tipsga]|track|identify|page|screen|group|alias)(\?|$)/;

export async function startProxy(target) {
  const proxy = new Proxy_(target);
  proxy.server.listen(0, "127.0.0.1");
  await once(proxy.server, "listening");
  proxy.url = `http://127.0.0.1:${proxy.server.address().port}`;
  return proxy;
}

class Proxy_ {
  /** Every request, in order of arrival. */
  requests = [];
  faults = [];

  constructor(target) {
    this.target = new URL(target);
    this.server = createServer((request, response) => void this.handle(request, response));
  }

  /** The next collecting POST is answered with this instead of reaching the server. */
  refuseNext(status, headers = {}) {
    this.faults.push({ status, headers, delivered: false });
  }

  /** The next collecting POST reaches the server, but its answer does not reach the client. */
  loseNextAnswer(status = 503) {
    this.faults.push({ status, headers: {}, delivered: true });
  }

  get collected() {
    return this.requests.filter(({ method, path }) => method === "POST" && COLLECTS.test(path));
  }

  /** Distinct events that were sent, by message id, in order of first sight. */
  events() {
    const found = new Map();
    for (const { body } of this.collected) {
      const parsed = JSON.parse(body);
      for (const event of parsed.batch ?? [parsed]) found.set(event.messageId, event);
    }
    return [...found.values()];
  }

  /** Sends everything that was collected once more, as it was. */
  async resendAll() {
    const answers = [];
    for (const { path, headers, raw } of this.collected) {
      const { status, body } = await this.pass({ method: "POST", path, headers }, raw);
      answers.push({ status, json: JSON.parse(body.toString()) });
    }
    return answers;
  }

  clear() {
    this.requests = [];
  }

  async handle(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const raw = Buffer.concat(chunks);
    const { method, url: path, headers } = request;
    const gzipped = raw[0] === 0x1f && raw[1] === 0x8b;
    const kept = {
      method,
      path,
      headers,
      raw,
      gzipped,
      body: (gzipped ? gunzipSync(raw) : raw).toString(),
    };
    this.requests.push(kept);
    const fault = method === "POST" && COLLECTS.test(path) ? this.faults.shift() : undefined;
    if (fault?.delivered) await this.pass(kept, raw);
    const answer = fault
      ? {
          ...fault,
          headers: { ...fault.headers, ...open(headers) },
          body: Buffer.from('{"success":false}'),
        }
      : await this.pass(kept, raw);
    kept.status = answer.status;
    kept.answer = answer.body.toString();
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  async pass({ method, path, headers }, raw) {
    const { hostname, port } = this.target;
    const sent = { ...headers, "content-length": raw.length, connection: "close" };
    delete sent["transfer-encoding"];
    const onward = forward({ hostname, port, method, path, headers: sent });
    onward.end(raw);
    const [answer] = await once(onward, "response");
    const chunks = [];
    for await (const chunk of answer) chunks.push(chunk);
    const kept = { ...answer.headers };
    delete kept["transfer-encoding"];
    delete kept.connection;
    return { status: answer.statusCode, headers: kept, body: Buffer.concat(chunks) };
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** Faults are readable by pages too, as the server's own errors are. */
function open({ origin }) {
  return origin
    ? {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "retry-after",
      }
    : {};
}
