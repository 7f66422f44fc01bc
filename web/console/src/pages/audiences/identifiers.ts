/** Reads pasted or chosen text as identifiers: one a line, or a CSV with a column for each kind. */
import { t } from "../../i18n/t.ts";
import { parseCsv } from "../catalog/rows.ts";

export interface BadRow {
  /** As a person counts: the first line is 1. */
  row: number;
  value: string;
  message: string;
}

export interface ReadIdentifiers {
  /** `namespace:value`, each once. */
  identifiers: string[];
  /** The row each came from. */
  rows: number[];
  repeated: number;
  errors: BadRow[];
}

const NAMESPACE = /^[a-z][a-z0-9_]*$/;
const MAIL = /^[^\s@:,]+@[^\s@]+\.[^\s@]+$/;
const VALUE_MAX_CHARS = 256;
/** Columns that are identifiers; any other column is not looked at. */
const COLUMNS = /^(email|user_id|phone|anonymous_id|[a-z][a-z0-9_]*_id)$/;
const ALIASES: Record<string, string> = {
  "e-mail": "email",
  mail: "email",
  "email address": "email",
  userid: "user_id",
  "user id": "user_id",
  mobile: "phone",
  "phone number": "phone",
};

export function readIdentifiers(text: string): ReadIdentifiers {
  const read: ReadIdentifiers = { identifiers: [], rows: [], repeated: 0, errors: [] };
  if (!text.trim()) return read;
  const table = parseCsv(text);
  if (table === null) {
    read.errors.push({ row: 1, value: "", message: t("audiences.file.problem.quote") });
    return read;
  }
  const seen = new Set<string>();
  const take = (row: number, given: string | { problem: string; value: string }) => {
    if (typeof given !== "string") {
      read.errors.push({ row, value: given.value, message: given.problem });
    } else if (seen.has(given)) {
      read.repeated += 1;
    } else {
      seen.add(given);
      read.identifiers.push(given);
      read.rows.push(row);
    }
  };
  const [first = [], ...rest] = table;
  const names = first.map((name) => {
    const plain = name.trim().toLowerCase();
    return ALIASES[plain] ?? plain;
  });
  const pair = names.includes("namespace") && names.includes("value");
  if (pair) {
    const [namespace, value] = [names.indexOf("namespace"), names.indexOf("value")];
    rest.forEach((cells, index) => {
      const name = (cells[namespace] ?? "").trim();
      take(index + 2, identifierOf(name, (cells[value] ?? "").trim()));
    });
    return read;
  }
  if (names.some((name) => COLUMNS.test(name))) {
    const column = names.findIndex((name) => COLUMNS.test(name));
    // The strongest column that has a value names the person; one row is one person.
    const columns = names.flatMap((name, at) => (COLUMNS.test(name) && at !== column ? [at] : []));
    rest.forEach((cells, index) => {
      const at = [column, ...columns].find((one) => (cells[one] ?? "").trim());
      const empty = { problem: t("audiences.file.problem.empty"), value: cells.join(", ") };
      take(index + 2, at === undefined ? empty : identifierOf(names[at]!, cells[at]!.trim()));
    });
    return read;
  }
  if (first.length > 1) {
    const value = first.join(", ");
    read.errors.push({ row: 1, value, message: t("audiences.file.problem.columns") });
    return read;
  }
  table.forEach((cells, index) => {
    for (const cell of cells) if (cell.trim()) take(index + 1, plainIdentifier(cell.trim()));
  });
  return read;
}

type Read = string | { problem: string; value: string };

function plainIdentifier(text: string): Read {
  if (MAIL.test(text)) return identifierOf("email", text);
  const at = text.indexOf(":");
  if (at < 0) return { problem: t("audiences.file.problem.unknown"), value: text };
  return identifierOf(text.slice(0, at).trim(), text.slice(at + 1).trim());
}

function identifierOf(namespace: string, value: string): Read {
  const whole = `${namespace}:${value}`;
  if (!NAMESPACE.test(namespace)) {
    return { problem: t("audiences.file.problem.namespace", { namespace }), value: whole };
  }
  if (!value) return { problem: t("audiences.file.problem.empty"), value: whole };
  if (value.length > VALUE_MAX_CHARS) {
    const problem = t("audiences.file.problem.long", { most: VALUE_MAX_CHARS });
    return { problem, value: `${whole.slice(0, 60)}…` };
  }
  return whole;
}
