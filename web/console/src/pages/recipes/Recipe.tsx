import "../../i18n/late.ts";
import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { definitionQuery, type Versioned } from "../../api/definitions.ts";
import type { Definition, FieldError, RecipeSpec } from "../../api/types.ts";
import { specOf, valuesOf } from "../../forms/recipe-values.ts";
import { t } from "../../i18n/t.ts";
import { saved } from "../../parts/saved.ts";
import { Waiting } from "../../parts/Waiting.tsx";
import { Editor, EditorPage } from "../definitions/Editor.tsx";
import { InWords } from "./InWords.tsx";
import css from "./Recipes.module.css";
import { RecipePreview } from "./RecipePreview.tsx";
import { Report } from "./Report.tsx";

const route = getRouteApi("/app/recipes/$id");
const NEW = "new";
/** Comes when somebody changes the recipe. */
const RecipeForm = lazy(async () => {
  const { RecipeForm } = await import("../../forms/recipe.tsx");
  return { default: RecipeForm };
});

export function Recipe() {
  const { id } = route.useParams();
  const isNew = id === NEW;
  const query = useQuery({ ...definitionQuery("recipe", id), enabled: !isNew });
  return (
    <EditorPage
      kind="recipe"
      list="/recipes"
      known={isNew ? null : query.data}
      error={query.error}
      onRetry={() => void query.refetch()}
    >
      {(known) => (known ? <Known known={known} /> : <Editing key={NEW} known={null} />)}
    </EditorPage>
  );
}

function Known({ known }: { known: Versioned<RecipeSpec> }) {
  const { tab = "overview" } = route.useSearch();
  const navigate = route.useNavigate();
  const { definition } = known;
  return (
    <Tabs
      value={tab}
      keepMounted={false}
      onChange={(value) =>
        navigate({
          search: (before) => ({ ...before, tab: value === "edit" ? "edit" : undefined }),
          replace: true,
          resetScroll: false,
        })
      }
    >
      <Tabs.List aria-label={t("recipes.tabsLabel")}>
        <Tabs.Tab value="overview">{t("recipes.tabs.overview")}</Tabs.Tab>
        <Tabs.Tab value="edit">{t("recipes.tabs.edit")}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="overview" className={css.panel}>
        <div className="k-stack-loose">
          <Editor
            form={<InWords id={definition.id} name={definition.name} spec={definition.spec} />}
            preview={<RecipePreview id={definition.id} spec={definition.spec} />}
          />
          <Report recipe={definition.id} />
        </div>
      </Tabs.Panel>
      <Tabs.Panel value="edit" className={css.panel}>
        <Editing key={known.etag} known={known} />
      </Tabs.Panel>
    </Tabs>
  );
}

function Editing({ known }: { known: Versioned<RecipeSpec> | null }) {
  const navigate = route.useNavigate();
  const [spec, setSpec] = useState(() => known?.definition.spec ?? specOf(valuesOf()));
  const [warnings, setWarnings] = useState<FieldError[]>([]);

  function onSaved(definition: Definition<RecipeSpec>) {
    saved(t("definitions.saved", { revision: definition.revision }));
    if (known) return;
    void navigate({ params: { id: definition.id }, search: (before) => before, replace: true });
  }

  return (
    <Editor
      form={
        <Suspense fallback={<Waiting lines={10} height={22} />}>
          <RecipeForm known={known} warnings={warnings} onSpec={setSpec} onSaved={onSaved} />
        </Suspense>
      }
      preview={
        <RecipePreview
          id={known?.definition.id ?? "draft"}
          spec={spec}
          draft
          onWarnings={setWarnings}
        />
      }
    />
  );
}
