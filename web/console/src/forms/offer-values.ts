/** An offer as its form holds it, and back. */
import type { Definition, JsonObject, OfferSpec } from "../api/types.ts";
import { fromLocalInput, toLocalInput } from "./local-time.ts";

export type OfferKind = "promotion" | "service" | "mandatory";
export type Codes = "none" | "generated" | "uploaded";

export interface OfferValues {
  id: string;
  name: string;
  placements: string[];
  kind: OfferKind;
  priority: number | string;
  value: number | string;
  propensity: number | string;
  when: string;
  applicable: string;
  suitable: string;
  never: string;
  starts: string;
  ends: string;
  perPerson: number | string;
  perPersonDays: number | string;
  stock: number | string;
  budget: number | string;
  cost: number | string;
  paced: boolean;
  codes: Codes;
  prefix: string;
  keepDays: number | string;
  usedBy: string;
  content: JsonObject;
}

export const DEFAULT_PRIORITY = 100;
export const KEEP_DAYS = 30;
const PER_PERSON_DAYS = 3650;

export function valuesOf(definition?: Definition<OfferSpec>): OfferValues {
  const spec = definition?.spec;
  const limits = spec?.limits;
  return {
    id: definition?.id ?? "",
    name: definition?.name ?? "",
    placements: spec?.placements ?? [],
    kind: spec?.kind ?? "promotion",
    priority: spec?.priority ?? DEFAULT_PRIORITY,
    value: spec?.value ?? 1,
    propensity: spec?.propensity ?? 1,
    when: spec?.when ?? "",
    applicable: spec?.applicable_when ?? "",
    suitable: spec?.suitable_when ?? "",
    never: spec?.never_when ?? "",
    starts: toLocalInput(spec?.starts_at ?? null),
    ends: toLocalInput(spec?.ends_at ?? null),
    perPerson: limits?.per_person?.count ?? "",
    perPersonDays: limits?.per_person?.days ?? PER_PERSON_DAYS,
    stock: limits?.stock ?? "",
    budget: limits?.budget?.amount ?? "",
    cost: limits?.budget?.cost ?? "",
    paced: limits?.budget?.pacing === "even",
    codes: limits?.coupon ? (limits.coupon.codes ?? "generated") : "none",
    prefix: limits?.coupon?.prefix ?? "",
    keepDays: limits?.keep_days ?? KEEP_DAYS,
    usedBy: limits?.used_by ?? "",
    content: spec?.content ?? {},
  };
}

/** `known` keeps what the form has no input for, and times finer than a minute. */
export function specOf(values: OfferValues, known?: OfferSpec): OfferSpec {
  const before = known && valuesOf({ spec: known } as Definition<OfferSpec>);
  const spec: OfferSpec = {
    ...known,
    placements: values.placements,
    priority: Number(values.priority) || 0,
    when: values.when.trim(),
    starts_at: timeOf(values.starts, known?.starts_at ?? null),
    ends_at: timeOf(values.ends, known?.ends_at ?? null),
    content: values.content,
  };
  // What was never written stays unwritten until somebody changes it.
  const written = <Name extends keyof OfferValues>(name: Name): boolean =>
    values[name] !== (before ?? valuesOf())[name];
  if (written("kind")) spec.kind = values.kind;
  if (written("value")) spec.value = Number(values.value) || 0;
  if (written("propensity")) spec.propensity = Number(values.propensity) || 0;
  if (written("applicable")) spec.applicable_when = values.applicable.trim();
  if (written("suitable")) spec.suitable_when = values.suitable.trim();
  if (written("never")) spec.never_when = values.never.trim();
  if (LIMITS.some(written)) spec.limits = limitsOf(values);
  return spec;
}

const LIMITS = [
  "perPerson",
  "perPersonDays",
  "stock",
  "budget",
  "cost",
  "paced",
  "codes",
  "prefix",
  "keepDays",
  "usedBy",
] as const;

function limitsOf(values: OfferValues): NonNullable<OfferSpec["limits"]> {
  const { perPerson, perPersonDays, stock, budget, cost, paced, codes, prefix } = values;
  const days = Number(perPersonDays) || PER_PERSON_DAYS;
  return {
    per_person: isEmpty(perPerson) ? null : { count: Number(perPerson), days },
    stock: isEmpty(stock) ? null : Number(stock),
    budget: isEmpty(budget)
      ? null
      : { amount: Number(budget), cost: Number(cost) || 0, pacing: paced ? "even" : "none" },
    coupon: codes === "none" ? null : { codes, prefix: prefix.trim() },
    keep_days: Number(values.keepDays) || KEEP_DAYS,
    used_by: values.usedBy.trim(),
  };
}

/** True when a grant has to be asked for before the offer is shown. */
export function isLimited({ perPerson, stock, budget, codes }: OfferValues): boolean {
  return codes !== "none" || [perPerson, stock, budget].some((value) => !isEmpty(value));
}

function isEmpty(value: number | string): boolean {
  return value === "";
}

function timeOf(input: string, known: string | null): string | null {
  return input === toLocalInput(known) ? known : fromLocalInput(input);
}
