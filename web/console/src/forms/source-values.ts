/** A source as its form holds it, and back. */
import type { Definition, SourceSpec, TagPlacement } from "../api/types.ts";

export interface SourceValues {
  id: string;
  name: string;
  type: SourceSpec["type"];
  enabled: boolean;
  origins: string[];
  consentDefault: "granted" | "denied";
  categories: string[];
  page_views: boolean;
  declarative: boolean;
  click_capture: boolean;
  data_layer: string;
  link_domains: string[];
  hide_timeout_ms: number | string;
  tagPlacements: TagPlacement[];
}

/** What the tag does when a source says nothing else. */
const TAG_DEFAULTS = {
  consent: {
    default: "denied" as const,
    categories: ["analytics", "personalization", "marketing"],
  },
  page_views: true,
  declarative: true,
  click_capture: false,
  data_layer: "dataLayer",
  link_domains: [],
  hide_timeout_ms: 500,
  placements: [],
};

export function valuesOf(definition?: Definition<SourceSpec>): SourceValues {
  const spec = definition?.spec;
  const tag = { ...TAG_DEFAULTS, ...spec?.tag };
  return {
    id: definition?.id ?? "",
    name: definition?.name ?? "",
    type: spec?.type ?? "web",
    enabled: spec?.enabled ?? true,
    origins: spec?.origins ?? [],
    consentDefault: tag.consent.default,
    categories: tag.consent.categories,
    page_views: tag.page_views,
    declarative: tag.declarative,
    click_capture: tag.click_capture,
    data_layer: tag.data_layer,
    link_domains: tag.link_domains,
    hide_timeout_ms: tag.hide_timeout_ms,
    tagPlacements: tag.placements,
  };
}

/** Keys belong to the server; a write leaves them out. */
export function specOf(values: SourceValues, known?: SourceSpec): SourceSpec {
  const { keys: _, ...rest } = known ?? { keys: [] };
  return {
    ...rest,
    type: values.type,
    enabled: values.enabled,
    origins: values.origins,
    tag: {
      ...known?.tag,
      consent: { default: values.consentDefault, categories: values.categories },
      page_views: values.page_views,
      declarative: values.declarative,
      click_capture: values.click_capture,
      data_layer: values.data_layer.trim(),
      link_domains: values.link_domains,
      hide_timeout_ms: Number(values.hide_timeout_ms) || 0,
      placements: values.tagPlacements,
    },
  };
}

/** The origins that are not an origin: a scheme and a host, no path. */
export function wrongOrigin(origins: string[]): string | undefined {
  return origins.find((origin) => {
    try {
      return new URL(origin).origin !== origin;
    } catch {
      return true;
    }
  });
}
