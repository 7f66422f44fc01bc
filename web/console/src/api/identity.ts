/** The identity graph: merging and splitting by hand, rules on trial, what is shared. */
import { queryOptions } from "@tanstack/react-query";
import { client, taken } from "./client.ts";
import type { components } from "./schema.d.ts";
import type { Identifier } from "./types.ts";

type Schemas = components["schemas"];
export type Regrouping = Schemas["Regrouping"];
export type IdentityDifference = Schemas["IdentityDifference"];
export type IdentityShape = Schemas["IdentityShape"];
export type IdentitySample = Schemas["IdentitySample"];
export type IdentityChange = Schemas["IdentityChange"];
export type SharedIdentifier = Schemas["SharedIdentifier"];
export type Verdict = Schemas["Verdict"];
export type Graph = Schemas["Graph"];
export type ReviewAgreement = Schemas["ReviewAgreement"];
export type LinkPolicy = Schemas["LinkPolicy"];

/** The wire type of the definition of kind `identity`, of which there is one, called `default`. */
export type NamespaceSpec = {
  name: string;
  priority: number;
  unique: boolean;
  limit: number;
  limit_days: number | null;
  immutable: boolean;
  joins: boolean;
  normalise: "none" | "lower" | "email" | "phone";
};

export type IdentitySpec = {
  namespaces: NamespaceSpec[];
  blocked_values: string[];
  generic_after: number;
  generic_days: number | null;
  shared_device: "nobody" | "first";
  alarm_after: number;
  /** Whom no event puts into an account belongs to that of their e-mail domain. */
  accounts_by_domain: boolean;
  /** Domains that name no account. */
  mail_providers: string[];
  /** To which account those belong whom nothing else puts into one. */
  account_networks: AccountNetwork[];
  probabilistic: ProbabilisticSpec;
  policies: { offers: LinkPolicy; items: LinkPolicy };
};

export type AccountNetwork = {
  /** In CIDR notation. */
  network: string;
  account: string;
};

export type ProbabilisticSpec = {
  records: boolean;
  visitors: boolean;
  consent: string;
  strict_percent: number;
  loose_percent: number;
  review_percent: number;
};

export const RULES_ID = "default";

/** What is to be done, or only looked at. */
export interface Wish {
  reason: string;
  preview: boolean;
}

export const nameOf = ({ namespace, value }: Identifier) => `${namespace}:${value}`;

/** The server takes an identifier without what the console knows of it. */
const bare = ({ namespace, value }: Identifier): Identifier => ({ namespace, value });

export function mergePersons(identifiers: Identifier[], wish: Wish): Promise<Regrouping> {
  const body = { identifiers: identifiers.map(bare), ...wish };
  return taken(client.POST("/api/v1/persons/merge", { body }));
}

/** Of one link, or of whatever ties some identifiers to the rest. */
export type Cut = { edge_id: string } | { identifiers: Identifier[] };

export function splitPerson(person_id: string, cut: Cut, wish: Wish): Promise<Regrouping> {
  const what = "edge_id" in cut ? cut : { identifiers: cut.identifiers.map(bare) };
  return taken(
    client.POST("/api/v1/persons/{person_id}/split", {
      params: { path: { person_id } },
      body: { ...what, ...wish },
    }),
  );
}

export function withdrawVerdict(edge_id: string): Promise<Regrouping> {
  return taken(
    client.DELETE("/api/v1/identity/verdicts/{edge_id}", { params: { path: { edge_id } } }),
  );
}

export function pardon(identifier: Identifier, pardoned: boolean): Promise<Regrouping> {
  const body = { identifier: bare(identifier), pardoned };
  return taken(client.POST("/api/v1/identity/pardons", { body }));
}

export function readGraph(person_id: string): Promise<Graph> {
  return taken(
    client.GET("/api/v1/persons/{person_id}/graph", { params: { path: { person_id } } }),
  );
}

export function tryRules(spec: object): Promise<IdentityDifference> {
  return taken(
    client.POST("/api/v1/identity/preview", { body: { spec: spec as Record<string, unknown> } }),
  );
}

export const qualityQuery = queryOptions({
  queryKey: ["identity", "quality"],
  queryFn: () => taken(client.GET("/api/v1/identity/quality")),
});

export const changesQuery = queryOptions({
  queryKey: ["identity", "changes"],
  queryFn: () => taken(client.GET("/api/v1/identity/changes")),
});

const RUNNING_REFRESH_MS = 1_000;

/** Everybody is divided into persons anew after the rules changed. */
export const divisionQuery = queryOptions({
  queryKey: ["job", "identity-rules"],
  queryFn: () =>
    taken(client.GET("/api/v1/jobs/{job_id}", { params: { path: { job_id: "identity-rules" } } })),
  refetchInterval: ({ state }) =>
    state.data?.state === "running" ? RUNNING_REFRESH_MS : RUNNING_REFRESH_MS * 10,
});
