/** Versioned configuration objects: sources, placements, offers, audiences, features. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { AudienceSpec, FeatureSpec } from "./audience-wire.ts";
import { client, taken, takenWithEtag } from "./client.ts";
import { cursor } from "./events.ts";
import type { components } from "./schema.d.ts";
import type { IdentitySpec } from "./identity.ts";
import type {
  Definition,
  OfferSpec,
  Page,
  PlacementSpec,
  RecipeSpec,
  SourceSpec,
  WebhookSpec,
} from "./types.ts";

/** The kinds the console edits, each with its spec. */
export interface Specs {
  source: SourceSpec;
  placement: PlacementSpec;
  offer: OfferSpec;
  recipe: RecipeSpec;
  audience: AudienceSpec;
  feature: FeatureSpec;
  webhook: WebhookSpec;
  identity: IdentitySpec;
}
export type EditableKind = keyof Specs;
type WireKind = components["schemas"]["DefinitionKind"];

/** Kinds whose preview is a decision. */
export type PreviewKind = "placement" | "offer" | "recipe";
export type PreviewRequest = components["schemas"]["PreviewRequest"];

/** A definition together with the tag that a later write must carry. */
export interface Versioned<Spec> {
  definition: Definition<Spec>;
  etag: string;
}

export const definitionsQuery = <Kind extends EditableKind>(kind: Kind, text = "") =>
  infiniteQueryOptions({
    queryKey: ["definitions", kind, text.trim()],
    queryFn: async ({ pageParam }) =>
      (await taken(
        client.GET("/api/v1/definitions/{kind}", {
          params: {
            path: { kind: kind as WireKind },
            query: { ...(text.trim() && { q: text.trim() }), ...cursor(pageParam), limit: 200 },
          },
        }),
      )) as Page<Definition<Specs[Kind]>>,
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });

export const definitionQuery = <Kind extends EditableKind>(kind: Kind, id: string) =>
  queryOptions({
    queryKey: ["definition", kind, id],
    queryFn: async (): Promise<Versioned<Specs[Kind]>> => {
      const { body, etag } = await takenWithEtag(
        client.GET("/api/v1/definitions/{kind}/{id}", {
          params: { path: { kind: kind as WireKind, id } },
        }),
      );
      const definition = body as Definition<Specs[Kind]>;
      return { definition, etag: etag ?? `"${definition.revision}"` };
    },
    // A form is open on it: a silent refetch would hide the conflict that the tag exists to show.
    refetchOnWindowFocus: false,
    staleTime: 0,
  });

export const revisionsQuery = <Kind extends EditableKind>(kind: Kind, id: string) =>
  queryOptions({
    queryKey: ["definition", kind, id, "revisions"],
    queryFn: async () =>
      (await taken(
        client.GET("/api/v1/definitions/{kind}/{id}/revisions", {
          params: { path: { kind: kind as WireKind, id }, query: { limit: 100 } },
        }),
      )) as Page<Definition<Specs[Kind]>>,
  });

/** `etag` null means: this must be new. */
export async function putDefinition<Kind extends EditableKind>(
  kind: Kind,
  id: string,
  written: { name: string; spec: Specs[Kind] },
  etag: string | null,
): Promise<Definition<Specs[Kind]>> {
  const header = etag === null ? { "If-None-Match": "*" } : { "If-Match": etag };
  const body = await taken(
    client.PUT("/api/v1/definitions/{kind}/{id}", {
      params: { path: { kind: kind as WireKind, id }, header },
      body: written,
    }),
  );
  return body as Definition<Specs[Kind]>;
}

export function archiveDefinition(kind: EditableKind, id: string) {
  return taken(
    client.DELETE("/api/v1/definitions/{kind}/{id}", {
      params: { path: { kind: kind as WireKind, id } },
    }),
  );
}

export const previewQuery = (kind: PreviewKind, request: PreviewRequest) =>
  queryOptions({
    queryKey: ["preview", kind, request],
    queryFn: () =>
      taken(
        client.POST("/api/v1/definitions/{kind}/preview", {
          params: { path: { kind } },
          body: request,
        }),
      ),
    retry: false,
    staleTime: 5_000,
  });
