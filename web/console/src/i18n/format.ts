/** Numbers, money and times as people read them. */
import { locale } from "./t.ts";

const integers = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const decimals = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
const signed = new Intl.NumberFormat(locale, { maximumFractionDigits: 1, signDisplay: "exceptZero" });
const compacts = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });
const amounts = new Intl.NumberFormat(locale, {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
});
const figures = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
const finePercents = new Intl.NumberFormat(locale, {
  style: "percent",
  maximumSignificantDigits: 3,
});
const percents = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
const dateTimes = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const exactTimes = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" });
const days = new Intl.DateTimeFormat(locale, { dateStyle: "full" });
const shortDays = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const clocks = new Intl.DateTimeFormat(locale, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const minutes = new Intl.DateTimeFormat(locale, {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });

export const formatInteger = (value: number) => integers.format(value);
export const formatNumber = (value: number) => decimals.format(value);
/** A measured mean: as many digits as it can bear. */
export const formatFigure = (value: number) => figures.format(value);
export const formatRate = (share: number) => finePercents.format(share);
/** With its sign, to tell what adds from what takes away. */
export const formatSigned = (value: number) => signed.format(value);
export const formatCompact = (value: number) =>
  value < 100_000 ? integers.format(value) : compacts.format(value);
/** Money whose currency is not known: events may mix several. */
export const formatAmount = (value: number) => amounts.format(value);
export const formatPercent = (share: number) => percents.format(share);

/** How probable something is; nothing that is probable is certain. */
export const formatConfidence = (share: number) =>
  share >= 0.995 ? `>\u202f${percents.format(0.99)}` : percents.format(share);

export function formatMoney(amount: string | number, currency: string | null | undefined): string {
  const value = Number(amount);
  if (!Number.isFinite(value)) return String(amount);
  if (!currency) return decimals.format(value);
  try {
    return new Intl.NumberFormat(locale, { style: "currency", currency }).format(value);
  } catch {
    // Events may carry currencies that Intl has never heard of.
    return `${decimals.format(value)} ${currency}`;
  }
}

export const formatDateTime = (at: string | Date) => safely(dateTimes, at);
export const formatExactTime = (at: string | Date) => safely(exactTimes, at);
export const formatDay = (at: string | Date) => safely(days, at);
export const formatDayShort = (at: string | Date) => safely(shortDays, at);
export const formatClock = (at: string | Date) => safely(clocks, at);
export const formatMinute = (at: string | Date) => safely(minutes, at);

function safely(format: Intl.DateTimeFormat, at: string | Date): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : format.format(date);
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

export function formatAgo(at: string, now: number): string {
  const seconds = (new Date(at).getTime() - now) / 1000;
  if (!Number.isFinite(seconds)) return at;
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
  }
  // A clock a little ahead of ours must not put an event into the future.
  return relative.format(Math.min(0, Math.round(seconds)), "second");
}

/** A feature's value: times and durations by its name, the rest as it stands. */
export function formatFeature(name: string, value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  if (name.endsWith("_at") && typeof value === "string") return formatDateTime(value);
  if (typeof value === "number") return formatNumber(value);
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((one) => typeof one !== "object"))
    return value.join(", ");
  return JSON.stringify(value);
}

/** `product_view_count` → `Product view count`. */
export function humanise(name: string): string {
  const words = name.replaceAll(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** `address.postalCode` → `Address, postal code`. */
export function humaniseField(name: string): string {
  const apart = name.replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, "$1 $2").replaceAll(".", ", ");
  return humanise(apart.toLowerCase());
}
