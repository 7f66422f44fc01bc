import { getRouteApi, Link } from "@tanstack/react-router";
import type { FeatureSpec } from "../../api/audience-wire.ts";
import type { Definition } from "../../api/types.ts";
import { t } from "../../i18n/t.ts";
import { Badge } from "../../parts/Badge.tsx";
import type { Column } from "../../parts/VirtualTable.tsx";
import { When } from "../../parts/When.tsx";
import { DefinitionList } from "../definitions/DefinitionList.tsx";
import { NameCell } from "../definitions/NameCell.tsx";

const route = getRouteApi("/app/features");

export function Features() {
  const { q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <DefinitionList
      kind="feature"
      words="features"
      icon="feature"
      text={q}
      onText={(text) => navigate({ search: { q: text || undefined }, replace: true })}
      columns={COLUMNS}
      control={(definition, props) => (
        <Link to="/features/$id" params={{ id: definition.id }} {...props} />
      )}
    />
  );
}

const COLUMNS: Column<Definition<FeatureSpec>>[] = [
  {
    id: "name",
    header: t("features.column.name"),
    width: "minmax(180px, 1.3fr)",
    render: (definition) => <NameCell definition={definition} />,
  },
  {
    id: "value",
    header: t("features.column.value"),
    width: "minmax(180px, 2fr)",
    wideOnly: true,
    render: ({ spec }) =>
      spec.affinity ? (
        <span className="k-soft">
          {t("features.affinity.summary", {
            by: t(`features.affinity.${spec.affinity.by}`),
            days: spec.affinity.half_life_days,
          })}
        </span>
      ) : (
        <code className="k-soft" title={spec.value}>
          {spec.value}
        </code>
      ),
  },
  {
    id: "trait",
    header: t("features.column.trait"),
    width: "minmax(110px, 1fr)",
    wideOnly: true,
    render: ({ spec }) =>
      spec.trait ? <Badge tone="plum">{spec.trait}</Badge> : <span className="k-muted">–</span>,
  },
  {
    id: "updated",
    header: t("features.column.updated"),
    width: "100px",
    align: "end",
    render: (definition) => <When at={definition.updated_at} />,
  },
];
