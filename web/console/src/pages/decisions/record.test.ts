import { describe, expect, test } from "vitest";
import { fits } from "../../api/decisions.ts";
import type { DecisionRecord, Loser } from "../../api/types.ts";
import {
  behind,
  bySteps,
  compare,
  decisionIdIn,
  greatestScore,
  greatestTerms,
  part,
} from "./record.ts";

const loser = (id: string, code: Loser["code"], score?: number): Loser => ({
  kind: "offer",
  id,
  code,
  reason: "because",
  ...(score !== undefined && { score }),
});
const choice = (score: number) => ({
  kind: "offer" as const,
  id: "sale",
  content: {},
  score,
  propensity: 1,
  reasons: [],
  terms: { propensity: 0.2, context: 1, value: 40, lever: 2 },
});
const record = (scores: number[], losers: Loser[] = [], fallback = false): DecisionRecord => ({
  decision_id: "d",
  placement: "home",
  person_id: null,
  decided_at: "2026-07-12T10:00:00Z",
  position: 1,
  seed: "1",
  definitions: [],
  request: { identifiers: [], context: {} },
  facts: {},
  decision: {
    placement: "home",
    decision_id: "d",
    choices: scores.map(choice),
    fallback,
    experiments: [],
  },
  losers,
  losers_cut: 0,
});

describe("what lost", () => {
  test("is told in the order of the steps, unknown ones last", () => {
    const steps = bySteps([
      loser("a", "over-limit"),
      loser("b", "not-eligible"),
      loser("c", "something-new" as Loser["code"]),
      loser("d", "not-eligible"),
    ]);
    expect(steps.map(({ code, losers }) => [code, losers.length])).toEqual([
      ["not-eligible", 2],
      ["over-limit", 1],
      ["something-new", 1],
    ]);
  });

  test("lost by what the last place had more", () => {
    const beaten = loser("a", "lower-priority", 10);
    expect(behind(beaten, record([16, 12]))).toBe(2);
    expect(behind(loser("b", "not-eligible"), record([16]))).toBeUndefined();
    expect(behind(beaten, record([0], [], true))).toBeUndefined();
    expect(behind(loser("c", "below-floor", 99), record([16]))).toBeUndefined();
  });
});

test("bars are drawn against the greatest of the decision", () => {
  const one = record([16], [{ ...loser("a", "lower-priority", 20), terms: { ...choice(1).terms, value: 80 } }]);
  expect(greatestScore(one)).toBe(20);
  expect(greatestTerms(one)).toEqual({ propensity: 0.2, context: 1, value: 80, lever: 2 });
  expect([part(5, 20), part(5, 0), part(-5, 20), part(50, 20)]).toEqual([0.25, 0, 0, 1]);
});

describe("a replay", () => {
  test("of the same bytes says how many", () => {
    expect(compare('{"a":"é"}', '{"a":"é"}')).toEqual({ same: true, bytes: 10 });
  });

  test("of other bytes says where, as far as twenty", () => {
    const kept = { seed: "1", decision: { choices: [{ id: "a" }] } };
    const again = { seed: "2", decision: { choices: [{ id: "b" }] } };
    expect(compare(JSON.stringify(kept), JSON.stringify(again))).toEqual({
      same: false,
      differences: [
        { at: "seed", kept: '"1"', again: '"2"' },
        { at: "decision.choices[0].id", kept: '"a"', again: '"b"' },
      ],
    });
    const many = Object.fromEntries(Array.from({ length: 90 }, (_, at) => [`k${at}`, at]));
    const compared = compare(JSON.stringify(many), "{}");
    expect(!compared.same && compared.differences.length).toBe(20);
    expect(compare('{"a":1}', '{"a": 1}')).toEqual({ same: false, differences: [] });
  });
});

test("an id is found in what is pasted", () => {
  expect(decisionIdIn("  0197-ab ")).toBe("0197-ab");
  expect(decisionIdIn("https://kith.example/console/decisions/0197-ab?x=1")).toBe("0197-ab");
});

test("the list of a person is cut to placement and time here", () => {
  const one = record([1]);
  expect(fits(one, {})).toBe(true);
  expect(fits(one, { placement: "cart" })).toBe(false);
  expect(fits(one, { until: "2026-07-12T10:00:00.000Z" })).toBe(true);
  expect(fits(one, { until: "2026-07-12T09:59:00Z" })).toBe(false);
});
