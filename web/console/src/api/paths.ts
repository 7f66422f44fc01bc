/** The routes the console calls, in the form openapi-fetch reads. */
import type * as wire from "./types.ts";

type Answer<Body> = {
  200: { headers: { [name: string]: unknown }; content: { "application/json": Body } };
  default: {
    headers: { [name: string]: unknown };
    content: { "application/problem+json": wire.Problem };
  };
};
type NoBody = {
  204: { headers: { [name: string]: unknown }; content?: never };
  default: {
    headers: { [name: string]: unknown };
    content: { "application/problem+json": wire.Problem };
  };
};
type Sends<Body> = { content: { "application/json": Body } };
type Read<Body, Query = never, Path = never> = {
  parameters: { query?: Query; path: Path };
  responses: Answer<Body>;
};
type Write<Sent, Body, Path = never> = {
  parameters: { path: Path; header?: { "If-Match"?: string; "If-None-Match"?: string } };
  requestBody: Sends<Sent>;
  responses: Answer<Body>;
};
type Remove<Path> = { parameters: { path: Path }; responses: NoBody };
type Paging = { limit?: number; cursor?: string };
type AnyDefinition = wire.Definition<unknown>;

export interface paths {
  "/api/v1/session": {
    get: { parameters: object; responses: Answer<wire.Session> };
    post: {
      parameters: object;
      requestBody: Sends<{ email: string; password: string } | { token: string }>;
      responses: Answer<wire.Session>;
    };
    delete: { parameters: object; responses: NoBody };
  };
  "/api/v1/setup": {
    post: {
      parameters: object;
      requestBody: Sends<{ email: string; name: string; password: string }>;
      responses: Answer<wire.Session>;
    };
  };
  "/api/v1/overview": { get: { parameters: object; responses: Answer<wire.Overview> } };
  "/api/v1/events": {
    get: {
      parameters: {
        query?: Paging & { source?: string; name?: string; person?: string };
      };
      responses: Answer<wire.Page<wire.KithEvent>>;
    };
  };
  "/api/v1/events/{message_id}": {
    get: Read<wire.KithEvent, never, { message_id: string }>;
  };
  "/api/v1/rejected-events": {
    get: {
      parameters: { query?: Paging & { state?: "open" | "redriven" } };
      responses: Answer<wire.Page<wire.RejectedEvent>>;
    };
  };
  "/api/v1/rejected-events/{id}/redrive": {
    post: { parameters: { path: { id: string } }; responses: Answer<wire.Redriven> };
  };
  "/api/v1/persons": {
    get: {
      parameters: { query?: Paging & { identifier?: string; q?: string } };
      responses: Answer<wire.Page<wire.PersonRow>>;
    };
  };
  "/api/v1/persons/{person_id}": { get: Read<wire.Person, never, { person_id: string }> };
  "/api/v1/persons/{person_id}/events": {
    get: Read<wire.Page<wire.KithEvent>, Paging, { person_id: string }>;
  };
  "/api/v1/persons/{person_id}/decisions": {
    get: Read<wire.Page<wire.DecisionRecord>, Paging, { person_id: string }>;
  };
  "/api/v1/catalog/items": {
    get: {
      parameters: { query?: Paging & { q?: string } };
      responses: Answer<wire.Page<wire.CatalogItem>>;
    };
    post: {
      parameters: object;
      requestBody: Sends<wire.CatalogItem[]>;
      responses: Answer<wire.ImportResult>;
    };
  };
  "/api/v1/catalog/items/{item_id}": {
    get: Read<wire.CatalogItem, never, { item_id: string }>;
    put: Write<wire.CatalogItem, wire.CatalogItem, { item_id: string }>;
    delete: Remove<{ item_id: string }>;
  };
  "/api/v1/definitions/{kind}": {
    get: Read<wire.Page<AnyDefinition>, Paging & { q?: string }, { kind: string }>;
  };
  "/api/v1/definitions/{kind}/{id}": {
    get: Read<AnyDefinition, never, { kind: string; id: string }>;
    put: Write<{ name: string; spec: unknown }, AnyDefinition, { kind: string; id: string }>;
    delete: Remove<{ kind: string; id: string }>;
  };
  "/api/v1/definitions/{kind}/{id}/revisions": {
    get: Read<wire.Page<AnyDefinition>, Paging, { kind: string; id: string }>;
  };
  "/api/v1/definitions/{kind}/preview": {
    post: Write<wire.JsonObject, wire.Preview, { kind: string }>;
  };
  "/api/v1/sources/{id}/keys": {
    post: { parameters: { path: { id: string } }; responses: Answer<wire.WriteKey> };
  };
  "/api/v1/sources/{id}/keys/{prefix}": { delete: Remove<{ id: string; prefix: string }> };
  "/api/v1/keys": {
    get: { parameters: { query?: Paging }; responses: Answer<wire.Page<wire.SecretKey>> };
    post: {
      parameters: object;
      requestBody: Sends<{ name: string; scopes: wire.Scope[] }>;
      responses: Answer<wire.SecretKey>;
    };
  };
  "/api/v1/keys/{key_id}": { delete: Remove<{ key_id: string }> };
}
