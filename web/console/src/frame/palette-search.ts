/** What the palette offers for a text, without any drawing. */
import type { Definition, PersonRow } from "../api/types.ts";
import { bestIdentifier, personTitle } from "../parts/IdentifierTag.tsx";
import type { IconName } from "../icons/paths.ts";
import { type MessageKey, t } from "../i18n/t.ts";
import { SECTIONS } from "./destinations.ts";

export interface Entry {
  id: string;
  group: "pages" | "actions" | "persons" | "definitions";
  icon: IconName;
  label: string;
  detail?: string | undefined;
  to: string;
  params?: Record<string, string>;
  search?: Record<string, string>;
}

const ACTIONS: { id: string; label: MessageKey; icon: IconName; to: string; target: string }[] = [
  { id: "audience", label: "audiences.create", icon: "plus", to: "/audiences/new", target: "" },
  {
    id: "offer",
    label: "definitions.offers.create",
    icon: "plus",
    to: "/offers/$id",
    target: "new",
  },
  {
    id: "placement",
    label: "definitions.placements.create",
    icon: "plus",
    to: "/placements/$id",
    target: "new",
  },
  {
    id: "recipe",
    label: "definitions.recipes.create",
    icon: "plus",
    to: "/recipes/$id",
    target: "new",
  },
  {
    id: "feature",
    label: "definitions.features.create",
    icon: "plus",
    to: "/features/$id",
    target: "new",
  },
  { id: "source", label: "sources.create", icon: "plus", to: "/sources/$id", target: "new" },
  { id: "import", label: "catalog.importTitle", icon: "upload", to: "/catalog/import", target: "" },
];

export function entriesFor(
  text: string,
  persons: PersonRow[],
  definitions: Definition<unknown>[],
): Entry[] {
  const pages: Entry[] = SECTIONS.flatMap((section) => section.pages).map((page) => ({
    id: `page-${page.to}`,
    group: "pages",
    icon: page.icon,
    label: t(page.label),
    to: page.to,
  }));
  const rejected: Entry = {
    id: "page-rejected",
    group: "pages",
    icon: "warning",
    label: t("events.rejected"),
    to: "/events",
    search: { tab: "rejected" },
  };
  const models: Entry = {
    id: "page-models",
    group: "pages",
    icon: "recipe",
    label: t("frame.nav.models"),
    to: "/models",
  };
  const actions: Entry[] = ACTIONS.map((action) => ({
    id: `action-${action.id}`,
    group: "actions",
    icon: action.icon,
    label: t(action.label),
    to: action.to,
    ...(action.target && { params: { id: action.target } }),
  }));
  const found = [...pages, rejected, models, ...actions].filter((entry) => matches(entry.label, text));
  return [
    ...found,
    ...persons.map(personEntry),
    ...definitions.filter((one) => matches(`${one.name} ${one.id}`, text)).map(definitionEntry),
  ];
}

/** Every word of the text begins some word of the label. */
export function matches(label: string, text: string): boolean {
  const words = label.toLowerCase().split(/[\s_-]+/);
  const wanted = text
    .toLowerCase()
    .split(/[\s_-]+/)
    .filter(Boolean);
  return wanted.every((start) => words.some((word) => word.startsWith(start)));
}

function personEntry(person: PersonRow): Entry {
  const identifier = bestIdentifier(person.identifiers);
  return {
    id: `person-${person.person_id}`,
    group: "persons",
    icon: "person",
    label: personTitle(person),
    detail: identifier && `${identifier.namespace}:${identifier.value}`,
    to: "/profiles/$personId",
    params: { personId: person.person_id },
  };
}

const KINDS: Record<string, { icon: IconName; to: string }> = {
  offer: { icon: "offer", to: "/offers/$id" },
  placement: { icon: "slot", to: "/placements/$id" },
  recipe: { icon: "recipe", to: "/recipes/$id" },
  source: { icon: "source", to: "/sources/$id" },
  webhook: { icon: "webhook", to: "/webhooks/$id" },
  audience: { icon: "audience", to: "/audiences/$id" },
  feature: { icon: "feature", to: "/features/$id" },
};

function definitionEntry(definition: Definition<unknown>): Entry {
  const kind = KINDS[definition.kind] ?? KINDS.source!;
  return {
    id: `${definition.kind}-${definition.id}`,
    group: "definitions",
    icon: kind.icon,
    label: definition.name || definition.id,
    detail: `${definition.kind} · ${definition.id}`,
    to: kind.to,
    params: { id: definition.id },
  };
}
