/** What came as text, indented where that changes nothing but white space. */

const STRING_OR_SPACE = /("(?:[^"\\]|\\.)*")|\s+/g;

/** Long whole numbers, doubled members and the like would not survive being read and written. */
export function indented(raw: string): string {
  try {
    const value: unknown = JSON.parse(raw);
    const same = JSON.stringify(value) === raw.replace(STRING_OR_SPACE, "$1");
    return same ? JSON.stringify(value, null, 2) : raw;
  } catch {
    return raw;
  }
}
