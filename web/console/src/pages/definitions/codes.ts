/** Coupon codes as people paste them: one a line, or a file with commas. */

/** The server takes this many at once; more are sent in steps. */
export const CODES_PER_STEP = 10_000;

const HEADINGS = new Set(["code", "codes", "coupon", "coupons", "coupon code", "coupon_code"]);

export interface Codes {
  codes: string[];
  /** Lines that repeat an earlier one; the server counts them among the known. */
  repeated: number;
}

export function readCodes(text: string): Codes {
  const cells = text
    .replace(/^\uFEFF/, "")
    .split(/[\n\r,;\t]+/)
    .map((cell) => cell.trim().replace(/^"(.*)"$/, "$1").trim())
    .filter(Boolean);
  if (cells[0] && HEADINGS.has(cells[0].toLowerCase())) cells.shift();
  return { codes: cells, repeated: cells.length - new Set(cells).size };
}

/** The list in parts that the server takes. */
export function stepsOf(codes: string[], size = CODES_PER_STEP): string[][] {
  const steps: string[][] = [];
  for (let from = 0; from < codes.length; from += size) steps.push(codes.slice(from, from + size));
  return steps;
}
