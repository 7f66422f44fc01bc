/** What this workspace has to ask about: its events, features and audiences. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { definitionsQuery } from "../api/definitions.ts";
import { overviewQuery } from "../api/overview.ts";
import { humanise } from "../i18n/format.ts";
import { BUILT_IN, type Known, valueHasKeys, valueHolds } from "./facts.ts";

/** `except` is the audience being edited: it cannot be made of itself. */
export function useKnown(except?: string): Known {
  const overview = useQuery({ ...overviewQuery, refetchInterval: false, staleTime: 60_000 });
  const features = useInfiniteQuery(definitionsQuery("feature"));
  const audiences = useInfiniteQuery(definitionsQuery("audience"));
  return useMemo(
    () => ({
      events: (overview.data?.top_events ?? [])
        .map(({ name }) => name)
        .filter((name) => name && !name.startsWith("$") && name !== "identify"),
      features: [
        ...(features.data?.pages.flatMap((page) => page.items) ?? []).map(({ id, name, spec }) => ({
          name: id,
          label: name || humanise(id),
          holds: valueHolds(spec.value),
          keyed: valueHasKeys(spec.value),
        })),
        ...BUILT_IN.map((one) => ({ ...one, label: humanise(one.name) })),
      ],
      audiences: (audiences.data?.pages.flatMap((page) => page.items) ?? [])
        .filter(({ id }) => id !== except)
        .map(({ id, name }) => ({ id, name })),
    }),
    [overview.data, features.data, audiences.data, except],
  );
}
