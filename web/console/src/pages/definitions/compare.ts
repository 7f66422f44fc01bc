/** Ways to choose that are held against each other, and what the figures say of them. */
import type {
  PlacementPolicy,
  PolicyEstimate,
  PolicyValue,
  PolicyValueRequest,
} from "../../api/policies.ts";
import type { PlacementSpec } from "../../api/types.ts";
import { canonical } from "../../forms/revision-changes.ts";
import { t } from "../../i18n/t.ts";

export interface Candidate {
  key: string;
  label: string;
  request: PolicyValueRequest;
  /** Made here, so it can be taken away again. */
  own?: boolean;
}

export const ESTIMATORS = [
  "stabilised_dr",
  "sequence",
  "dr",
  "ipw",
  "snipw",
  "clipped_ipw",
  "switch_dr",
  "dros",
  "dm",
] as const;
export type Estimator = "best" | (typeof ESTIMATORS)[number];

export const REFUSALS = [
  "empty",
  "support-missing",
  "too-few-effective-records",
  "one-record-decides",
  "weights-off",
] as const;

const ranked = (key: string, label: string, spec: PlacementSpec): Candidate => ({
  key,
  label,
  request: { policy: "placement", spec: spec as unknown as Record<string, unknown> },
});

/** What can be compared without writing anything. */
export function candidatesOf(
  policy: PlacementPolicy,
  spec: PlacementSpec,
  draft: PlacementSpec,
): Candidate[] {
  const changed = canonical(spec) !== canonical(draft);
  const offers = [...policy.offers].sort((one, other) => {
    if (one.offer === policy.best) return -1;
    if (other.offer === policy.best) return 1;
    return other.shown - one.shown;
  });
  return [
    { key: "learned", label: t("policies.compare.learned"), request: { policy: "learned" } },
    {
      key: "highest",
      label: t("policies.compare.highest"),
      request: { policy: "highest-priority" },
    },
    ...(changed && draft.type === "offers"
      ? [ranked("draft", t("policies.compare.draft"), draft)]
      : []),
    ...offers.map(({ offer }) => ({
      key: `offer:${offer}`,
      label: t("policies.compare.offer", { offer }),
      request: { policy: "offer" as const, offer },
    })),
    { key: "uniform", label: t("policies.compare.uniform"), request: { policy: "uniform" } },
  ];
}

/** The first that stand there: what serves, the best fixed offer, and what the marketer set. */
export function firstOf(candidates: Candidate[], best: string | null): string[] {
  const wanted = ["learned", "highest", "draft", `offer:${best}`];
  return candidates.filter(({ key }) => wanted.includes(key)).map(({ key }) => key);
}

/** Another ranking of the same placement. */
export function ownRanking(
  spec: PlacementSpec,
  own: { key: string; label: string; formula: string; levers: Record<string, number> },
): Candidate {
  const changed = Object.keys(own.levers);
  const kept = (spec.levers ?? []).filter(({ offer }) => !changed.includes(offer));
  const levers = Object.entries(own.levers).map(([offer, lever]) => ({ offer, lever }));
  return {
    ...ranked(own.key, own.label, {
      ...spec,
      formula: own.formula.trim(),
      levers: [...kept, ...levers],
    }),
    own: true,
  };
}

export function ofRevision(revision: number, spec: PlacementSpec): Candidate {
  const label = t("policies.compare.revision", { revision });
  return { ...ranked(`revision:${revision}`, label, spec), own: true };
}

/** What an estimator says of a value; the best one is the one whose interval holds. */
export function estimateOf(value: PolicyValue, estimator: Estimator): PolicyEstimate | null {
  if (estimator === "best") return value.headline;
  return value.estimates.find((one) => one.estimator === estimator) ?? null;
}

export type Standing = "better" | "worse" | "unclear" | "noInterval";

/** Against what was shown: by more than chance only where the interval lies to one side of it. */
export function standingOf(estimate: PolicyEstimate, logged: number | null): Standing {
  if (estimate.low === null || estimate.high === null) return "noInterval";
  if (logged === null) return "unclear";
  if (estimate.low > logged) return "better";
  return estimate.high < logged ? "worse" : "unclear";
}

/** One sentence for all of them. */
export function verdictOf(rows: { label: string; value: number; standing: Standing }[]): string {
  if (rows.length === 0) return t("policies.compare.verdict.nothing");
  const better = rows
    .filter(({ standing }) => standing === "better")
    .sort((one, other) => other.value - one.value);
  if (better.length === 0) return t("policies.compare.verdict.none");
  const words = better.length === 1 ? "better" : "several";
  return t(`policies.compare.verdict.${words}`, { name: better[0]!.label });
}

const DAY_MS = 86_400_000;
export const PERIODS = ["all", "month", "week"] as const;
export type Period = (typeof PERIODS)[number];

/** From the beginning of a day, so that asking again within the day is the same question. */
export function since(period: Period, now: number): string | undefined {
  if (period === "all") return undefined;
  const days = period === "week" ? 7 : 30;
  return new Date(Math.floor(now / DAY_MS - days) * DAY_MS).toISOString();
}
