import { describe, expect, it } from "vitest";
import type { Identifier, Link } from "../../../api/types.ts";
import type { ProbableLink } from "../../../api/reviews.ts";
import {
  asOf,
  DRAWN_MAX,
  instants,
  layOut,
  labelOf,
  NAMED_MAX,
  path,
  short,
  sortLinks,
  withProbable,
} from "./layout.ts";

const id = (namespace: string, value: string): Identifier => ({ namespace, value });
const link = (from: Identifier, to: Identifier, at: number, state: Link["state"] = "active"): Link => ({
  edge_id: `${from.value}.${to.value}`,
  from,
  to,
  kind: "deterministic",
  reason: "",
  message_id: "",
  linked_at: `2026-11-22T10:0${at}:00.000Z`,
  state,
});

const ada = id("user_id", "ada");
const bob = id("user_id", "bob");
const mail = id("email", "ada@example.com");
const tablet = id("anonymous_id", "tablet");

describe("the picture of a graph", () => {
  it("has the strongest in the middle and other people beside it", () => {
    const found = layOut([ada, mail, tablet], [link(ada, mail, 1), link(tablet, bob, 2, "refused")]);
    const at = (name: string) => found.nodes.find((node) => node.key === name)!;
    expect(at("user_id:ada")).toMatchObject({ centre: true, own: true, x: 320 });
    expect(at("user_id:bob").own).toBe(false);
    const rightmost = Math.max(...found.nodes.filter((node) => node.own).map((node) => node.x));
    expect(at("user_id:bob").x).toBeGreaterThan(rightmost);
    expect(found.left).toBe(0);
  });

  it("is the same whatever the order of the links", () => {
    const links = [link(ada, mail, 1), link(tablet, bob, 2, "refused"), link(ada, tablet, 0)];
    const given = [ada, mail, tablet];
    expect(layOut(given, links.toReversed())).toEqual(layOut(given, links));
  });

  it("puts identifiers of one kind side by side", () => {
    const given = [ada, id("email", "1"), id("phone", "1"), id("email", "2")];
    const kinds = layOut(given, []).nodes.map((node) => node.identifier.namespace);
    expect(kinds).toEqual(["user_id", "email", "email", "phone"]);
  });

  it("keeps names apart while it writes them", () => {
    const given = [ada, ...Array.from({ length: NAMED_MAX }, (_, at) => id("email", `${at}`))];
    const { named, nodes } = layOut(given, []);
    expect(named).toBe(true);
    for (const a of nodes) {
      for (const b of nodes) {
        if (a.key >= b.key) continue;
        expect(Math.abs(a.x - b.x) >= 180 || Math.abs(a.y - b.y) >= 30).toBe(true);
      }
    }
  });

  it("draws hundreds as points, and says how many are left out", () => {
    const given = Array.from({ length: 500 }, (_, at) => id("anonymous_id", `${at}`));
    const found = layOut(given, []);
    expect(found.named).toBe(false);
    expect(found.nodes).toHaveLength(DRAWN_MAX);
    expect(found.left).toBe(500 - DRAWN_MAX);
    expect(found.nodes.every(({ x, y }) => x > 0 && x < 640 && y > 0 && y < found.height)).toBe(true);
  });

  it("leads a line that is not the middle's round it", () => {
    const { nodes } = layOut([ada, mail, tablet], []);
    const [centre, left, right] = [nodes[0]!, nodes[1]!, nodes[2]!];
    expect(path(left, right, nodes)).toContain("Q");
    expect(path(left, centre, nodes)).not.toContain("Q");
    expect(path(left, right, [])).not.toContain("Q");
  });

  it("of nobody is empty", () => {
    expect(layOut([], []).nodes).toEqual([]);
  });
});

describe("the graph as of an instant", () => {
  const links = [link(ada, mail, 3), link(ada, tablet, 1), link(mail, tablet, 3)];

  it("stops at each instant once, in order", () => {
    expect(instants(links)).toEqual(["2026-11-22T10:01:00.000Z", "2026-11-22T10:03:00.000Z"]);
  });

  it("holds what was linked by then", () => {
    expect(asOf(links, "2026-11-22T10:01:00.000Z")).toEqual([links[1]]);
    expect(asOf(links, undefined)).toEqual(links);
  });
});

it("refused links come first", () => {
  const links = [link(ada, mail, 1), link(tablet, bob, 2, "refused")];
  expect(sortLinks(links).map((one) => one.state)).toEqual(["refused", "active"]);
});

it("a long value is cut inside, by letters", () => {
  expect(short("9e213c0b-484b-a083-1755-5b4ffe6aaf99")).toBe("9e213c0b-484b-…6aaf99");
  expect(short("ada")).toBe("ada");
});

describe("probable links", () => {
  const maybe = { edge_id: "7.9", from: ada, to: bob, confidence: 0.87, found_at: "2026-11-22" };
  const probable = [maybe as unknown as ProbableLink];

  it("are drawn to another person, with how sure it is", () => {
    const links = withProbable([link(ada, mail, 1)], probable, () => "surname same");
    expect(links[1]).toMatchObject({
      kind: "probabilistic",
      state: "active",
      confidence: 0.87,
      reason: "surname same",
      linked_at: "2026-11-22",
    });
    const { nodes } = layOut([ada, mail], links);
    expect(nodes.find((node) => node.identifier.value === "bob")!.own).toBe(false);
  });

  it("give way to what an operator said of the same two", () => {
    const verdict = { ...link(ada, bob, 1, "refused"), edge_id: "7.9.operator" };
    expect(withProbable([verdict], probable, () => "")).toEqual([verdict]);
  });

  it("have their figure on the line, bent or straight, and before another person", () => {
    const at = (key: string, x: number, y: number, own = true) => {
      return { x, y, key, identifier: ada, own, centre: key === "ada" };
    };
    const [me, right] = [at("ada", 320, 0), at("tablet", 538, 0)];
    const away = at("bob", 775, 91, false);
    expect(labelOf(me, away, [me, away])).toEqual({ x: 660, y: 68 });
    expect(labelOf(away, me, [])).toEqual({ x: 660, y: 68 });
    expect(labelOf(me, right, [me, right])).toEqual({ x: 429, y: 0 });
    // Round a name that stands in the way.
    const level = at("bob", 775, 0, false);
    expect(path(me, level, [me, right, level])).toContain("Q");
    expect(labelOf(me, level, [me, right, level]).y).toBeLessThan(0);
  });
});
