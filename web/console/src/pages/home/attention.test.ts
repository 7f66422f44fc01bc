import { expect, test } from "vitest";
import type { Overview } from "../../api/types.ts";
import { scheduleOf } from "../definitions/schedule.ts";
import { attentionOf } from "./attention.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const WELL: Overview = {
  events_total: 10,
  persons_total: 2,
  items_total: 3,
  rejected_open: 0,
  position: 100,
  applied_position: 99,
  events_per_minute: [],
  top_events: [],
  sources: [{ id: "web", name: "Web", last_event_at: "2026-11-21T11:59:00Z", events_last_hour: 3 }],
};
const kinds = (overview: Overview) => attentionOf(overview, NOW).map((one) => one.kind);

test("all is well", () => expect(kinds(WELL)).toEqual([]));

test("most urgent first", () => {
  const silent = { id: "app", name: "App", last_event_at: null, events_last_hour: 0 };
  const stopped = { ...silent, id: "old", last_event_at: "2026-11-20T00:00:00Z" };
  const overview = {
    ...WELL,
    rejected_open: 2,
    position: 9_000,
    items_total: 0,
    sources: [...WELL.sources, silent, stopped],
  };
  expect(kinds(overview)).toEqual(["rejected", "lag", "silent", "silent", "no-items"]);
});

test("no source at all", () => expect(kinds({ ...WELL, sources: [] })).toEqual(["no-source"]));

test.each([
  [null, null, "always"],
  ["2026-11-22T00:00:00Z", null, "scheduled"],
  ["2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z", "running"],
  [null, "2026-11-21T12:00:00Z", "ended"],
])("an offer from %s to %s", (starts_at, ends_at, state) => {
  const spec = { placements: [], priority: 1, content: {}, starts_at, ends_at };
  expect(scheduleOf(spec, NOW).state).toBe(state);
});
