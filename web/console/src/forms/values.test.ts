import { describe, expect, test } from "vitest";
import type {
  Definition,
  OfferSpec,
  PlacementSpec,
  RecipeSpec,
  SourceSpec,
} from "../api/types.ts";
import { fromLocalInput, toLocalInput } from "./local-time.ts";
import * as offer from "./offer-values.ts";
import * as placement from "./placement-values.ts";
import * as recipe from "./recipe-values.ts";
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

  test("placement that learns, with shares no form would write", () => {
    const learning = {
      reward: '"Order Completed" where revenue >= 50',
      window_days: 7,
      window_minutes: 0,
      features: ["traits.country"],
      floor: 0.0123456,
      trial: 0.2,
      holdout: 0.1,
    };
    const spec = {
      description: "",
      type: "offers",
      limit: 1,
      strategies: [],
      exclude_purchased_days: 30,
      learning,
      fallback: { content: null },
    } as PlacementSpec;
    const values = placement.valuesOf(stored(spec));
    expect(placement.specOf(values, spec)).toEqual(spec);
    const wider = placement.specOf({ ...values, window: 3 }, spec).learning;
    expect(wider).toMatchObject({ reward: learning.reward, window_days: 3, trial: 0.2 });
    const quick = { ...spec, learning: { ...learning, window_minutes: 2 } };
    const kept = placement.specOf({ ...placement.valuesOf(stored(quick)), trial: 30 }, quick).learning;
    expect(kept).toMatchObject({ window_minutes: 2, window_days: 7 });
    expect(placement.specOf({ ...values, learns: false }, spec).learning).toBeNull();
  });

  test("placement filled by a recipe", () => {
    const spec = {
      description: "",
      type: "items",
      limit: 4,
      strategies: [],
      recipe: "for_you",
      exclude_purchased_days: 30,
      fallback: { content: null },
    } as PlacementSpec;
    const values = placement.valuesOf(stored(spec));
    expect(placement.specOf(values, spec)).toEqual(spec);
    const simple = placement.specOf(
      { ...values, by: "strategies", strategies: ["popular-now"] },
      spec,
    );
    expect(simple).toMatchObject({ recipe: null, strategies: [{ strategy: "popular-now" }] });
  });

  test("recipe with everything, and a member it does not know", () => {
    const spec = {
      description: "On the home page",
      goal: "reorder",
      ingredients: [
        { model: "again", weight: 2.5 },
        { model: "popular", weight: 0 },
      ],
      include_when: "item.price < 100",
      exclude_when: 'item.categories contains "gift-cards"',
      boosts: [{ when: "item.attributes.margin > 0.3", factor: 1.4 }],
      diversity: { per_category: 2, mmr: 0.35 },
      exploration: 0.012345,
      fallbacks: ["wanted"],
      later: true,
    } as RecipeSpec;
    expect(recipe.specOf(recipe.valuesOf(stored(spec)), spec)).toEqual(spec);
    const values = { ...recipe.valuesOf(stored(spec)), perCategory: "", exploration: 80 };
    expect(recipe.specOf(values, spec)).toMatchObject({
      diversity: { per_category: null, mmr: 0.35 },
      exploration: 0.5,
    });
    expect(recipe.sharesOf(spec.ingredients)).toEqual([1, 0]);
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
