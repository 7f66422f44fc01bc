import { describe, expect, test } from "vitest";
import type { OfferFunnel } from "../../api/offers.ts";
import { narrowest, outline, ranked, stepsOf } from "./funnel.ts";

const funnel = (offer: string, counts: number[]): OfferFunnel => {
  const [considered = 0, allowed = 0, eligible = 0, applicable = 0, suitable = 0, ...rest] = counts;
  const [within_limits = 0, within_floors = 0, relevant = 0, shown = 0] = rest;
  const before = { offer, considered, allowed, eligible, applicable, suitable };
  return { ...before, within_limits, within_floors, relevant, shown };
};

describe("a funnel", () => {
  test("tells at each layer who is left and who fell out", () => {
    const steps = stepsOf(funnel("sale", [200, 200, 100, 100, 90, 90, 90, 90, 20]));
    expect(steps.map(({ lost }) => lost)).toEqual([0, 0, 100, 0, 10, 0, 0, 0, 70]);
    expect(steps[2]).toMatchObject({ layer: "eligible", share: 0.5, before: 1 });
    expect(narrowest(steps)?.layer).toBe("eligible");
  });

  test("of nobody has no width and loses nobody", () => {
    const steps = stepsOf(funnel("new", []));
    expect(steps.every(({ share, lost }) => share === 0 && lost === 0)).toBe(true);
    expect(narrowest(steps)).toBeUndefined();
  });

  test("narrows from those who came to those who pass", () => {
    const [, , eligible] = stepsOf(funnel("sale", [100, 100, 50]));
    expect(outline(eligible!)).toBe("polygon(0.00% 0, 100.00% 0, 75.00% 100%, 25.00% 100%)");
  });

  test("what most are shown comes first, then what gets closest, then by name", () => {
    const all = [
      funnel("b", [9]),
      funnel("a", [9]),
      funnel("close", [9, 9, 9, 9, 9, 9, 9, 9]),
      funnel("shown", [9, 9, 9, 9, 9, 9, 9, 9, 1]),
    ];
    expect(ranked(all).map(({ offer }) => offer)).toEqual(["shown", "close", "a", "b"]);
  });
});
