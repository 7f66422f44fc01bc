/** `{{placeholder}}` templates: every value is escaped, and no value can become a script. */
import type { Props } from "./config.ts";

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}

/** Browsers skip blanks and control characters inside a scheme, so they are skipped here too. */
export function runsScript(value: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return /^(?:javascript|vbscript|data):/i.test(value.replace(/[\0-\x20\x7f-\xa0]/g, ""));
}

/** `{{title}}`, `{{attributes.colour}}`; a missing value leaves nothing behind. */
export function fill(template: string, content: Props): string {
  return template.replace(/\{\{\s*([\w.-]+)\s*\}\}/g, (_, path: string) => {
    const text = textOf(lookUp(content, path));
    return runsScript(text) ? "" : escapeHtml(text);
  });
}

function lookUp(content: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, name) => {
    const inside = value && typeof value === "object" && {}.hasOwnProperty.call(value, name);
    return inside ? (value as Props)[name] : undefined;
  }, content);
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  return value === null || value === undefined || typeof value === "object" ? "" : String(value);
}
