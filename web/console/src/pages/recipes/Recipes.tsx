import "../../i18n/late.ts";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { Definition, RecipeSpec } from "../../api/types.ts";
import { sharesOf } from "../../forms/recipe-values.ts";
import { formatPercent } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { LinkButton } from "../../parts/LinkButton.tsx";
import type { Column } from "../../parts/VirtualTable.tsx";
import { When } from "../../parts/When.tsx";
import { DefinitionList } from "../definitions/DefinitionList.tsx";
import { NameCell } from "../definitions/NameCell.tsx";
import css from "./Recipes.module.css";

const route = getRouteApi("/app/recipes");

export function Recipes() {
  const { q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <DefinitionList
      kind="recipe"
      words="recipes"
      icon="recipe"
      text={q}
      onText={(text) => navigate({ search: { q: text || undefined }, replace: true })}
      actions={
        <LinkButton to="/models" variant="default">
          {t("recipes.models")}
        </LinkButton>
      }
      columns={COLUMNS}
      control={(definition, props) => (
        <Link to="/recipes/$id" params={{ id: definition.id }} {...props} />
      )}
    />
  );
}

const COLUMNS: Column<Definition<RecipeSpec>>[] = [
  {
    id: "name",
    header: t("recipes.column.name"),
    width: "minmax(140px, 1.4fr)",
    render: (definition) => <NameCell definition={definition} />,
  },
  {
    id: "mix",
    header: t("recipes.column.mix"),
    width: "minmax(150px, 2fr)",
    wideOnly: true,
    render: ({ spec }) => <Mix spec={spec} />,
  },
  {
    id: "goal",
    header: t("recipes.column.goal"),
    width: "90px",
    wideOnly: true,
    render: ({ spec }) => (
      <span className="k-soft">{t(`recipes.goalOf.${spec.goal ?? "discover"}`)}</span>
    ),
  },
  {
    id: "updated",
    header: t("recipes.column.updated"),
    width: "90px",
    align: "end",
    render: (definition) => <When at={definition.updated_at} />,
  },
];

/** What finds items, as one bar, the heaviest first. */
function Mix({ spec }: { spec: RecipeSpec }) {
  const shares = sharesOf(spec.ingredients);
  const parts = spec.ingredients
    .map(({ model }, at) => ({ model, share: shares[at]! }))
    .filter(({ share }) => share > 0)
    .sort((one, other) => other.share - one.share);
  const words = parts.map(
    ({ model, share }) => `${t(`recipes.model.${model}`)} ${formatPercent(share)}`,
  );
  return (
    <span className={css.mix} title={words.join(" · ")}>
      <span className={css.stack} aria-hidden="true">
        {parts.map(({ model, share }) => (
          <span key={model} style={{ width: `${100 * share}%` }} />
        ))}
      </span>
      <span className="k-ellipsis k-tiny k-soft">{words.join(" · ")}</span>
    </span>
  );
}
