import { getRouteApi, Link } from "@tanstack/react-router";
import type { Definition, PlacementSpec } from "../../api/types.ts";
import { formatInteger } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import type { Column } from "../../parts/VirtualTable.tsx";
import { When } from "../../parts/When.tsx";
import { DefinitionList } from "./DefinitionList.tsx";
import { NameCell } from "./NameCell.tsx";

const route = getRouteApi("/app/placements");

export function Placements() {
  const { q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <DefinitionList
      kind="placement"
      words="placements"
      icon="slot"
      text={q}
      onText={(text) => navigate({ search: { q: text || undefined }, replace: true })}
      columns={COLUMNS}
      control={(definition, props) => (
        <Link to="/placements/$id" params={{ id: definition.id }} {...props} />
      )}
    />
  );
}

const COLUMNS: Column<Definition<PlacementSpec>>[] = [
  {
    id: "name",
    header: t("definitions.placements.column.name"),
    width: "minmax(200px, 2fr)",
    render: (definition) => <NameCell definition={definition} />,
  },
  {
    id: "type",
    header: t("definitions.placements.column.type"),
    width: "minmax(160px, 2fr)",
    wideOnly: true,
    render: ({ spec }) => <span className="k-soft">{fillOf(spec)}</span>,
  },
  {
    id: "limit",
    header: t("definitions.placements.column.limit"),
    width: "70px",
    align: "end",
    wideOnly: true,
    render: ({ spec }) => formatInteger(spec.limit),
  },
  {
    id: "updated",
    header: t("definitions.placements.column.updated"),
    width: "110px",
    align: "end",
    render: (definition) => <When at={definition.updated_at} />,
  },
];

function fillOf(spec: PlacementSpec): string {
  if (spec.type === "offers") return t("definitions.typesOf.offers");
  const strategies = (spec.strategies ?? []).map(({ strategy }) =>
    t(`definitions.strategy.${strategy}`),
  );
  return [t("definitions.typesOf.items"), ...strategies].join(" · ");
}
