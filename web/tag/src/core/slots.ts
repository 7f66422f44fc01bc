/**
 * The life of every placement on one page view: asked for, then shown, or left as the page
 * wrote it. A slot is hidden only while its decision is on the way and its time is not up.
 */
import type { Decision } from "./decision.ts";

export interface Slot {
  readonly phase: "asked" | "shown" | "original";
  /** Until then the slot is hidden; 0 = it never was. */
  readonly hiddenUntil: number;
  readonly decision: Decision | null;
}

export interface Slots {
  /** Counts page views, so that answers to an earlier one are told apart. */
  readonly view: number;
  readonly byPlacement: Readonly<Record<string, Slot>>;
}

export interface Found {
  placement: string;
  /** The slot may be hidden: nothing personal is in it yet. */
  hideMs: number;
  cached: Decision | null;
}

export type SlotInput =
  | { on: "found"; found: readonly Found[] }
  | { on: "answer"; view: number; placements: readonly string[]; decisions: readonly Decision[] }
  | { on: "tick" }
  | { on: "navigate" };

export type SlotEffect =
  | { do: "ask"; view: number; placements: string[] }
  | { do: "render"; decision: Decision }
  | { do: "timed-out"; placement: string };

export interface SlotStep {
  readonly slots: Slots;
  readonly effects: readonly SlotEffect[];
}

export const NO_SLOTS: Slots = { view: 0, byPlacement: {} };

export function stepSlots(slots: Slots, input: SlotInput, now: number): SlotStep {
  switch (input.on) {
    case "found":
      return onFound(slots, input.found, now);
    case "answer":
      return input.view === slots.view
        ? onAnswer(slots, input.placements, input.decisions)
        : { slots, effects: [] };
    case "tick":
      return onTick(slots, now);
    case "navigate":
      return { slots: { view: slots.view + 1, byPlacement: {} }, effects: [] };
  }
}

/** The placements whose slots are hidden just now. */
export function hidden(slots: Slots): string[] {
  return Object.keys(slots.byPlacement).filter((placement) => {
    const slot = slots.byPlacement[placement];
    return slot?.phase === "asked" && slot.hiddenUntil > 0;
  });
}

function onFound(slots: Slots, found: readonly Found[], now: number): SlotStep {
  const byPlacement = { ...slots.byPlacement };
  const effects: SlotEffect[] = [];
  const placements: string[] = [];
  for (const { placement, hideMs, cached } of found) {
    if (byPlacement[placement]) continue;
    placements.push(placement);
    const hiddenUntil = hideMs && !cached ? now + hideMs : 0;
    byPlacement[placement] = { phase: cached ? "shown" : "asked", hiddenUntil, decision: cached };
    if (cached) effects.push({ do: "render", decision: cached });
  }
  // A cached decision is shown at once and still asked for anew, for the next view.
  if (placements.length) effects.push({ do: "ask", view: slots.view, placements });
  return { slots: { ...slots, byPlacement }, effects };
}

function onAnswer(
  slots: Slots,
  placements: readonly string[],
  decisions: readonly Decision[],
): SlotStep {
  const byPlacement = { ...slots.byPlacement };
  const effects: SlotEffect[] = [];
  for (const placement of placements) {
    const slot = byPlacement[placement];
    const decision = decisions.find((each) => each.placement === placement) || null;
    if (slot?.phase !== "asked") continue;
    byPlacement[placement] = { ...slot, phase: decision ? "shown" : "original", decision };
    if (decision) effects.push({ do: "render", decision });
  }
  return { slots: { ...slots, byPlacement }, effects };
}

/** Time is up: the page's own content shows, and a late answer must not replace it. */
function onTick(slots: Slots, now: number): SlotStep {
  const byPlacement = { ...slots.byPlacement };
  const effects: SlotEffect[] = [];
  for (const [placement, slot] of Object.entries(byPlacement)) {
    if (slot.phase !== "asked" || !slot.hiddenUntil || now < slot.hiddenUntil) continue;
    byPlacement[placement] = { ...slot, phase: "original" };
    effects.push({ do: "timed-out", placement });
  }
  return { slots: { ...slots, byPlacement }, effects };
}
