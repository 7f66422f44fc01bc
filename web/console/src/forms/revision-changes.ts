/** Which parts of a definition differ between two of its revisions. */
import type { Definition } from "../api/types.ts";

export function changedFields(
  before: Definition<object> | undefined,
  after: Definition<object>,
): string[] {
  if (!before) return [];
  const changed: string[] = [];
  if (before.name !== after.name) changed.push("name");
  if (before.status !== after.status) changed.push("status");
  const old = before.spec as Record<string, unknown>;
  const now = after.spec as Record<string, unknown>;
  const names = new Set([...Object.keys(old), ...Object.keys(now)]);
  for (const name of names) {
    if (canonical(old[name]) !== canonical(now[name])) changed.push(name);
  }
  return changed;
}

/** The same text for the same value, whatever the order of its keys. */
export function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, part: unknown) => {
      if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
      const entries = Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1));
      return Object.fromEntries(entries);
    }) ?? "undefined"
  );
}
