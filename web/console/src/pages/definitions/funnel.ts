/** From counts of people to the layers of a funnel. */
import type { OfferFunnel } from "../../api/offers.ts";

export const LAYERS = [
  "considered",
  "allowed",
  "eligible",
  "applicable",
  "suitable",
  "within_limits",
  "within_floors",
  "relevant",
  "shown",
] as const;
export type Layer = (typeof LAYERS)[number];

export interface FunnelStep {
  layer: Layer;
  count: number;
  /** Of the people it was considered for. */
  share: number;
  /** Share of the layer above: how wide the funnel is where this one begins. */
  before: number;
  /** People who came to this layer and did not pass it. */
  lost: number;
}

export function stepsOf(funnel: OfferFunnel): FunnelStep[] {
  const share = (count: number) => (funnel.considered > 0 ? count / funnel.considered : 0);
  return LAYERS.map((layer, at) => {
    const count = funnel[layer];
    const before = at > 0 ? funnel[LAYERS[at - 1]!] : count;
    return {
      layer,
      count,
      share: share(count),
      before: share(before),
      lost: before - count,
    };
  });
}

/** The layer where most people fall out; none where everybody passes. */
export function narrowest(steps: FunnelStep[]): FunnelStep | undefined {
  const [most] = [...steps].sort((one, other) => other.lost - one.lost);
  return most && most.lost > 0 ? most : undefined;
}

/** What most people are shown comes first; then what most get closest to. */
export function ranked(offers: OfferFunnel[]): OfferFunnel[] {
  const backwards = [...LAYERS].reverse();
  return [...offers].sort((one, other) => {
    const layer = backwards.find((name) => one[name] !== other[name]);
    return layer ? other[layer] - one[layer] : one.offer.localeCompare(other.offer);
  });
}

/** The outline of one layer: it narrows from those who came to those who pass. */
export function outline({ share, before }: FunnelStep): string {
  const side = (of: number) => `${(50 - 50 * of).toFixed(2)}%`;
  const other = (of: number) => `${(50 + 50 * of).toFixed(2)}%`;
  return `polygon(${side(before)} 0, ${other(before)} 0, ${other(share)} 100%, ${side(share)} 100%)`;
}
