/** Search parameters as plain strings: `?q=42` stays text and addresses stay readable. */

export type Search = Record<string, unknown>;

export function parseSearch(text: string): Search {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(search: Search): string {
  const given = Object.entries(search).filter(
    ([, value]) => value !== undefined && value !== null && value !== "",
  );
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}

export function textOf(search: Search, name: string): string | undefined {
  const value = search[name];
  return value === undefined || value === "" ? undefined : String(value);
}

export function oneOf<Value extends string>(
  search: Search,
  name: string,
  values: readonly Value[],
): Value | undefined {
  return values.find((value) => value === search[name]);
}
