/** What the shop itself remembers in this browser: strictly what it needs to be a shop. */

const PREFIX = 'larkfell.';

/** Reads a value; anything missing, broken or of the wrong shape is the spare value. */
export function load<T>(name: string, accept: (value: unknown) => T | null, spare: T): T {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? spare : (accept(JSON.parse(text)) ?? spare);
  } catch {
    return spare;
  }
}

/** Storage may be full or forbidden; the shop then works until the tab is closed. */
export function save(name: string, value: unknown): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    /* the value stays in memory */
  }
}
