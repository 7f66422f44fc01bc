import "../i18n/late.ts";
import { NumberInput, SegmentedControl, Select, Textarea } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { definitionsQuery, type Versioned } from "../api/definitions.ts";
import type { Definition, FieldError, RecipeSpec } from "../api/types.ts";
import { t } from "../i18n/t.ts";
import { Card } from "../parts/Card.tsx";
import { DefinitionForm } from "./DefinitionForm.tsx";
import { useEditing } from "./editing.ts";
import formCss from "./Form.module.css";
import { IdField } from "./IdField.tsx";
import { ItemRuleField } from "./ItemRuleField.tsx";
import { Boosts, Chain, Ingredients } from "./RecipeLists.tsx";
import { specOf, valuesOf } from "./recipe-values.ts";
import { SaveBar } from "./SaveBar.tsx";
import { isId } from "./slug.ts";
import { useSubmission } from "./submit.ts";

const FIELDS: Record<string, string> = {
  "spec.description": "description",
  "spec.ingredients": "ingredients",
  "spec.include_when": "include",
  "spec.exclude_when": "exclude",
  "spec.diversity.per_category": "perCategory",
  "spec.diversity.mmr": "mmr",
  "spec.exploration": "exploration",
  "spec.fallbacks": "fallbacks",
};

interface RecipeFormProps {
  known: Versioned<RecipeSpec> | null;
  /** What the preview found wrong. */
  warnings: FieldError[];
  onSpec: (spec: RecipeSpec) => void;
  onSaved: (definition: Definition<RecipeSpec>) => void;
}

export function RecipeForm({ known, warnings, onSpec, onSaved }: RecipeFormProps) {
  const form = useForm({
    initialValues: valuesOf(known?.definition),
    validate: {
      id: (value) => (isId(value) ? null : t("definitions.idWrong")),
      name: (value) => (value.trim() ? null : t("definitions.required")),
      ingredients: (value) =>
        value.some(({ weight }) => Number(weight) > 0) ? null : t("recipes.form.noModel"),
      boosts: { when: (value) => (value.trim() ? null : t("recipes.form.boostEmpty")) },
    },
  });
  const submission = useSubmission(form, ["id", "name"], FIELDS);
  const editing = useEditing("recipe", known);
  const { values } = form;

  const spec = specOf(values, known?.definition.spec);
  const written = JSON.stringify(spec);
  const report = useRef(onSpec);
  report.current = onSpec;
  useEffect(() => report.current(JSON.parse(written)), [written]);

  async function submit({ id, name }: typeof values) {
    await submission.send(async () => {
      const result = await editing.save(id, { name: name.trim(), spec });
      if (result === "conflict") return;
      form.resetDirty();
      onSaved(result);
    });
  }

  const warningOf = (field: string) => warnings.find((one) => one.field === field)?.message;
  const errorOf = (name: string) => form.errors[name] as string | undefined;
  return (
    <DefinitionForm
      form={form}
      known={known}
      editing={editing}
      submission={submission}
      onSubmit={submit}
    >
      <Card>
        <div className="k-stack">
          <IdField form={form} locked={known !== null} />
          <Textarea
            label={t("definitions.field.description")}
            autosize
            minRows={1}
            maxRows={6}
            {...form.getInputProps("description")}
          />
          <div className="k-stack-tight">
            <SegmentedControl
              style={{ alignSelf: "start" }}
              aria-label={t("recipes.form.goal")}
              data={(["discover", "reorder"] as const).map((goal) => ({
                value: goal,
                label: t(`recipes.goalOf.${goal}`),
              }))}
              {...form.getInputProps("goal")}
            />
            <p className={formCss.hint}>{t(`recipes.goalText.${values.goal}`)}</p>
          </div>
        </div>
      </Card>
      <Card title={t("recipes.form.ingredients")} note={t("recipes.form.ingredientsNote")}>
        <Ingredients
          value={values.ingredients}
          error={errorOf("ingredients")}
          onChange={(ingredients) => form.setFieldValue("ingredients", ingredients)}
        />
      </Card>
      <Card title={t("recipes.form.include")} note={t("recipes.form.includeNote")}>
        <ItemRuleField
          label={t("recipes.form.include")}
          none={t("recipes.rule.none")}
          value={values.include}
          error={errorOf("include") ?? warningOf("spec.include_when")}
          onChange={(include) => form.setFieldValue("include", include)}
        />
      </Card>
      <Card title={t("recipes.form.exclude")} note={t("recipes.form.excludeNote")}>
        <ItemRuleField
          label={t("recipes.form.exclude")}
          none={t("recipes.rule.noneOut")}
          value={values.exclude}
          error={errorOf("exclude") ?? warningOf("spec.exclude_when")}
          onChange={(exclude) => form.setFieldValue("exclude", exclude)}
        />
      </Card>
      <Card title={t("recipes.form.boosts")} note={t("recipes.form.boostsNote")}>
        <Boosts
          value={values.boosts}
          errorOf={(at) => errorOf(`boosts.${at}.when`) ?? warningOf(`spec.boosts[${at}].when`)}
          onChange={(boosts) => form.setFieldValue("boosts", boosts)}
        />
      </Card>
      <Card title={t("recipes.form.variety")} note={t("recipes.form.varietyNote")}>
          <div className={formCss.level}>
            <NumberInput
              label={t("recipes.form.perCategory")}
              description={t("recipes.form.perCategoryHint")}
              min={1}
              max={100}
              allowDecimal={false}
              {...form.getInputProps("perCategory")}
            />
            <NumberInput
              label={t("recipes.form.exploration")}
              description={t("recipes.form.explorationHint")}
              suffix=" %"
              min={0}
              max={50}
              decimalScale={2}
              {...form.getInputProps("exploration")}
            />
            <NumberInput
              label={t("recipes.form.mmr")}
              description={t("recipes.form.mmrHint")}
              suffix=" %"
              min={0}
              max={100}
              step={5}
              decimalScale={2}
              {...form.getInputProps("mmr")}
            />
          </div>
      </Card>
      <Card title={t("recipes.form.fallbacks")} note={t("recipes.form.fallbacksNote")}>
        <Fallbacks
          own={values.id}
          value={values.fallbacks}
          error={errorOf("fallbacks") ?? warningOf("spec.fallbacks")}
          onChange={(fallbacks) => form.setFieldValue("fallbacks", fallbacks)}
        />
      </Card>
      <SaveBar
        dirty={form.isDirty()}
        busy={submission.busy}
        isNew={known === null}
        blocked={editing.conflict !== null}
        rest={known ? t("definitions.revision", { revision: known.definition.revision }) : ""}
        onDiscard={form.reset}
      />
    </DefinitionForm>
  );
}

interface FallbacksProps {
  own: string;
  value: string[];
  error: string | undefined;
  onChange: (value: string[]) => void;
}

function Fallbacks({ own, value, error, onChange }: FallbacksProps) {
  const query = useInfiniteQuery(definitionsQuery("recipe"));
  const all = query.data?.pages.flatMap((page) => page.items) ?? [];
  const nameOf = (id: string) => all.find((one) => one.id === id)?.name || id;
  const left = all.filter(({ id }) => id !== own && !value.includes(id));
  return (
    <div className="k-stack">
      {value.length === 0 && <p className={formCss.hint}>{t("recipes.form.noFallback")}</p>}
      <Chain value={value} nameOf={nameOf} onChange={onChange} />
      {left.length > 0 && (
        <Select
          aria-label={t("recipes.form.addFallback")}
          placeholder={t("recipes.form.addFallback")}
          searchable
          data={left.map(({ id, name }) => ({ value: id, label: name || id }))}
          value={null}
          error={error}
          onChange={(id) => id && onChange([...value, id])}
        />
      )}
      {left.length === 0 && error && <p role="alert">{error}</p>}
    </div>
  );
}
