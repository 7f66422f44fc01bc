import { expect, test } from "vitest";
import { campaignOf, cleanUrl } from "./page.ts";

test("campaigns", () => {
  const check = (search: string, expected: unknown) => expect(campaignOf(search)).toEqual(expected);
  check("?utm_campaign=a+b&utm_source=mail&x=1", { name: "a b", source: "mail" });
  check("?utm_id=7&utm_term=%C3%BC", { id: "7", term: "ü" });
  check("?utm_source=&y=2", undefined);
  check("", undefined);
});

test("addresses lose the tag's own marks, and click ids unless marketing is granted", () => {
  const check = (url: string, marketing: boolean, expected: string) =>
    expect(cleanUrl(url, marketing)).toBe(expected);
  check("https://a/?gclid=1&b=2", false, "https://a/?b=2");
  check("https://a/?b=2&gclid=1", false, "https://a/?b=2");
  check("https://a/?b=2&gclid=1&fbclid=2&c=3", false, "https://a/?b=2&c=3");
  check("https://a/?gclid=1#x", false, "https://a/#x");
  check("https://a/?gclid=1", true, "https://a/?gclid=1");
  check("https://a/?kith_id=u.1&b=2&kith_debug", true, "https://a/?b=2");
  check("?msclkid=1", false, "");
  check("https://a/?clidx=1&mygclid2=4", false, "https://a/?clidx=1&mygclid2=4");
  check("", false, "");
});
