/** The pages in the order of the navigation; the palette offers the same list. */
import type { IconName } from "../icons/paths.ts";
import type { MessageKey } from "../i18n/t.ts";

export interface Destination {
  to:
    | "/"
    | "/events"
    | "/profiles"
    | "/audiences"
    | "/features"
    | "/identity"
    | "/identity-reviews"
    | "/identity-rules"
    | "/placements"
    | "/offers"
    | "/recipes"
    | "/decisions"
    | "/catalog"
    | "/install"
    | "/sources"
    | "/webhooks"
    | "/settings";
  label: MessageKey;
  icon: IconName;
}

export const SECTIONS: { label: MessageKey; pages: Destination[] }[] = [
  {
    label: "frame.nav.overview",
    pages: [
      { to: "/", label: "frame.nav.home", icon: "home" },
      { to: "/events", label: "frame.nav.events", icon: "pulse" },
    ],
  },
  {
    label: "frame.nav.people",
    pages: [
      { to: "/profiles", label: "frame.nav.persons", icon: "people" },
      { to: "/audiences", label: "frame.nav.audiences", icon: "audience" },
      { to: "/features", label: "frame.nav.features", icon: "feature" },
      { to: "/identity-reviews", label: "frame.nav.identityReviews", icon: "pair" },
      { to: "/identity", label: "frame.nav.identity", icon: "shield" },
    ],
  },
  {
    label: "frame.nav.decide",
    pages: [
      { to: "/placements", label: "frame.nav.placements", icon: "slot" },
      { to: "/offers", label: "frame.nav.offers", icon: "offer" },
      { to: "/recipes", label: "frame.nav.recipes", icon: "recipe" },
      { to: "/decisions", label: "frame.nav.decisions", icon: "spark" },
      { to: "/catalog", label: "frame.nav.catalog", icon: "catalog" },
    ],
  },
  {
    label: "frame.nav.connect",
    pages: [
      { to: "/install", label: "frame.nav.install", icon: "install" },
      { to: "/sources", label: "frame.nav.sources", icon: "source" },
      { to: "/identity-rules", label: "frame.nav.identityRules", icon: "link" },
      { to: "/webhooks", label: "frame.nav.webhooks", icon: "webhook" },
      { to: "/settings", label: "frame.nav.settings", icon: "settings" },
    ],
  },
];
