/** What the rule language offers, in the words of a marketer, ready to be inserted. */
import type { MessageKey } from "../i18n/t.ts";

export const EXAMPLES: { name: MessageKey; rule: string }[] = [
  {
    name: "definitions.rule.exampleNames.loyal",
    rule: "features.purchase_count >= 2",
  },
  {
    name: "definitions.rule.exampleNames.cart",
    rule:
      "features.cart_item_count > 0 and " +
      "(features.last_purchase_at is missing or features.last_purchase_at < now - 7 days)",
  },
  {
    name: "definitions.rule.exampleNames.browsers",
    rule: 'affinity("category", "shoes") > 0.3 and features.last_seen_at > now - 1 days',
  },
  {
    name: "definitions.rule.exampleNames.plan",
    rule: 'traits.plan in ["pro", "team"]',
  },
  {
    name: "definitions.rule.exampleNames.newcomers",
    rule: "features.first_seen_at > now - 7 days and features.purchase_count = 0",
  },
  {
    name: "definitions.rule.exampleNames.campaign",
    rule: "features.last_campaign_source exists and consent.marketing = true",
  },
];

export const FACTS: { group: MessageKey; facts: string[] }[] = [
  {
    group: "definitions.rule.groups.behaviour",
    facts: [
      'count("Product Viewed")',
      'sum("Order Completed")',
      'first("Product Added")',
      'last("Order Completed")',
      'affinity("category", "shoes")',
    ],
  },
  {
    group: "definitions.rule.groups.features",
    facts: [
      "purchase_count",
      "purchase_revenue",
      "cart_item_count",
      "product_view_count",
      "page_view_count",
      "event_count",
      "cart_add_count",
      "days_since_last_seen",
      "days_since_last_purchase",
      "first_seen_at",
      "last_seen_at",
      "first_purchase_at",
      "last_purchase_at",
      "last_viewed_item",
      "last_viewed_category",
      "last_search",
      "first_referrer",
      "first_campaign_source",
      "last_campaign_source",
      "device_type",
      "browser",
      "os",
      "locale",
      "country",
      "region",
      "city",
    ].map((name) => `features.${name}`),
  },
  {
    group: "definitions.rule.groups.other",
    facts: [
      "consent.marketing",
      "consent.personalization",
      "context.page.path",
      'identifier("email") exists',
      "now - 7 days",
    ],
  },
];

/** Traits that the chosen person has, written as facts. */
export function traitFacts(traits: object): string[] {
  return Object.keys(traits)
    .filter((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    .map((name) => `traits.${name}`);
}

/** Puts a text at the cursor, with a space where two words would touch. */
export function insertAt(
  value: string,
  start: number,
  end: number,
  text: string,
): { value: string; cursor: number } {
  const before = value.slice(0, start);
  const after = value.slice(end);
  const lead = before && !/[\s(]$/.test(before) ? " " : "";
  const trail = after && !/^[\s)]/.test(after) ? " " : "";
  const inserted = lead + text + trail;
  return { value: before + inserted + after, cursor: before.length + inserted.length };
}

/** Where a message says the rule stops making sense, as an offset into its text. */
export function errorOffset(message: string, rule: string): number | null {
  const lineAndColumn = /line (\d+),? col(?:umn)? (\d+)/i.exec(message);
  if (lineAndColumn) {
    const lines = rule.split("\n").slice(0, Number(lineAndColumn[1]) - 1);
    const before = lines.reduce((sum, line) => sum + line.length + 1, 0);
    return inside(before + Number(lineAndColumn[2]) - 1, rule);
  }
  const single = /(?:position|character|column|offset|byte|at) (\d+)/i.exec(message);
  return single ? inside(Number(single[1]) - 1, rule) : null;
}

function inside(offset: number, rule: string): number {
  return Math.max(0, Math.min(rule.length, offset));
}

/** The line around an offset, with the offset within it, for pointing at it. */
export function lineAround(rule: string, offset: number): { line: string; column: number } {
  const start = rule.lastIndexOf("\n", offset - 1) + 1;
  const stop = rule.indexOf("\n", offset);
  return { line: rule.slice(start, stop < 0 ? undefined : stop), column: offset - start };
}
