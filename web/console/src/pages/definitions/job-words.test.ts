import { expect, test } from "vitest";
import { jobAction, jobTitle, jobWords } from "./job-words.ts";

test("a job says how far it is, what that means and what can be done", () => {
  const running = { state: "running", progress: 0.374 } as const;
  const cancelled = { state: "cancelled", progress: 0.374 } as const;
  expect(jobAction(running)).toBe("cancel");
  expect(jobTitle(running)).toBe("Past still being counted: 37% done");
  expect(jobAction(cancelled)).toBe("resume");
  expect(jobTitle(cancelled)).toBe("Incomplete: past not counted, 37% done");
  expect(jobWords("audience", cancelled)).toContain("looked at so far enter and leave");
  expect(jobWords("feature", cancelled)).toContain("has no value");
  expect(jobWords("audience", running)).not.toBe(jobWords("audience", cancelled));
});

test("nothing can be done about a job that is done", () => {
  expect(jobAction({ state: "done", progress: 1 })).toBe(null);
});
