import { describe, expect, test } from "vitest";
import type { Audience } from "../../api/audience-wire.ts";
import { readIdentifiers } from "./identifiers.ts";
import { found, pointsIn, trendLabel } from "./trend.ts";

describe("identifiers", () => {
  const read = (text: string) => readIdentifiers(text);

  test("one a line, with and without a namespace, repeats once", () => {
    const { identifiers, rows, repeated, errors } = read(
      "ada@example.com\nuser_id:42\nnobody\nada@example.com",
    );
    expect(identifiers).toEqual(["email:ada@example.com", "user_id:42"]);
    expect(rows).toEqual([1, 2]);
    expect(repeated).toBe(1);
    expect(errors).toEqual([
      { row: 3, value: "nobody", message: "no namespace; write email:… or user_id:…" },
    ]);
  });

  test("columns by name, the first with a value", () => {
    const { identifiers, errors } = read(
      "name,E-Mail,user_id\nAda,ada@example.com,1\nGrace,,2\nNobody,,\n",
    );
    expect(identifiers).toEqual(["email:ada@example.com", "user_id:2"]);
    expect(errors.map(({ row }) => row)).toEqual([4]);
  });

  test("namespace and value", () => {
    const { identifiers, errors } = read("namespace;value\nline_id;U1\nBad One;x");
    expect(identifiers).toEqual(["line_id:U1"]);
    expect(errors[0]).toMatchObject({ row: 3, value: "Bad One:x" });
  });

  test("a table without a known column, and a quote that stays open", () => {
    expect(read("a,b\n1,2").errors).toHaveLength(1);
    expect(read('email\n"ada').errors).toHaveLength(1);
    expect(read("  ")).toEqual({ identifiers: [], rows: [], repeated: 0, errors: [] });
  });
});

describe("size over time", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  const history = [
    { at: "2026-11-10T12:00:00Z", size: 5 },
    { at: "2026-11-20T12:00:00Z", size: 9 },
    { at: "2026-11-22T11:00:00Z", size: 7 },
  ];

  test("a range ends with the size of now", () => {
    const values = (range: "24h" | "7d" | "30d") =>
      pointsIn(history, range, now, 8).map(({ value }) => value);
    expect(values("24h")).toEqual([7, 8]);
    expect(values("7d")).toEqual([9, 7, 8]);
    expect(values("30d")).toEqual([5, 9, 7, 8]);
  });

  test("in words", () => {
    expect(trendLabel(history)).toBe("5 to 7 people, lowest 5, highest 9");
    expect(trendLabel([])).toBe("No history yet");
  });
});

test("every word is looked for in name, id and description", () => {
  const audience = { name: "Loyal customers", audience_id: "loyal", description: "Bought thrice" };
  const all = [audience as Audience];
  expect(found(all, "thrice LOYAL")).toHaveLength(1);
  expect(found(all, "loyal twice")).toHaveLength(0);
});
