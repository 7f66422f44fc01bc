import { describe, expect, test } from "vitest";
import type { Definition, OfferSpec, PlacementSpec, SourceSpec } from "../api/types.ts";
import { fromLocalInput, toLocalInput } from "./local-time.ts";
import * as offer from "./offer-values.ts";
import * as placement from "./placement-values.ts";
import { canonical, changedFields } from "./revision-changes.ts";
import { isId, slugOf } from "./slug.ts";
import * as source from "./source-values.ts";

function stored<Spec>(spec: Spec): Definition<Spec> {
  const updated_at = "2026-11-01T00:00:00Z";
  const rest = { revision: 1, status: "live" as const, updated_at, author: "ada@example.com" };
  return { kind: "offer", id: "x", name: "X", spec, ...rest };
}

describe("a form opened and saved untouched changes nothing", () => {
  test("offer, with seconds the input cannot show and a member it does not know", () => {
    const spec = {
      placements: ["home_hero"],
      priority: 0,
      when: 'traits.plan = "pro"',
      starts_at: "2026-11-27T10:11:12.345Z",
      ends_at: null,
      content: { title: "T", deep: { a: [1] } },
      later: true,
    } as OfferSpec;
    expect(offer.specOf(offer.valuesOf(stored(spec)), spec)).toEqual(spec);
  });

  test("offer with layers and limits, all of them written", () => {
    const spec = {
      placements: ["home_hero"],
      kind: "service",
      priority: 10,
      when: "",
      applicable_when: "features.cart_item_count >= 1",
      suitable_when: "",
      never_when: "traits.is_minor",
      starts_at: null,
      ends_at: null,
      value: 12.5,
      propensity: 0.2,
      context: [{ when: "local_hour > 20", weight: 2 }],
      figures: [],
      limits: {
        per_person: { count: 2, days: 7 },
        stock: 1000,
        budget: { amount: 50, cost: 0.5, pacing: "even" },
        coupon: { codes: "uploaded", prefix: "" },
        keep_days: 5,
        used_by: "Order Completed",
      },
      content: {},
    } as OfferSpec;
    const values = offer.valuesOf(stored(spec));
    expect(offer.specOf(values, spec)).toEqual(spec);
    const loose = { ...values, perPerson: "", stock: "", budget: "", codes: "none" as const };
    expect(offer.specOf(loose, spec).limits).toMatchObject({
      per_person: null,
      stock: null,
      budget: null,
      coupon: null,
    });
    expect(offer.isLimited(values)).toBe(true);
    expect(offer.isLimited(loose)).toBe(false);
  });

  test("placement of items", () => {
    const spec: PlacementSpec = {
      description: "Under products",
      type: "items",
      limit: 4,
      strategies: [{ strategy: "also-viewed" }, { strategy: "popular-now" }],
      exclude_purchased_days: 0,
      fallback: { content: null },
    };
    expect(placement.specOf(placement.valuesOf(stored(spec)), spec)).toEqual(spec);
  });

  test("placement of offers with a policy and a placement it falls back on", () => {
    const spec = {
      description: "",
      type: "offers",
      limit: 1,
      strategies: [],
      exclude_purchased_days: 30,
      silence_promotions_when: "traits.open_complaint",
      formula: "value * lever",
      levers: [{ offer: "a", lever: 2 }],
      floors: [],
      silence_below: 10,
      fallback: { placement: "next", content: null },
    } as PlacementSpec;
    const values = placement.valuesOf(stored(spec));
    expect(placement.specOf(values, spec)).toEqual(spec);
    const loose = { ...values, silenceBelow: "", next: "" };
    const changed = placement.specOf(loose, spec);
    expect(changed).toMatchObject({ silence_below: null, fallback: { placement: null } });
  });

  test("source, whose keys are left to the server", () => {
    const spec: SourceSpec = {
      type: "web",
      enabled: false,
      origins: ["https://shop.example.com"],
      tag: {
        consent: { default: "granted", categories: ["analytics"] },
        page_views: false,
        declarative: true,
        click_capture: true,
        data_layer: "dl",
        link_domains: ["example.org"],
        hide_timeout_ms: 300,
        placements: [{ placement: "home_hero", selector: "#h", mode: "text" }],
      },
    };
    const known = { ...spec, keys: [{ prefix: "c1", hash: "h", created_at: "" }] };
    expect(source.specOf(source.valuesOf(stored(known)), known)).toEqual(spec);
  });
});

test("an origin has a scheme and a host and no path", () => {
  expect(source.wrongOrigin(["https://a.example", "http://localhost:8080"])).toBeUndefined();
  expect(source.wrongOrigin(["https://a.example/shop"])).toBe("https://a.example/shop");
  expect(source.wrongOrigin(["a.example"])).toBe("a.example");
});

test("local times go there and back", () => {
  const at = "2026-11-27T10:11:00.000Z";
  expect(fromLocalInput(toLocalInput(at))).toBe(at);
  expect(toLocalInput(null)).toBe("");
  expect(fromLocalInput("")).toBeNull();
});

test("slugs are ids", () => {
  expect(slugOf("Über Winter-Sale 2026!")).toBe("uber_winter_sale_2026");
  expect(isId(slugOf("x".repeat(99)))).toBe(true);
  expect(isId("Home Hero")).toBe(false);
  expect(slugOf("你好")).toBe("");
});

test("changes between revisions do not depend on the order of keys", () => {
  const before = stored({ a: 1, b: { x: 1, y: 2 } });
  expect(changedFields(before, stored({ b: { y: 2, x: 1 }, a: 2, c: null }))).toEqual(["a", "c"]);
  expect(changedFields(undefined, before)).toEqual([]);
  expect(canonical({ b: 1, a: [{ d: 1, c: 2 }] })).toBe('{"a":[{"c":2,"d":1}],"b":1}');
});
