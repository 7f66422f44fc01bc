/** The identity graph of a person, drawn; the table under it says the same in words. */
import { useMemo, useState } from "react";
import { nameOf } from "../../../api/identity.ts";
import type { ProbableLink } from "../../../api/reviews.ts";
import type { Link, PersonIdentifier } from "../../../api/types.ts";
import { formatConfidence, formatDateTime } from "../../../i18n/format.ts";
import { t } from "../../../i18n/t.ts";
import { Badge } from "../../../parts/Badge.tsx";
import { IdentifierTag } from "../../../parts/IdentifierTag.tsx";
import { inShort } from "../../identity/waterfall.ts";
import css from "./GraphView.module.css";
import {
  asOf,
  type Drawn,
  ends,
  type GraphLink,
  instants,
  type Layout,
  layOut,
  labelOf,
  OWN_WIDTH,
  path,
  type Point,
  short,
  sortLinks,
  withProbable,
} from "./layout.ts";

const PILL_WIDTH = 176;
const PILL_HEIGHT = 36;
const POINT = 7;
/** Links of one identifier that are told beside the picture. */
const TOLD_MAX = 6;
/** Reasons of a probable link that are told there. */
const REASONS_MAX = 3;

/** What is pointed at: an identifier by name or a link by id. */
type Spot = { node: string } | { edge: string } | null;

interface GraphViewProps {
  identifiers: PersonIdentifier[];
  links: Link[];
  probable: ProbableLink[];
}

export function GraphView({ identifiers, links: seen, probable }: GraphViewProps) {
  const [spot, setSpot] = useState<Spot>(null);
  const links = useMemo(
    () => withProbable(seen, probable, (link) => inShort(link.reasons, REASONS_MAX)),
    [seen, probable],
  );
  const times = useMemo(() => instants(links), [links]);
  const [chosen, setChosen] = useState<number | null>(null);
  // The last stop is now, and stays so when a link comes in.
  const at = chosen === null || chosen >= times.length ? times.length : chosen;
  const layout = useMemo(() => layOut(identifiers, links), [identifiers, links]);
  const shown = useMemo(() => asOf(links, times[at]), [links, times, at]);
  const linked = useMemo(() => new Set(shown.flatMap(ends)), [shown]);
  const told = sortLinks(shown.filter((link) => touches(link, spot)));
  return (
    <div className={css.view}>
      <Picture layout={layout} links={shown} linked={linked} spot={spot} onSpot={setSpot} />
      <div className={css.below}>
        <Legend links={links} />
        {times.length > 1 && (
          <TimeSlider
            times={times}
            at={at}
            shown={shown.length}
            count={links.length}
            onChange={setChosen}
          />
        )}
      </div>
      <div className={css.why} aria-live="polite">
        {layout.left > 0 && <p>{t("identity.graph.left", { count: layout.left })}</p>}
        {spot === null && (
          <p className="k-muted">
            {links.length === 0 ? t("identity.graph.alone") : t("identity.graph.hint")}
          </p>
        )}
        {spot !== null && told.length === 0 && <p>{t("identity.graph.nothing")}</p>}
        {spot !== null && told.slice(0, TOLD_MAX).map((link) => <Told key={link.edge_id} link={link} />)}
      </div>
    </div>
  );
}

function touches(link: GraphLink, spot: Spot): boolean {
  if (spot === null) return false;
  return "edge" in spot ? link.edge_id === spot.edge : ends(link).includes(spot.node);
}

function Told({ link }: { link: GraphLink }) {
  const refused = link.state === "refused";
  if (link.confidence !== undefined) {
    return (
      <p className="k-row-wrap">
        <Badge tone="info">{shareOf(link)}</Badge>
        <IdentifierTag identifier={link.from} />
        <IdentifierTag identifier={link.to} />
        <span className="k-wrap">{link.reason}</span>
      </p>
    );
  }
  return (
    <p className="k-row-wrap">
      <Badge tone={refused ? "bad" : link.kind === "operator" ? "plum" : "good"}>
        {refused ? t("identity.graph.refused") : t("identity.graph.active")}
      </Badge>
      <IdentifierTag identifier={link.from} />
      <IdentifierTag identifier={link.to} />
      <span className="k-wrap">{link.reason}</span>
    </p>
  );
}

const shareOf = ({ confidence = 0 }: GraphLink) =>
  t("identity.probable.edge", { share: formatConfidence(confidence) });

interface PictureProps {
  layout: Layout;
  links: GraphLink[];
  linked: Set<string>;
  spot: Spot;
  onSpot: (spot: Spot) => void;
}

function Picture({ layout, links, linked, spot, onSpot }: PictureProps) {
  const { width, height, nodes, named } = layout;
  const places = new Map(nodes.map((node) => [node.key, node]));
  const drawn = links.filter((link) => ends(link).every((end) => places.has(end)));
  const others = nodes.some((node) => !node.own);
  const written = named ? nodes : [];
  const guesses = links.filter((link) => link.confidence !== undefined);
  const probable = new Set(guesses.flatMap(ends));
  const degree = new Map<string, number>();
  for (const end of links.flatMap(ends)) degree.set(end, (degree.get(end) ?? 0) + 1);
  return (
    <div className={css.scroll}>
      <svg
        className={css.picture}
        viewBox={`0 0 ${width} ${height}`}
        style={{ maxWidth: width * 1.15 }}
        role="group"
        aria-label={t("identity.graph.label")}
        onMouseLeave={() => onSpot(null)}
      >
        {others && (
          <>
            <rect className={css.zone} x={6} y={6} width={OWN_WIDTH - 12} height={height - 12} rx={14} />
            <text className={css.zoneName} x={22} y={28}>
              {t("identity.graph.thisPerson")}
            </text>
            <text className={css.zoneName} x={OWN_WIDTH + 46} y={28}>
              {t("identity.graph.otherPeople")}
            </text>
          </>
        )}
        {drawn.map((link) => (
          <Edge
            key={link.edge_id}
            link={link}
            from={places.get(nameOf(link.from))!}
            to={places.get(nameOf(link.to))!}
            lit={touches(link, spot)}
            dim={spot !== null && !touches(link, spot)}
            written={written}
            onSpot={onSpot}
          />
        ))}
        {nodes.map((node) => (
          <Node
            key={node.key}
            node={node}
            named={named || !node.own || node.centre}
            faded={!node.centre && !linked.has(node.key)}
            probable={probable.has(node.key)}
            lit={spot !== null && "node" in spot && spot.node === node.key}
            count={degree.get(node.key) ?? 0}
            onSpot={onSpot}
          />
        ))}
        {drawn.map((link) => (
          <Share
            key={link.edge_id}
            link={link}
            at={labelOf(places.get(nameOf(link.from))!, places.get(nameOf(link.to))!, written)}
            dim={spot !== null && !touches(link, spot)}
          />
        ))}
      </svg>
    </div>
  );
}

interface EdgeProps {
  link: GraphLink;
  from: Drawn;
  to: Drawn;
  lit: boolean;
  dim: boolean;
  /** Whose names are written in the picture. */
  written: Drawn[];
  onSpot: (spot: Spot) => void;
}

function Edge({ link, from, to, lit, dim, written, onSpot }: EdgeProps) {
  const line = { d: path(from, to, written) };
  return (
    <g
      onMouseEnter={() => onSpot({ edge: link.edge_id })}
      onClick={() => onSpot({ edge: link.edge_id })}
    >
      <path className={css.catch} {...line} />
      <path
        className={css.edge}
        data-state={link.state}
        data-kind={link.kind}
        data-lit={lit || undefined}
        data-dim={dim || undefined}
        {...line}
      />
    </g>
  );
}

/** How sure a probable link is, over everything else. */
function Share({ link, at, dim }: { link: GraphLink; at: Point; dim: boolean }) {
  if (link.confidence === undefined) return null;
  return (
    <text className={css.share} {...at} data-dim={dim || undefined}>
      {formatConfidence(link.confidence)}
    </text>
  );
}

interface NodeProps {
  node: Drawn;
  named: boolean;
  faded: boolean;
  /** Of somebody who is probably this person. */
  probable: boolean;
  lit: boolean;
  count: number;
  onSpot: (spot: Spot) => void;
}

function Node({ node, named, faded, probable, lit, count, onSpot }: NodeProps) {
  const { x, y, key, identifier } = node;
  const look = () => onSpot({ node: key });
  return (
    <g
      className={css.node}
      transform={`translate(${x} ${y})`}
      role="button"
      tabIndex={0}
      aria-label={t("identity.graph.node", { name: key, count })}
      data-own={node.own}
      data-centre={node.centre || undefined}
      data-faded={faded || undefined}
      data-probable={probable || undefined}
      data-lit={lit || undefined}
      onMouseEnter={look}
      onFocus={look}
      onClick={look}
    >
      <title>{key}</title>
      {named ? (
        <>
          <rect
            className={css.shape}
            x={-PILL_WIDTH / 2}
            y={-PILL_HEIGHT / 2}
            width={PILL_WIDTH}
            height={PILL_HEIGHT}
            rx={9}
          />
          <text className={css.kind} y={-4}>
            {short(identifier.namespace)}
          </text>
          <text className={css.value} y={11}>
            {short(identifier.value)}
          </text>
        </>
      ) : (
        <>
          <circle className={css.reach} r={13} />
          <circle className={css.shape} r={POINT} />
        </>
      )}
    </g>
  );
}

function Legend({ links }: { links: GraphLink[] }) {
  const has = (test: (link: GraphLink) => boolean) => links.some(test);
  const operator = (link: Link) => link.kind === "operator" && link.state === "active";
  const probable = (link: GraphLink) => link.confidence !== undefined;
  return (
    <ul className={css.legend}>
      {has((link) => link.state === "active" && !operator(link) && !probable(link)) && (
        <li data-line="active">{t("identity.graph.active")}</li>
      )}
      {has(operator) && <li data-line="operator">{t("identity.graph.operator")}</li>}
      {has(probable) && <li data-line="probable">{t("identity.probable.legend")}</li>}
      {has((link) => link.state === "refused") && (
        <li data-line="refused">{t("identity.graph.refused")}</li>
      )}
    </ul>
  );
}

interface TimeSliderProps {
  times: string[];
  at: number;
  shown: number;
  count: number;
  onChange: (at: number) => void;
}

function TimeSlider({ times, at, shown, count, onChange }: TimeSliderProps) {
  const instant = times[at];
  const when = instant === undefined ? t("identity.graph.now") : formatDateTime(instant);
  return (
    <div className={css.time} title={t("identity.graph.timeHint")}>
      <label>
        <span>{t("identity.graph.time")}</span>
        <input
          type="range"
          min={0}
          max={times.length}
          value={at}
          aria-valuetext={when}
          onChange={(event) => onChange(Number(event.currentTarget.value))}
        />
      </label>
      <output className="k-number">
        {when} · {t("identity.graph.timeLinks", { shown, count })}
      </output>
    </div>
  );
}
