import { describe, expect, test } from "vitest";
import { parseCsv, readItems } from "./rows.ts";

describe("readItems", () => {
  test("CSV: known columns, categories by bar, the rest become attributes", () => {
    const text =
      'item_id,title,price,categories,available,colour,weight_g\na,"Boot, high",89.90,shoes|outdoor,no,green,400\n';
    const { items, errors } = readItems(text);
    expect(errors).toEqual([]);
    expect(items).toEqual([
      {
        item_id: "a",
        title: "Boot, high",
        price: "89.90",
        categories: ["shoes", "outdoor"],
        available: false,
        attributes: { colour: "green", weight_g: 400 },
      },
    ]);
  });

  test("a bad row is named and the others stay", () => {
    const { items, rows, errors } = readItems("item_id,title\na,A\n,B\nc\nd,D\n");
    expect(items.map((item) => item.item_id)).toEqual(["a", "d"]);
    expect(rows).toEqual([1, 4]);
    expect(errors.map(({ row, field }) => [row, field])).toEqual([
      [2, "item_id"],
      [3, null],
    ]);
  });

  test("NDJSON: each line on its own", () => {
    const { items, errors } = readItems('{"item_id":1,"title":"One"}\n{oops\n[1]\n{"title":"x"}');
    expect(items[0]).toMatchObject({ item_id: "1", title: "One", available: true });
    expect(errors.map((error) => error.row)).toEqual([2, 3, 4]);
  });

  test("a JSON array", () => {
    expect(readItems('[{"item_id":"a","title":"A"}]').items).toHaveLength(1);
    expect(readItems("[{").errors).toHaveLength(1);
  });

  test("CSV without item_id says so", () => {
    expect(readItems("name,price\na,1").errors[0]).toMatchObject({ row: 0, field: "item_id" });
  });

  test("nothing is nothing", () => {
    expect(readItems("  \n")).toEqual({ items: [], rows: [], errors: [] });
  });
});

describe("parseCsv", () => {
  test.each([
    [
      "a,b\r\n1,2\r\n",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "a;b\n1;2",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "a\tb\n1\t2",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      'a,b\n"say ""hi""","two\nlines"',
      [
        ["a", "b"],
        ['say "hi"', "two\nlines"],
      ],
    ],
  ])("%j", (text, rows) => expect(parseCsv(text)).toEqual(rows));

  test("a quote that stays open is refused", () => {
    expect(parseCsv('a,b\n"1,2')).toBeNull();
  });
});
