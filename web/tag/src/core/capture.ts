/** Declarative capture: what `data-kith-*` attributes say, and what a click may tell. */
import type { Props } from "./config.ts";
import { TEXT_CHARS_MAX } from "./limits.ts";

const PREFIX = "data-kith-prop-";
const NUMBERS = /^(price|quantity|value|revenue|total|subtotal|discount|tax|shipping|position)$/;

/** `data-kith-prop-product-id="7"` → `product_id: "7"`; only amounts become numbers. */
export function propsOf(attributes: Iterable<{ name: string; value: string }>): Props {
  const props: Props = {};
  for (const { name, value } of attributes) {
    if (!name.startsWith(PREFIX)) continue;
    const key = name.slice(PREFIX.length).replace(/-/g, "_");
    const amount = NUMBERS.test(key) && value.trim() !== "" && Number.isFinite(Number(value));
    props[key] = amount ? Number(value) : value === "true" || (value === "false" ? false : value);
  }
  return props;
}

export interface Clicked {
  tag: string;
  id: string;
  text: string;
  href: string;
}

/** Addresses lose query and fragment, where tokens and search words live. */
export function clickProps({ tag, id, text, href }: Clicked): Props {
  const words = text.replace(/\s+/g, " ").trim().slice(0, TEXT_CHARS_MAX);
  const target = href.replace(/[?#].*$/, "");
  return {
    tag: tag.toLowerCase(),
    id: id || undefined,
    text: words || undefined,
    href: target || undefined,
  };
}
