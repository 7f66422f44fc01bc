/**
 * Cookies and web storage. Any of them may be full, blocked or absent (private windows, sandboxed
 * frames): reading then gives nothing and writing does nothing.
 */
import { COOKIE_AGE_S } from "../core/limits.ts";

type Area = "localStorage" | "sessionStorage";

function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}

export function read(area: Area, key: string): string | null {
  return attempt(() => window[area].getItem(key));
}

export function write(area: Area, key: string, value: string | null): void {
  attempt(() =>
    value === null ? window[area].removeItem(key) : window[area].setItem(key, value),
  );
}

/** Null for text that somebody else wrote under our key. */
export function parse(text: string | null): unknown {
  return attempt(() => JSON.parse(text || "null"));
}

/** In a cookie, so that subdomains share it, and in localStorage, in case one is cleared. */
export function keep(key: string, value: string | null): void {
  write("localStorage", key, value);
  const secure = location.protocol === "https:" ? ";Secure" : "";
  const age = value === null ? 0 : COOKIE_AGE_S;
  for (const domain of domains()) {
    attempt(() => {
      const text = encodeURIComponent(value ?? "");
      document.cookie = `${key}=${text};Path=/;Max-Age=${age};SameSite=Lax${domain}${secure}`;
    });
    if (value !== null && cookie(key) === value) return;
  }
}

export function recall(key: string): string | null {
  return cookie(key) || read("localStorage", key);
}

/** Takes over what earlier pages, or other tabs, left unsent under keys of this prefix. */
export function takeAll(prefix: string): unknown[] {
  const keys = attempt(() => Object.keys(localStorage)) || [];
  return keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const value = parse(read("localStorage", key));
      write("localStorage", key, null);
      return value;
    });
}

function cookie(key: string): string | null {
  return attempt(() => {
    const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${key}=`));
    return found ? decodeURIComponent(found.slice(key.length + 1)) || null : null;
  });
}

/** Widest first: the browser refuses a public suffix, and the next one is tried. */
function domains(): string[] {
  const labels = location.hostname.split(".");
  const wide = labels.slice(1).map((_, at) => `;Domain=${labels.slice(-at - 2).join(".")}`);
  return [...wide, ""];
}
