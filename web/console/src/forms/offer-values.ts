/** An offer as its form holds it, and back. */
import type { Definition, JsonObject, OfferSpec } from "../api/types.ts";
import { fromLocalInput, toLocalInput } from "./local-time.ts";

export interface OfferValues {
  id: string;
  name: string;
  placements: string[];
  priority: number | string;
  when: string;
  starts: string;
  ends: string;
  content: JsonObject;
}

export const DEFAULT_PRIORITY = 100;

export function valuesOf(definition?: Definition<OfferSpec>): OfferValues {
  const spec = definition?.spec;
  return {
    id: definition?.id ?? "",
    name: definition?.name ?? "",
    placements: spec?.placements ?? [],
    priority: spec?.priority ?? DEFAULT_PRIORITY,
    when: spec?.when ?? "",
    starts: toLocalInput(spec?.starts_at ?? null),
    ends: toLocalInput(spec?.ends_at ?? null),
    content: spec?.content ?? {},
  };
}

/** `known` keeps what the form has no input for, and times finer than a minute. */
export function specOf(values: OfferValues, known?: OfferSpec): OfferSpec {
  return {
    ...known,
    placements: values.placements,
    priority: Number(values.priority) || 0,
    when: values.when.trim(),
    starts_at: timeOf(values.starts, known?.starts_at ?? null),
    ends_at: timeOf(values.ends, known?.ends_at ?? null),
    content: values.content,
  };
}

function timeOf(input: string, known: string | null): string | null {
  return input === toLocalInput(known) ? known : fromLocalInput(input);
}
