/** Reads one entry of a `dataLayer`: plain objects, GA4 e-commerce and `gtag()` arguments. */
import type { Call } from "./call.ts";
import { fromGa4 } from "./commerce.ts";
import type { Props } from "./config.ts";
import type { Choice } from "./consent.ts";

export type LayerEntry = { calls: Call[] } | { choice: Choice };

/** Google's consent mode names beside ours. */
const STORAGES: Record<string, string> = {
  analytics_storage: "analytics",
  personalization_storage: "personalization",
  ad_storage: "marketing",
};

export function readLayer(entry: unknown): LayerEntry {
  if (!entry || typeof entry !== "object") return { calls: [] };
  if ("length" in entry) return readGtag(Array.from(entry as ArrayLike<unknown>));
  // Tag managers leave a note to themselves in the same object.
  const { event, ecommerce, "gtm.uniqueEventId": _, ...rest } = entry as Props;
  if (typeof event !== "string" || !event || event.startsWith("gtm.")) return { calls: [] };
  const commerce = ecommerce && typeof ecommerce === "object" ? (ecommerce as Props) : {};
  return { calls: fromGa4(event, { ...rest, ...commerce }) };
}

function readGtag([command, name, params]: unknown[]): LayerEntry {
  const given = params && typeof params === "object" ? (params as Props) : {};
  if (command === "event" && typeof name === "string" && name) {
    return { calls: fromGa4(name, given) };
  }
  if (command === "consent" && name === "update") {
    const choice: Choice = {};
    for (const [storage, category] of Object.entries(STORAGES)) {
      if (storage in given) choice[category] = given[storage] === "granted";
    }
    return { choice };
  }
  return { calls: [] };
}
