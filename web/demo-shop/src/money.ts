/** Money as whole cents: prices arrive as decimal text and are only rounded once, here. */

export type Cents = number;

export function cents(decimal: string): Cents {
  const match = /^(\d+)(?:\.(\d{1,2}))?$/.exec(decimal.trim());
  if (match === null) throw new Error(`not a price: ${decimal}`);
  return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
}

/** The number that events carry: 19.9, not "19.90". */
export function amount(value: Cents): number {
  return value / 100;
}

const FORMATS = new Map<string, Intl.NumberFormat>();

export function formatMoney(value: Cents, currency = 'EUR'): string {
  let format = FORMATS.get(currency);
  if (format === undefined) {
    format = new Intl.NumberFormat('en-IE', { style: 'currency', currency });
    FORMATS.set(currency, format);
  }
  return format.format(value / 100);
}
