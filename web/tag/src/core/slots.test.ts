import { expect, test } from "vitest";
import type { Decision } from "./decision.ts";
import { readDecisions, usable } from "./decision.ts";
import { hidden, NO_SLOTS, stepSlots } from "./slots.ts";
import type { Found, SlotEffect, SlotInput } from "./slots.ts";

const decision = (placement: string): Decision => ({ placement, decision_id: "d", choices: [] });
const find = (placement: string, hideMs = 500, cached: Decision | null = null): Found => ({
  placement,
  hideMs,
  cached,
});

class View {
  slots = NO_SLOTS;
  now = 0;

  /** Effects in short, then what is hidden, as `ask(hero) | hero`. */
  on(input: SlotInput): string {
    const done = stepSlots(this.slots, input, this.now);
    this.slots = done.slots;
    return `${done.effects.map(short).join(" ")} | ${hidden(this.slots).join(",")}`.trim();
  }

  answer(placements: string[], answered: string[], view = this.slots.view): string {
    return this.on({ on: "answer", view, placements, decisions: answered.map(decision) });
  }
}

function short(effect: SlotEffect): string {
  switch (effect.do) {
    case "ask":
      return `ask(${effect.placements.join(",")})`;
    case "render":
      return `render(${effect.decision.placement})`;
    case "timed-out":
      return `timed-out(${effect.placement})`;
  }
}

test("hidden from found to shown", () => {
  const view = new View();
  expect(view.on({ on: "found", found: [find("a"), find("b")] })).toBe("ask(a,b) | a,b");
  expect(view.on({ on: "found", found: [find("a")] })).toBe("| a,b");
  expect(view.answer(["a", "b"], ["a"])).toBe("render(a) |");
  expect(view.slots.byPlacement["b"]?.phase).toBe("original");
});

test("time is up: the original shows, it counts once, a late answer changes nothing", () => {
  const view = new View();
  view.on({ on: "found", found: [find("a")] });
  view.now = 499;
  expect(view.on({ on: "tick" })).toBe("| a");
  view.now = 500;
  expect(view.on({ on: "tick" })).toBe("timed-out(a) |");
  expect(view.on({ on: "tick" })).toBe("|");
  expect(view.answer(["a"], ["a"])).toBe("|");
});

test("a slot that is not hidden has no time to run out", () => {
  const view = new View();
  expect(view.on({ on: "found", found: [find("a", 0)] })).toBe("ask(a) |");
  view.now = 10_000;
  expect(view.on({ on: "tick" })).toBe("|");
  expect(view.answer(["a"], ["a"])).toBe("render(a) |");
});

test("a cached decision shows at once and is asked for anew", () => {
  const view = new View();
  const found = [find("a", 500, decision("a"))];
  expect(view.on({ on: "found", found })).toBe("render(a) ask(a) |");
  expect(view.answer(["a"], ["a"])).toBe("|");
});

test("an answer to the page view before is not shown", () => {
  const view = new View();
  view.on({ on: "found", found: [find("a")] });
  expect(view.on({ on: "navigate" })).toBe("|");
  expect(view.on({ on: "found", found: [find("a")] })).toBe("ask(a) | a");
  expect(view.answer(["a"], ["a"], 0)).toBe("| a");
  expect(view.answer(["a"], ["a"])).toBe("render(a) |");
});

test("answers are read with suspicion", () => {
  for (const junk of [null, undefined, 7, {}, { decisions: {} }, { decisions: [null, {}] }]) {
    expect(readDecisions(junk)).toEqual([]);
  }
  const failed = { placement: "b", error: { code: "unknown-placement" } };
  expect(readDecisions({ decisions: [decision("a"), failed] })).toEqual([decision("a")]);
});

test("cached decisions serve the same page for five minutes", () => {
  const cached = { at: 1_000, key: "/ x", decision: decision("a") };
  expect(usable(cached, "/ x", 1_000)).toBe(true);
  expect(usable(cached, "/ x", 300_999)).toBe(true);
  expect(usable(cached, "/ x", 301_000)).toBe(false);
  expect(usable(cached, "/ y", 1_000)).toBe(false);
  expect(usable(cached, "/ x", 0)).toBe(false);
  expect(usable(undefined, "/ x", 1_000)).toBe(false);
});
