/** Probable links: of a person, those that wait for an operator, and what operators decide. */
import { queryOptions } from "@tanstack/react-query";
import { client, taken } from "./client.ts";
import type { Regrouping, Wish } from "./identity.ts";
import type { components } from "./schema.d.ts";

type Schemas = components["schemas"];
export type ProbableLink = Schemas["ProbableLink"];
export type ProbableEnd = Schemas["ProbableEnd"];
export type LinkReason = Schemas["LinkReason"];

/** The server tells so many at once, and more when these are decided. */
export const REVIEWS_MAX = 100;

export const reviewsQuery = queryOptions({
  queryKey: ["identity", "reviews"],
  queryFn: async () => (await taken(client.GET("/api/v1/identity/reviews"))).items,
});

export const probableLinksQuery = (person_id: string) =>
  queryOptions({
    queryKey: ["person", person_id, "probable-links"],
    queryFn: () =>
      taken(
        client.GET("/api/v1/persons/{person_id}/probable-links", {
          params: { path: { person_id } },
        }),
      ),
  });

export function decideReview(edge_id: string, same: boolean, wish: Wish): Promise<Regrouping> {
  return taken(
    client.POST("/api/v1/identity/reviews/{edge_id}", {
      params: { path: { edge_id } },
      body: { same, ...wish },
    }),
  );
}

/** The id of what an operator said of the two ends of a probable link. */
export const verdictOn = (edge_id: string) => `${edge_id}.operator`;
