/** The calls a page makes, parsed from loose arguments into one closed type. */
import type { Props } from "./config.ts";

export type Call =
  | { type: "track"; event: string; properties: Props }
  | { type: "page"; name?: string; properties: Props }
  | { type: "identify"; userId?: string; traits: Props }
  | { type: "group"; groupId: string; traits: Props }
  | { type: "alias"; userId: string }
  | { type: "reset" };

export function parseCall(method: unknown, first: unknown, second: unknown): Call | null {
  const name = text(first);
  const given = object(name ? second : (first ?? second));
  switch (method) {
    case "track":
      return name ? { type: method, event: name, properties: given } : null;
    case "page":
      return { type: method, ...(name && { name }), properties: given };
    case "identify":
      return { type: method, ...(name && { userId: name }), traits: given };
    case "group":
      return name ? { type: method, groupId: name, traits: given } : null;
    case "alias":
      return name ? { type: method, userId: name } : null;
    case "reset":
      return { type: method };
    default:
      return null;
  }
}

/** Ids may come as numbers; blank text is no id at all. */
function text(given: unknown): string | null {
  const value = typeof given === "number" ? String(given) : given;
  return typeof value === "string" && value.trim() ? value.trim() : null;
}

function object(given: unknown): Props {
  return given && typeof given === "object" && !Array.isArray(given) ? (given as Props) : {};
}
