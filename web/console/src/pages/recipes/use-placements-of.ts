import { useInfiniteQuery } from "@tanstack/react-query";
import { definitionsQuery } from "../../api/definitions.ts";

/** The placements that ask a recipe first. */
export function usePlacementsOf(recipe: string) {
  const { data } = useInfiniteQuery(definitionsQuery("placement"));
  const all = data?.pages.flatMap((page) => page.items) ?? [];
  return all.filter(({ spec }) => spec.recipe === recipe);
}
