/** The configuration that `kith.start` takes, with every default filled in. */

export type Props = Record<string, unknown>;
export type Mode = "html" | "text" | "template" | "event";

export interface PlacementConfig {
  placement: string;
  selector?: string;
  mode: Mode;
  template?: string;
}

export interface Config {
  write_key: string;
  host: string;
  version: number;
  consent: { default: "granted" | "denied"; categories: string[] };
  page_views: boolean;
  declarative: boolean;
  click_capture: boolean;
  data_layer: string;
  link_domains: string[];
  hide_timeout_ms: number;
  placements: PlacementConfig[];
}

/** `origin` is where the tag itself was loaded from: the server that also takes the events. */
export function withDefaults(given: Partial<Config>, origin: string): Config {
  return {
    version: 1,
    page_views: true,
    declarative: true,
    click_capture: false,
    data_layer: "dataLayer",
    link_domains: [],
    hide_timeout_ms: 500,
    placements: [],
    ...given,
    write_key: given.write_key || "",
    host: (given.host || origin).replace(/\/+$/, ""),
    consent: {
      default: "granted",
      categories: ["analytics", "personalization", "marketing"],
      ...given.consent,
    },
  };
}
