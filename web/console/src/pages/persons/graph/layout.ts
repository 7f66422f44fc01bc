/**
 * Where the identifiers of a person stand: the strongest in the middle, the others around it by
 * namespace, and in a column of their own those of other persons that a refused link leads to.
 * The same graph always gives the same picture.
 */
import { nameOf } from "../../../api/identity.ts";
import { type ProbableLink, verdictOn } from "../../../api/reviews.ts";
import type { Identifier, Link } from "../../../api/types.ts";

export interface Point {
  x: number;
  y: number;
}

export interface Drawn extends Point {
  key: string;
  identifier: Identifier;
  /** Of this person; else of somebody a refused link leads to. */
  own: boolean;
  centre: boolean;
}

export interface Layout {
  width: number;
  height: number;
  /** Names are written in the picture; else there are too many, and each is a point. */
  named: boolean;
  nodes: Drawn[];
  /** How many more there are than are drawn. */
  left: number;
}

/** More than so many are drawn as points. */
export const NAMED_MAX = 12;
/** More than so many of the person are not drawn; the table has them all. */
export const DRAWN_MAX = 130;
const OTHERS_MAX = 12;

export const OWN_WIDTH = 640;
const OTHERS_WIDTH = 270;
/** Half-way between the frame round the person and the names beside it. */
const GAP_MIDDLE = 20;
const NAMED_RADIUS = 218;
const RING_FIRST = 62;
const RING_STEP = 42;
const SPACING = 28;
/** A line nearer than this to the middle of a name runs behind it. */
const NAME_REACH = 24;
const ROW = 46;
const MARGIN = 46;
/** How far a line is pulled aside that would pass behind the middle. */
const BEND = 84;

export const ends = (link: Link): [string, string] => [nameOf(link.from), nameOf(link.to)];

/** `identifiers` come strongest first. */
export function layOut(identifiers: Identifier[], links: Link[]): Layout {
  const own = new Map(identifiers.map((one) => [nameOf(one), one]));
  const [centre, ...rest] = [...own.values()];
  const others = strangers(own, links);
  const shown = byNamespace(rest).slice(0, DRAWN_MAX - 1);
  const column = others.slice(0, OTHERS_MAX);
  const named = rest.length <= NAMED_MAX;
  const places = named ? ellipse(shown.length) : rings(shown.length);
  const lowest = rest.length > 1 ? BEND / 2 : 0;
  const tallest = Math.max(lowest, ...places.map(({ y }) => Math.abs(y)), ((column.length - 1) * ROW) / 2);
  const height = 2 * (tallest + MARGIN + (column.length ? 14 : 0));
  const middle = { x: OWN_WIDTH / 2, y: height / 2 };
  const nodes: Drawn[] = [];
  if (centre) {
    nodes.push({ key: nameOf(centre), identifier: centre, own: true, centre: true, ...middle });
  }
  shown.forEach((identifier, at) => {
    const { x, y } = places[at]!;
    const key = nameOf(identifier);
    const where = { x: middle.x + x, y: middle.y + y };
    nodes.push({ key, identifier, own: true, centre: false, ...where });
  });
  column.forEach((identifier, at) => {
    const y = middle.y + (at - (column.length - 1) / 2) * ROW;
    const where = { x: OWN_WIDTH + OTHERS_WIDTH / 2, y };
    nodes.push({ key: nameOf(identifier), identifier, own: false, centre: false, ...where });
  });
  return {
    width: OWN_WIDTH + (column.length > 0 ? OTHERS_WIDTH : 0),
    height,
    named,
    nodes,
    left: rest.length - shown.length + others.length - column.length,
  };
}

/** Those of other persons, each once, by name. */
function strangers(own: Map<string, Identifier>, links: Link[]): Identifier[] {
  const found = new Map<string, Identifier>();
  for (const link of links) {
    for (const end of [link.from, link.to]) {
      if (!own.has(nameOf(end))) found.set(nameOf(end), end);
    }
  }
  return byNamespace([...found.values()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)));
}

/** Neighbours are of one kind; kinds keep the order in which they first came. */
function byNamespace(identifiers: Identifier[]): Identifier[] {
  const kinds = new Map<string, Identifier[]>();
  for (const one of identifiers) {
    kinds.set(one.namespace, [...(kinds.get(one.namespace) ?? []), one]);
  }
  return [...kinds.values()].flat();
}

function ellipse(count: number): Point[] {
  const tall = count <= 2 ? 0 : Math.max(88, count * 19);
  return Array.from({ length: count }, (_, at) => {
    // Two stand left and right; three and more begin at the top.
    const angle = (2 * Math.PI * at) / count - (count <= 2 ? Math.PI : Math.PI / 2);
    return { x: NAMED_RADIUS * Math.cos(angle), y: tall * Math.sin(angle) };
  });
}

function rings(count: number): Point[] {
  const places: Point[] = [];
  for (let radius = RING_FIRST; places.length < count; radius += RING_STEP) {
    const room = Math.floor((2 * Math.PI * radius) / SPACING);
    const here = Math.min(room, count - places.length);
    for (let at = 0; at < here; at += 1) {
      const angle = (2 * Math.PI * at) / here - Math.PI / 2;
      places.push({ x: radius * Math.cos(angle), y: radius * Math.sin(angle) });
    }
  }
  return places;
}

/** A link that may be probable only. */
export interface GraphLink extends Link {
  /** How probable it is, when it is not certain. */
  confidence?: number;
}

/** What was found probable, as links among the others, beside what was seen. */
export function withProbable(
  links: Link[],
  probable: ProbableLink[],
  reason: (link: ProbableLink) => string,
): GraphLink[] {
  const said = new Set(links.map((link) => link.edge_id));
  const open = probable.filter((link) => !said.has(verdictOn(link.edge_id)));
  const drawn = open.map((link): GraphLink => {
    const { edge_id, from, to, confidence, found_at: linked_at } = link;
    const kind = "probabilistic" as const;
    const rest = { message_id: "", reason: reason(link), state: "active" as const };
    return { edge_id, from, to, kind, confidence, linked_at, ...rest };
  });
  return [...links, ...drawn];
}

/** The line between two, as an SVG path: round the names that it would pass behind. */
export function path(from: Drawn, to: Drawn, named: Drawn[]): string {
  const bend = bendOf(from, to, named);
  if (!bend) return `M${from.x} ${from.y}L${to.x} ${to.y}`;
  return `M${from.x} ${from.y}Q${bend.x} ${bend.y} ${to.x} ${to.y}`;
}

/** Where something may be written on that line: between the person and others, else half-way. */
export function labelOf(from: Drawn, to: Drawn, named: Drawn[]): Point {
  const [a, b] = from.own ? [from, to] : [to, from];
  const bend = bendOf(a, b, named) ?? { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  const gap = (OWN_WIDTH + GAP_MIDDLE - a.x) / (b.x - a.x);
  const at = a.own === b.own ? 0.5 : gap;
  const along = (read: (point: Point) => number) =>
    (1 - at) ** 2 * read(a) + 2 * at * (1 - at) * read(bend) + at ** 2 * read(b);
  return { x: along((point) => point.x), y: along((point) => point.y) };
}

/** Where a line is pulled to that would pass behind the middle, or leave behind another name. */
function bendOf(from: Drawn, to: Drawn, named: Drawn[]): Point | undefined {
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  const centre = named.find((node) => node.centre);
  const behind =
    centre !== undefined &&
    !from.centre &&
    !to.centre &&
    Math.hypot(middle.x - centre.x, middle.y - centre.y) < BEND;
  if (!behind && !named.some((node) => hides(node, from, to))) return undefined;
  // Aside at a right angle; a level line goes above, where nothing is written under it.
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const aside = { x: (to.y - from.y) / length, y: -Math.abs(to.x - from.x) / length };
  const pull = Math.abs(aside.x) > Math.abs(aside.y) ? 2.6 * BEND : BEND;
  return { x: middle.x + aside.x * pull, y: middle.y + aside.y * pull };
}

/** A line to somebody else would be covered by this name. */
function hides(node: Drawn, from: Drawn, to: Drawn): boolean {
  const [own, other] = from.own ? [from, to] : [to, from];
  if (own.own === other.own || !node.own || node.key === own.key) return false;
  if (node.x <= own.x || node.x >= other.x) return false;
  const y = own.y + ((other.y - own.y) * (node.x - own.x)) / (other.x - own.x);
  return Math.abs(y - node.y) < NAME_REACH;
}

/** The instants at which a link was made, each once, ascending. */
export function instants(links: Link[]): string[] {
  return [...new Set(links.map((link) => link.linked_at))].sort();
}

/** What was linked by an instant; all without one. */
export function asOf<One extends Link>(links: One[], instant: string | undefined): One[] {
  return instant === undefined ? links : links.filter((link) => link.linked_at <= instant);
}

/** A refused link, which asks for attention, before one that ties. */
export function sortLinks<One extends Link>(links: One[]): One[] {
  const rank = (link: Link) => (link.state === "refused" ? 0 : 1);
  return [...links].sort(
    (a, b) => rank(a) - rank(b) || (a.linked_at < b.linked_at ? -1 : a.linked_at > b.linked_at ? 1 : 0),
  );
}

/** A value cut in its middle, where ids differ least. */
export function short(value: string, most = 21): string {
  const letters = [...value];
  if (letters.length <= most) return value;
  const tail = Math.floor((most - 1) / 3);
  return `${letters.slice(0, most - 1 - tail).join("")}…${letters.slice(-tail).join("")}`;
}
