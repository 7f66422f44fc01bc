import { expect, it } from "vitest";
import type { Link, PersonRow } from "../../../api/types.ts";
import { changesNothing, figures, stepsBack } from "./regroup.ts";

const verdict = (edge_id: string, state: Link["state"]) => ({ edge_id, state }) as Link;
const row = (values: string[], event_count = 1) =>
  ({
    event_count,
    identifiers: values.map((value) => ({ namespace: "email", value })),
  }) as PersonRow;

it("a merge is undone by taking the new verdict back", () => {
  const said = verdict("a.b.operator", "active");
  const old = verdict("x.y.operator", "refused");
  expect(stepsBack([old], [old, said])).toEqual([{ withdraw: "a.b.operator" }]);
});

it("a split across several links is undone link by link", () => {
  const said = [verdict("a.b.operator", "refused"), verdict("a.c.operator", "refused")];
  expect(stepsBack([], said)).toEqual([{ withdraw: "a.b.operator" }, { withdraw: "a.c.operator" }]);
});

it("a verdict that was taken back is said again", () => {
  const same = verdict("a.b.operator", "active");
  const different = verdict("a.c.operator", "refused");
  expect(stepsBack([same, different], [])).toEqual([{ merge: same }, { part: different }]);
});

it("a verdict that was turned round is taken back before the old one is said", () => {
  const was = verdict("a.b.operator", "active");
  const is = verdict("a.b.operator", "refused");
  expect(stepsBack([was], [is])).toEqual([{ withdraw: "a.b.operator" }, { merge: was }]);
});

it("counts persons, events and identifiers", () => {
  expect(figures([row(["a", "b"], 5), row(["c"], 2)])).toEqual({ persons: 2, events: 7, identifiers: 3 });
});

it("sees that nothing changes, whatever the order", () => {
  const before = [row(["a", "b"]), row(["c"])];
  expect(changesNothing({ before, after: [row(["c"]), row(["b", "a"])], preview: true })).toBe(true);
  expect(changesNothing({ before, after: [row(["a", "b", "c"])], preview: true })).toBe(false);
});
