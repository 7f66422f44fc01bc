import { expect, test } from "vitest";
import { arrive, emptyFeed, release, ROWS_MAX, rowsOf } from "./feed.ts";

const event = (message_id: string) => ({ message_id });
const ids = (events: { message_id: string }[]) => events.map((one) => one.message_id).join("");

test("new events stand above those loaded, each once, newest first", () => {
  const feed = arrive(emptyFeed(), [event("c"), event("d")], false);
  expect(ids(rowsOf(feed, [event("c"), event("b"), event("a")]))).toBe("dcba");
});

test("a redelivered event changes nothing", () => {
  const feed = arrive(emptyFeed(), [event("a")], false);
  expect(arrive(feed, [event("a")], false)).toBe(feed);
});

test("paused: events wait unseen, even when a reload brings them too, until released", () => {
  const feed = arrive(emptyFeed(), [event("b"), event("c")], true);
  expect(ids(rowsOf(feed, [event("c"), event("a")]))).toBe("a");
  expect(ids(rowsOf(release(feed), [event("a")]))).toBe("cba");
});

test("the list stops growing", () => {
  const many = Array.from({ length: ROWS_MAX + 10 }, (_, index) => event(`${index}`));
  const feed = arrive(emptyFeed(), many, false);
  expect(feed.shown).toHaveLength(ROWS_MAX);
  expect(feed.shown[0]).toEqual(many.at(-1));
});
