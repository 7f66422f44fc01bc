/**
 * Wire types of audiences, features, rules and explanations, and the paths they travel on. All of
 * them stand here, so that the generated schema can take their place in one step.
 */
import type { Rule } from "../rules/tree.ts";
import type { PersonRow } from "./types.ts";

export type AudienceSpec = {
  description: string;
  type: "rule" | "list";
  /** Rule text; of a list, empty. */
  when: string;
};

export type FeatureSpec = {
  description: string;
  /** One aggregate, such as `count("Order Completed", 30 days)`; empty for an affinity. */
  value: string;
  affinity: AffinitySpec | null;
  /** Published as a trait of this name; empty: not published. */
  trait: string;
};

export type AffinitySpec = {
  by: "category" | "brand" | "price" | "attribute" | "keyword";
  attribute: string;
  /** Where one price band ends and the next begins, ascending. */
  bounds: number[];
  half_life_days: number;
  weights: { event: string; weight: number }[];
  once: { event: string; percent: number; repurchase_days: number } | null;
  /** Property that marks gifts; empty: none does. */
  gift: string;
};

export interface SizePoint {
  at: string;
  size: number;
}

export interface UsedBy {
  kind: string;
  id: string;
  name: string;
}

export interface Audience {
  audience_id: string;
  name: string;
  description: string;
  type: "rule" | "list";
  size: number;
  state: "computing" | "cancelled" | "ready";
  /** Share of the people looked at so far, 0 to 1, while computing. */
  progress: number | null;
  updated_at: string;
  size_history: SizePoint[];
  used_by: UsedBy[];
  entered_24h: number;
  left_24h: number;
}

export type Member = PersonRow & { since: string };

export interface AudienceChange {
  person_id: string;
  display_name: string | null;
  entered: boolean;
  at: string;
}

export interface MembersWritten {
  accepted: number;
  rejected: { index: number; message: string }[];
}

export interface RuleError {
  message: string;
  fix: string | null;
  /** Bytes from the beginning. */
  offset: number;
  line: number;
  column: number;
}

export interface Lint {
  message: string;
  fix?: string | null;
}

export interface ParsedRule {
  text: string;
  tree: Rule | null;
  in_words: string;
  errors: RuleError[];
  lint: Lint[];
}

export interface PreviewWarning {
  field: string;
  message: string;
}

export interface AudiencePreview {
  size: {
    estimate: number;
    low: number;
    high: number;
    exact: boolean;
    sampled: number;
    of: number;
  };
  sample: PersonRow[];
  warnings: PreviewWarning[];
  in_words: string;
  tree: Rule;
  overlap: { audience_id: string; name: string; both: number }[];
}

export interface FeaturePreview {
  values: (PersonRow & { value: unknown })[];
  warnings: PreviewWarning[];
}

export interface TestExplained {
  text: string;
  holds: boolean;
  reason: string;
  changes_at: string | null;
}

export interface Explanation {
  member: boolean;
  since: string | null;
  in_words: string;
  tests: TestExplained[];
  next_change_at: string | null;
}

interface Listed<Item> {
  items: Item[];
  next_cursor: string | null;
}
type Answer<Body> = {
  responses: { 200: { headers: object; content: { "application/json": Body } } };
};
type Paged = { limit?: number; cursor?: string };
type Get<Params, Body> = { get: { parameters: Params } & Answer<Body> };
type Sent<Body> = { requestBody: { content: { "application/json": Body } } };
type OfAudience = { path: { id: string } };

export interface AudiencePaths {
  "/api/v1/audiences": Get<{ query?: Paged }, Listed<Audience>>;
  "/api/v1/audiences/{id}": Get<OfAudience, Audience>;
  "/api/v1/audiences/{id}/size": Get<OfAudience, { size: number; exact: boolean; at: string }>;
  "/api/v1/audiences/{id}/changes": Get<OfAudience & { query?: Paged }, Listed<AudienceChange>>;
  "/api/v1/audiences/{id}/members": Get<OfAudience & { query?: Paged }, Listed<Member>> & {
    /** Identifiers as `namespace:value`. */
    post: { parameters: OfAudience } & Sent<string[]> & Answer<MembersWritten>;
    delete: { parameters: OfAudience } & Sent<string[]> & Answer<MembersWritten>;
  };
  "/api/v1/definitions/audience/preview": {
    post: { parameters: object } & Sent<{ id: string; spec: AudienceSpec; exact: boolean }> &
      Answer<AudiencePreview>;
  };
  "/api/v1/definitions/feature/preview": {
    post: { parameters: object } & Sent<{ id: string; spec: FeatureSpec }> & Answer<FeaturePreview>;
  };
  "/api/v1/rules/parse": {
    post: { parameters: object } & Sent<
      ({ text: string } | { tree: Rule }) & { kind: "audience" }
    > &
      Answer<ParsedRule>;
  };
  "/api/v1/persons/{person_id}/explain": Get<
    { path: { person_id: string }; query: { audience: string } },
    Explanation
  >;
}
