/** The shapes the admin API speaks, under the names the console uses. Times are RFC 3339 UTC. */

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

export interface FieldError {
  field: string;
  message: string;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  code: string;
  errors?: FieldError[];
  setup_needed?: boolean;
}

export interface Session {
  user: { email: string; name: string };
  setup_needed: boolean;
}

export interface Overview {
  events_total: number;
  persons_total: number;
  items_total: number;
  rejected_open: number;
  position: number;
  applied_position: number;
  events_per_minute: { at: string; count: number }[];
  top_events: { name: string; count: number }[];
  sources: { id: string; name: string; last_event_at: string | null; events_last_hour: number }[];
}

export interface Identifier {
  namespace: string;
  value: string;
}

export type EventType = "track" | "identify" | "page" | "screen" | "group" | "alias";

export type FateStep =
  | "received"
  | "normalised"
  | "resolved"
  | "folded"
  | "audiences"
  | "deliveries";

export interface Enrichment {
  version: number;
  browser?: string | null;
  browser_version?: string | null;
  os?: string | null;
  device_type?: string | null;
  bot?: boolean | null;
  language?: string | null;
  country?: string | null;
  city?: string | null;
  referrer_host?: string | null;
  referrer_type?: string | null;
  campaign?: {
    source?: string | null;
    medium?: string | null;
    name?: string | null;
    term?: string | null;
    content?: string | null;
  } | null;
}

export interface KithEvent {
  message_id: string;
  position: number;
  source: string;
  type: EventType;
  name: string;
  occurred_at: string;
  received_at: string;
  original_at?: string | null;
  person_id: string | null;
  identifiers: Identifier[];
  properties: JsonObject;
  traits: JsonObject;
  context: JsonObject;
  enrichment?: Enrichment | null;
  fate: { step: FateStep; at?: string | null; detail?: string | null }[];
}

export interface RejectedEvent {
  id: string;
  source: string | null;
  received_at: string;
  code: string;
  message: string;
  field: string | null;
  raw: Json;
  state: "open" | "redriven";
  redriven_at: string | null;
}

export interface Redriven {
  state: "redriven";
  message_id: string;
}

export interface PersonRow {
  person_id: string;
  display_name: string | null;
  identifiers: Identifier[];
  event_count: number;
  first_seen_at: string | null;
  last_seen_at: string | null;
}

export interface SeenIdentifier extends Identifier {
  first_seen_at: string | null;
  last_seen_at: string | null;
  event_count: number;
}

export interface Link {
  edge_id: string;
  from: Identifier;
  to: Identifier;
  kind: string;
  reason: string;
  message_id: string | null;
  linked_at: string;
  state: "active" | "refused";
}

export interface Person {
  person_id: string;
  display_name: string | null;
  identifiers: SeenIdentifier[];
  traits: JsonObject;
  trait_details: { [trait: string]: { source: string; at: string } };
  features: JsonObject;
  affinities: { [attribute: string]: { [value: string]: number } };
  audiences: string[];
  consents: { [category: string]: { granted: boolean; at: string; source: string } };
  accounts: string[];
  first_seen_at: string | null;
  last_seen_at: string | null;
  event_count: number;
  links: Link[];
}

export interface Choice {
  kind: "offer" | "item";
  id: string;
  content: JsonObject;
  score: number;
  propensity: number;
  reasons: string[];
}

export interface Decision {
  placement: string;
  decision_id: string;
  choices: Choice[];
  fallback: boolean;
  error?: { code: string; message: string } | null;
}

export interface Loser {
  kind: string;
  id: string;
  code: string;
  reason: string;
}

export interface DecisionRecord {
  decision_id: string;
  placement: string;
  person_id: string | null;
  decided_at: string;
  position: number;
  seed: string | number;
  definitions: { kind: string; id: string; revision: number }[];
  request: JsonObject;
  facts: JsonObject;
  decision: Decision;
  losers: Loser[];
  latency_us: number;
}

export interface CatalogItem {
  item_id: string;
  title: string;
  url?: string | null;
  image_url?: string | null;
  price?: string | null;
  currency?: string | null;
  categories: string[];
  brand?: string | null;
  available: boolean;
  attributes: JsonObject;
  updated_at?: string;
}

export interface ImportResult {
  accepted: number;
  rejected: { index: number; field: string | null; message: string }[];
}

export type DefinitionKind = "source" | "placement" | "offer" | "identity" | "catalog";

export interface Definition<Spec> {
  kind: DefinitionKind;
  id: string;
  name: string;
  revision: number;
  status: "live" | "archived";
  updated_at: string;
  author: string | null;
  spec: Spec;
}

export type Strategy = "popular-now" | "also-viewed" | "recently-viewed";

export interface PlacementSpec {
  description: string;
  type: "offers" | "items";
  limit: number;
  strategies: { strategy: Strategy }[];
  exclude_purchased_days: number;
  fallback: { content: JsonObject | null };
}

export interface OfferSpec {
  placements: string[];
  priority: number;
  when: string;
  starts_at: string | null;
  ends_at: string | null;
  content: JsonObject;
}

export interface TagPlacement {
  placement: string;
  selector: string;
  mode: "html" | "text" | "template" | "event";
  template?: string;
}

export interface TagSpec {
  consent?: { default: "granted" | "denied"; categories: string[] };
  page_views?: boolean;
  declarative?: boolean;
  click_capture?: boolean;
  data_layer?: string;
  link_domains?: string[];
  hide_timeout_ms?: number;
  placements?: TagPlacement[];
}

export interface SourceSpec {
  type: "web" | "server" | "app" | "import";
  enabled: boolean;
  origins: string[];
  tag: TagSpec;
  keys?: { prefix: string; hash?: string; created_at: string }[];
}

export interface WriteKey {
  write_key: string;
  prefix: string;
  created_at: string;
}

export type Scope = "read" | "write";

export interface SecretKey {
  key_id: string;
  name: string;
  prefix: string;
  scopes: Scope[];
  created_at: string;
  secret_key?: string;
}

export interface Preview {
  decision?: Decision | null;
  losers?: Loser[];
  facts?: JsonObject;
  warnings: FieldError[];
}
