/** A server with a proxy in front, for tests of client libraries. */

import { serve, WRITE_KEY } from "./kith.js";
import { startProxy } from "./proxy.js";

export async function openDesk() {
  const kith = await serve();
  const proxies = [];
  return {
    kith,
    api: kith.api,
    writeKey: WRITE_KEY,
    /** A proxy of its own for each test, so that requests do not mix. */
    async proxy() {
      const proxy = await startProxy(kith.url);
      proxies.push(proxy);
      return proxy;
    },
    async close() {
      for (const proxy of proxies) proxy.close();
      await kith.stop();
    },
  };
}
