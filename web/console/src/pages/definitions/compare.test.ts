/** Comparing ways to choose. */
import { expect, test } from "vitest";
import "../../i18n/late.ts";
import type { PlacementPolicy, PolicyEstimate } from "../../api/policies.ts";
import type { PlacementSpec } from "../../api/types.ts";
import { candidatesOf, firstOf, ownRanking, since, standingOf, verdictOf } from "./compare.ts";

const estimate = (low: number | null, high: number | null): PolicyEstimate => ({
  estimator: "stabilised_dr",
  value: 0.1,
  low,
  high,
  holds: "",
});

test("better and worse only where the interval lies to one side", () => {
  expect(standingOf(estimate(0.08, 0.12), 0.07)).toBe("better");
  expect(standingOf(estimate(0.08, 0.12), 0.13)).toBe("worse");
  expect(standingOf(estimate(0.08, 0.12), 0.1)).toBe("unclear");
  expect(standingOf(estimate(null, null), 0.1)).toBe("noInterval");
  expect(standingOf(estimate(0.08, 0.12), null)).toBe("unclear");
});

test("one sentence for all", () => {
  expect(verdictOf([])).toMatch(/no figures/);
  expect(verdictOf([{ label: "A", value: 1, standing: "unclear" }])).toMatch(/^Nothing here/);
  const rows = [
    { label: "A", value: 1, standing: "better" as const },
    { label: "B", value: 2, standing: "better" as const },
    { label: "C", value: 3, standing: "unclear" as const },
  ];
  expect(verdictOf(rows)).toMatch(/“B” leads/);
});

test("candidates: a draft only when something is changed; the best fixed offer first", () => {
  const spec = { type: "offers", limit: 1, exclude_purchased_days: 30 } as PlacementSpec;
  const offers = [
    { offer: "a", shown: 9, earned: 1, alone: null },
    { offer: "b", shown: 4, earned: 2, alone: null },
  ];
  const policy = { offers, best: "b" } as unknown as PlacementPolicy;
  const keys = candidatesOf(policy, spec, spec).map(({ key }) => key);
  expect(keys).toEqual(["learned", "highest", "offer:b", "offer:a", "uniform"]);
  const changed = candidatesOf(policy, spec, { ...spec, formula: "value" });
  expect(changed.map(({ key }) => key)).toContain("draft");
  expect(firstOf(changed, "b")).toEqual(["learned", "highest", "draft", "offer:b"]);
});

test("another ranking changes only the weights it names", () => {
  const spec = { type: "offers", levers: [{ offer: "a", lever: 2 }, { offer: "b", lever: 3 }] };
  const own = { key: "own:1", label: "x", formula: " value ", levers: { a: 5 } };
  const { request } = ownRanking(spec as PlacementSpec, own);
  expect(request.spec).toMatchObject({
    formula: "value",
    levers: [
      { offer: "b", lever: 3 },
      { offer: "a", lever: 5 },
    ],
  });
});

test("a period begins with a day", () => {
  expect(since("all", 0)).toBeUndefined();
  const now = Date.parse("2026-11-23T09:30:00Z");
  expect(since("week", now)).toBe("2026-11-16T00:00:00.000Z");
});
