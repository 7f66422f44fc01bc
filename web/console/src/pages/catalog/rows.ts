/** Reads pasted or chosen text as catalog items: a JSON array, NDJSON or CSV with a header. */
import type { CatalogItemInput, JsonObject } from "../../api/types.ts";
import { t } from "../../i18n/t.ts";

export interface RowError {
  /** As a person counts: the first data row is 1. */
  row: number;
  field: string | null;
  message: string;
}

export interface Understood {
  items: CatalogItemInput[];
  /** The row each item came from. */
  rows: number[];
  errors: RowError[];
}

export function readItems(text: string): Understood {
  const trimmed = text.trim();
  if (!trimmed) return { items: [], rows: [], errors: [] };
  if (trimmed.startsWith("[")) return fromArray(trimmed);
  if (trimmed.startsWith("{")) return fromLines(trimmed);
  return fromCsv(trimmed);
}

function fromArray(text: string): Understood {
  try {
    const values = JSON.parse(text) as unknown[];
    return collect(values.map((value) => ({ value })));
  } catch (failure) {
    const message = `${t("catalog.errors.notJson")}: ${(failure as Error).message}`;
    return { items: [], rows: [], errors: [{ row: 1, field: null, message }] };
  }
}

function fromLines(text: string): Understood {
  const lines = text.split(/\r?\n/).filter((line) => line.trim());
  return collect(
    lines.map((line) => {
      try {
        return { value: JSON.parse(line) as unknown };
      } catch {
        return { error: t("catalog.errors.notJson") };
      }
    }),
  );
}

function fromCsv(text: string): Understood {
  const table = parseCsv(text);
  if (table === null) {
    const message = t("catalog.errors.quote");
    return { items: [], rows: [], errors: [{ row: 1, field: null, message }] };
  }
  const [header = [], ...rows] = table;
  const names = header.map((name) => name.trim());
  if (!names.includes("item_id")) {
    const message = t("catalog.errors.header");
    return { items: [], rows: [], errors: [{ row: 0, field: "item_id", message }] };
  }
  return collect(
    rows.map((cells) => {
      if (cells.length !== names.length) {
        const counts = { found: cells.length, expected: names.length };
        return { error: t("catalog.errors.columns", counts) };
      }
      return { value: itemFromCells(names, cells) };
    }),
  );
}

type Entry = { value: unknown } | { error: string };

function collect(entries: Entry[]): Understood {
  const understood: Understood = { items: [], rows: [], errors: [] };
  entries.forEach((entry, index) => {
    const row = index + 1;
    const fail = (field: string | null, message: string) =>
      understood.errors.push({ row, field, message });
    if ("error" in entry) return fail(null, entry.error);
    if (!isObject(entry.value)) return fail(null, t("catalog.errors.notObject"));
    const { item_id } = entry.value;
    const id = typeof item_id === "number" ? String(item_id) : item_id;
    if (typeof id !== "string" || !id.trim()) return fail("item_id", t("catalog.errors.id"));
    understood.items.push(withDefaults(entry.value, id.trim()));
    understood.rows.push(row);
  });
  return understood;
}

/** Leaves every given value as it is: whether it is good is for the server to say. */
function withDefaults(value: JsonObject, item_id: string): CatalogItemInput {
  const given = { categories: [], available: true, attributes: {}, title: item_id, ...value };
  return { ...given, item_id } as unknown as CatalogItemInput;
}

const FIELDS = ["title", "url", "image_url", "price", "currency", "brand"];
const NO = /^(0|false|no|n|out of stock)$/i;

function itemFromCells(names: string[], cells: string[]): JsonObject {
  const item: JsonObject = {};
  const attributes: JsonObject = {};
  names.forEach((name, column) => {
    const cell = (cells[column] ?? "").trim();
    if (cell === "") return;
    if (name === "item_id" || FIELDS.includes(name)) item[name] = cell;
    else if (name === "categories") item.categories = split(cell);
    else if (name === "available") item.available = !NO.test(cell);
    else attributes[name.replace(/^attributes\./, "")] = scalar(cell);
  });
  if (Object.keys(attributes).length > 0) item.attributes = attributes;
  return item;
}

function split(cell: string): string[] {
  return cell
    .split("|")
    .map((part) => part.trim())
    .filter(Boolean);
}

function scalar(cell: string): boolean | number | string {
  if (cell === "true" || cell === "false") return cell === "true";
  return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(cell) ? Number(cell) : cell;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** RFC 4180 with `,`, `;` or tab, whichever the header has most of. Null: a quote stays open. */
export function parseCsv(text: string): string[][] | null {
  const separator = separatorOf(text);
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (quoted) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') cell += text[++at];
      else quoted = false;
    } else if (character === '"' && cell === "") quoted = true;
    else if (character === separator) {
      row.push(cell);
      cell = "";
    } else if (character === "\n") {
      row.push(cell);
      if (row.some((value) => value.trim())) rows.push(row);
      row = [];
      cell = "";
    } else if (character !== "\r") cell += character;
  }
  if (quoted) return null;
  row.push(cell);
  if (row.some((value) => value.trim())) rows.push(row);
  return rows;
}

function separatorOf(text: string): string {
  const header = text.slice(0, text.indexOf("\n") < 0 ? undefined : text.indexOf("\n"));
  const count = (separator: string) => header.split(separator).length;
  return [",", ";", "\t"].sort((a, b) => count(b) - count(a))[0]!;
}
