import { SegmentedControl, Select } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { definitionsQuery } from "../api/definitions.ts";
import { t } from "../i18n/t.ts";
import type { PlacementValues } from "./placement-values.ts";

/** Whether a placement of items is filled by simple strategies or by a recipe, and by which. */
export function RecipeChoice({ form }: { form: UseFormReturnType<PlacementValues> }) {
  const { by, recipe } = form.values;
  const query = useInfiniteQuery(definitionsQuery("recipe"));
  const recipes = query.data?.pages.flatMap((page) => page.items) ?? [];
  const options = recipes.map(({ id, name }) => ({ value: id, label: name || id }));
  // One that was archived meanwhile is still what stands there.
  if (recipe && options.every(({ value }) => value !== recipe)) {
    options.push({ value: recipe, label: recipe });
  }
  return (
    <div className="k-stack-tight">
      <div>
        <SegmentedControl
          size="xs"
          aria-label={t("policies.items.by")}
          data={[
            { value: "strategies", label: t("policies.items.strategies") },
            { value: "recipe", label: t("policies.items.recipe") },
          ]}
          {...form.getInputProps("by")}
        />
      </div>
      {by === "recipe" && (
        <>
          <Select
            label={t("policies.items.chosen")}
            data={options}
            searchable
            nothingFoundMessage={t("policies.items.none")}
            {...form.getInputProps("recipe")}
            value={recipe || null}
            onChange={(value) => form.setFieldValue("recipe", value ?? "")}
          />
          {recipe && (
            <Link to="/recipes/$id" params={{ id: recipe }} className="k-small">
              {t("policies.items.open")}
            </Link>
          )}
        </>
      )}
    </div>
  );
}
