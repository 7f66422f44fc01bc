import { expect, test } from "vitest";
import { arrived, decorate, listed } from "./link.ts";

const ID = "0f8b1c52-4a5e-4b7e-9c36-9d3b1a2c4e5f";
const NOW = 1_800_000_000_000;
const at = (now: number) => `${ID}.${now.toString(36)}`;

test("only listed domains and their subdomains", () => {
  const check = (host: string, expected: boolean) =>
    expect(listed(host, ["example.com"])).toBe(expected);
  check("example.com", true);
  check("pay.example.com", true);
  check("notexample.com", false);
  check("example.com.evil.org", false);
  check("", false);
});

test("decorated links", () => {
  const check = (href: string, expected: string) =>
    expect(decorate(href, ID, NOW)).toBe(expected.replace("@", at(NOW)));
  check("https://b/", "https://b/?kith_id=@");
  check("https://b/?x=1#top", "https://b/?x=1&kith_id=@#top");
  check("https://b/?kith_id=old.1&x=1", "https://b/?x=1&kith_id=@");
  check("https://b/?kith_id=old.1", "https://b/?kith_id=@");
});

test("an id is taken only when fresh, well formed and from a listed site", () => {
  const check = (search: string, host: string, later: number, expected: string | null) =>
    expect(arrived(search, host, ["a.com"], NOW + later)).toBe(expected);
  check(`?x=1&kith_id=${at(NOW)}`, "a.com", 1_000, ID);
  check(`?kith_id=${at(NOW)}`, "shop.a.com", 0, ID);
  check(`?kith_id=${at(NOW)}`, "evil.com", 0, null);
  check(`?kith_id=${at(NOW)}`, "", 0, null);
  check(`?kith_id=${at(NOW)}`, "a.com", 121_000, null);
  check(`?kith_id=${at(NOW)}`, "a.com", -600_000, null);
  check("?kith_id=me.1", "a.com", 0, null);
  check("?kith_id=", "a.com", 0, null);
  check("", "a.com", 0, null);
});
