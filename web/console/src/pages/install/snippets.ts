/** What to paste where, for each way of sending events. */

export const WAYS = ["tag", "segment", "rudderstack", "jitsu", "curl", "node", "python"] as const;
export type Way = (typeof WAYS)[number];

/** Stands for the key until there is one. */
export const KEY_PLACEHOLDER = "YOUR_WRITE_KEY";

export function snippet(way: Way, server: string, key: string): string {
  const host = server.replace(/^https?:\/\//, "");
  const protocol = server.startsWith("https") ? "https" : "http";
  switch (way) {
    case "tag":
      return `<script>
window.kith=window.kith||function(){(kith.q=kith.q||[]).push(arguments)};
</script>
<script async src="${server}/tag/${key}.js"></script>`;
    case "segment":
      return `import { AnalyticsBrowser } from "@segment/analytics-next";

export const analytics = AnalyticsBrowser.load(
  { writeKey: "${key}", cdnURL: "${server}" },
  {
    integrations: {
      "Segment.io": { apiHost: "${host}/v1", protocol: "${protocol}" },
    },
  },
);`;
    case "rudderstack":
      return `import { RudderAnalytics } from "@rudderstack/analytics-js/bundled";

const analytics = new RudderAnalytics();
analytics.load("${key}", "${server}", {
  configUrl: "${server}",
});`;
    case "jitsu":
      return `import { jitsuAnalytics } from "@jitsu/js";

const analytics = jitsuAnalytics({
  host: "${server}",
  writeKey: "${key}",
});`;
    case "curl":
      return `curl -X POST ${server}/v1/track \\
  -u ${key}: \\
  -H 'Content-Type: application/json' \\
  -d '{
    "event": "Product Viewed",
    "anonymousId": "try-1",
    "properties": { "product_id": "shoe-1", "price": 89.9, "currency": "EUR" }
  }'`;
    case "node":
      return `import { Analytics } from "@segment/analytics-node";

const analytics = new Analytics({
  writeKey: "${key}",
  host: "${server}",
});

analytics.track({
  userId: "42",
  event: "Order Completed",
  properties: { order_id: "A-1001", revenue: 89.9, currency: "EUR" },
});
await analytics.closeAndFlush();`;
    case "python":
      return `import segment.analytics as analytics

analytics.write_key = "${key}"
analytics.host = "${server}"

analytics.track("42", "Order Completed",
                {"order_id": "A-1001", "revenue": 89.9, "currency": "EUR"})
analytics.flush()`;
  }
}

/** The ways that suit a kind of source, the best one first. */
export function waysFor(type: "web" | "server" | "app" | "import"): Way[] {
  if (type === "web") return ["tag", "segment", "rudderstack", "jitsu", "curl"];
  if (type === "app") return ["segment", "rudderstack", "jitsu", "curl"];
  return ["node", "python", "curl"];
}

export function cspLines(server: string): string {
  return `script-src ${server};\nconnect-src ${server};\nimg-src ${server};`;
}

const WRITE_KEY = /^c[a-z0-9]{24}$/;

export function isWriteKey(text: string): boolean {
  return WRITE_KEY.test(text);
}
