/** Rules over items: what is chosen is written, and what is written can be chosen again. */
import { expect, test } from "vitest";
import { isFinished, newCondition, readItemRule, writeItemRule } from "./item-rule.ts";

test("what was written by choosing is read back", () => {
  const texts = [
    'item.categories contains "shoes"',
    'item.price < 100 and not (item.categories contains "gift and cards")',
    'item.brand = "Fjord" or item.brand != "Nimbus"',
    "item.attributes.margin > 0.3",
    'item.attributes.colour = "green" and item.attributes.weight_g <= 900',
    "item.attributes.margin exists and item.attributes.note is missing",
    "",
  ];
  for (const text of texts) {
    const rule = readItemRule(text);
    expect(rule, text).not.toBeNull();
    expect(writeItemRule(rule!), text).toBe(text);
  }
});

test("what says more stays text", () => {
  const texts = [
    "item.price < 100 and traits.vip",
    '(item.price < 100 or item.brand = "x") and item.title contains "y"',
    'item.price < 100 and item.brand = "x" or item.brand = "y"',
    "item.price < 100.50",
    'count("Product Viewed") > 2',
    'item.categories = "x"',
  ];
  for (const text of texts) expect(readItemRule(text), text).toBeNull();
});

test("what is not finished is not written", () => {
  const half = { ...newCondition("price"), value: "abc" };
  expect(isFinished(half)).toBe(false);
  expect(writeItemRule({ join: "and", conditions: [half, newCondition()] })).toBe("");
  const quotes = { ...newCondition("brand"), value: 'O"Neill\\' };
  expect(writeItemRule({ join: "and", conditions: [quotes] })).toBe('item.brand = "ONeill"');
});
