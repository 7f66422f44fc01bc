/**
 * The rules over items that can be chosen without writing: a few conditions joined by `and`, or by
 * `or`. Any other rule stays text.
 */

export const NUMBER_CHECKS = ["below", "most", "least", "above"] as const;
export const LIST_CHECKS = ["has", "hasNot"] as const;
export const TEXT_CHECKS = ["is", "isNot"] as const;
export const KNOWN_CHECKS = ["exists", "missing"] as const;
export type Check =
  | (typeof NUMBER_CHECKS)[number]
  | (typeof LIST_CHECKS)[number]
  | (typeof TEXT_CHECKS)[number]
  | (typeof KNOWN_CHECKS)[number];

export type ItemField = "price" | "categories" | "brand" | "title" | "attribute";
export const ITEM_FIELDS: ItemField[] = ["categories", "brand", "price", "title", "attribute"];

export interface Condition {
  field: ItemField;
  /** Which, for `attribute`. */
  attribute: string;
  check: Check;
  value: string;
}

export interface ItemRule {
  join: "and" | "or";
  conditions: Condition[];
}

const OPERATORS: Partial<Record<Check, string>> = {
  below: "<",
  most: "<=",
  least: ">=",
  above: ">",
  is: "=",
  isNot: "!=",
};

/** What can be asked of a field, the most usual first. */
export function checksOf(field: ItemField): readonly Check[] {
  if (field === "price") return NUMBER_CHECKS;
  if (field === "categories") return LIST_CHECKS;
  if (field === "attribute") return [...TEXT_CHECKS, ...NUMBER_CHECKS, ...KNOWN_CHECKS];
  if (field === "title") return LIST_CHECKS;
  return TEXT_CHECKS;
}

export function newCondition(field: ItemField = "categories"): Condition {
  return { field, attribute: "", check: checksOf(field)[0]!, value: "" };
}

const needsValue = (check: Check) => check !== "exists" && check !== "missing";
const isNumber = (check: Check) => (NUMBER_CHECKS as readonly string[]).includes(check);

export function isFinished({ field, attribute, check, value }: Condition): boolean {
  if (field === "attribute" && !NAME.test(attribute)) return false;
  if (isNumber(check)) return value.trim() !== "" && Number.isFinite(Number(value));
  return !needsValue(check) || value.trim() !== "";
}

const NAME = /^[A-Za-z_][\w]*$/;

/** The text of what is finished; the rest is still being chosen. */
export function writeItemRule({ join, conditions }: ItemRule): string {
  return conditions.filter(isFinished).map(written).join(` ${join} `);
}

function written({ field, attribute, check, value }: Condition): string {
  const fact = field === "attribute" ? `item.attributes.${attribute}` : `item.${field}`;
  if (check === "exists") return `${fact} exists`;
  if (check === "missing") return `${fact} is missing`;
  if (check === "has") return `${fact} contains ${quoted(value)}`;
  if (check === "hasNot") return `not (${fact} contains ${quoted(value)})`;
  return `${fact} ${OPERATORS[check]} ${isNumber(check) || plain(field, value) ? Number(value) : quoted(value)}`;
}

/** An attribute that is a number is compared with one. */
const plain = (field: ItemField, value: string) =>
  field === "attribute" && value.trim() !== "" && String(Number(value)) === value.trim();

const quoted = (value: string) => `"${value.trim().replaceAll(/["\\]/g, "")}"`;

const FACT = String.raw`item\.(price|categories|brand|title|attributes\.([A-Za-z_]\w*))`;
const COMPARED = new RegExp(String.raw`^${FACT} (<=|>=|!=|<|>|=) (?:"([^"\\]*)"|(-?\d+(?:\.\d+)?))$`);
const CONTAINS = new RegExp(String.raw`^${FACT} contains "([^"\\]*)"$`);
const LACKS = new RegExp(String.raw`^not \(${FACT} contains "([^"\\]*)"\)$`);
const KNOWN = new RegExp(String.raw`^${FACT} (exists|is missing)$`);

/** The conditions of a text, or null where it says more than they can. */
export function readItemRule(text: string): ItemRule | null {
  const given = text.trim();
  if (!given) return { join: "and", conditions: [] };
  for (const join of ["and", "or"] as const) {
    const conditions = split(given, join).map(readCondition);
    if (conditions.every((one) => one !== null)) return { join, conditions };
  }
  return null;
}

function readCondition(part: string): Condition | null {
  const condition = found(part);
  // Only what would be written the same again: nothing is lost by choosing.
  return condition && isFinished(condition) && written(condition) === part ? condition : null;
}

function found(part: string): Condition | null {
  const compared = COMPARED.exec(part);
  if (compared) {
    const [, fact, attribute, operator, text, number] = compared;
    const check = (Object.keys(OPERATORS) as Check[]).find((one) => OPERATORS[one] === operator)!;
    return condition(fact!, attribute, check, text ?? number!);
  }
  const contains = CONTAINS.exec(part);
  if (contains) return condition(contains[1]!, contains[2], "has", contains[3]!);
  const lacks = LACKS.exec(part);
  if (lacks) return condition(lacks[1]!, lacks[2], "hasNot", lacks[3]!);
  const known = KNOWN.exec(part);
  if (known) return condition(known[1]!, known[2], known[3] === "exists" ? "exists" : "missing", "");
  return null;
}

function condition(
  fact: string,
  attribute: string | undefined,
  check: Check,
  value: string,
): Condition | null {
  const field = (attribute === undefined ? fact : "attribute") as ItemField;
  const fits = checksOf(field).includes(check);
  return fits ? { field, attribute: attribute ?? "", check, value } : null;
}

/** Parts between `and`s, or `or`s, that stand outside quotation marks. */
function split(text: string, join: string): string[] {
  const parts: string[] = [];
  let from = 0;
  let inQuotes = false;
  const word = ` ${join} `;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') inQuotes = !inQuotes;
    else if (!inQuotes && text.startsWith(word, at)) {
      parts.push(text.slice(from, at));
      from = at + word.length;
      at = from - 1;
    }
  }
  return [...parts, text.slice(from)].map((part) => part.trim());
}
