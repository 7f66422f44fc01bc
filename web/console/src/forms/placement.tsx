import "../i18n/late.ts";
import { Checkbox, NumberInput, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useEffect, useRef } from "react";
import type { Versioned } from "../api/definitions.ts";
import type { Definition, PlacementSpec } from "../api/types.ts";
import { t } from "../i18n/t.ts";
import { Card } from "../parts/Card.tsx";
import { DefinitionForm } from "./DefinitionForm.tsx";
import { ContentField } from "./ContentField.tsx";
import { useEditing } from "./editing.ts";
import css from "./Form.module.css";
import { IdField } from "./IdField.tsx";
import { LearningFields } from "./LearningFields.tsx";
import { specOf, valuesOf } from "./placement-values.ts";
import { OfferPolicy } from "./OfferPolicy.tsx";
import { RecipeChoice } from "./RecipeChoice.tsx";
import { SaveBar } from "./SaveBar.tsx";
import { isId } from "./slug.ts";
import { StrategyField } from "./StrategyField.tsx";
import { useSubmission } from "./submit.ts";

const LIMIT_MAX = 100;
const FLOOR_MIN_PERCENT = 0.1;
const FIELDS: Record<string, string> = {
  "spec.description": "description",
  "spec.type": "type",
  "spec.limit": "limit",
  "spec.strategies": "strategies",
  "spec.recipe": "recipe",
  "spec.learning.reward": "reward",
  "spec.learning.window_days": "window",
  "spec.learning.window_minutes": "minutes",
  "spec.learning.features": "features",
  "spec.learning.floor": "floor",
  "spec.learning.trial": "trial",
  "spec.learning.holdout": "holdout",
  "spec.exclude_purchased_days": "exclude",
  "spec.silence_promotions_when": "silence",
  "spec.silence_below": "silenceBelow",
  "spec.formula": "formula",
  "spec.fallback.placement": "next",
  "spec.fallback": "fallback",
};

interface PlacementFormProps {
  known: Versioned<PlacementSpec> | null;
  onSpec: (spec: PlacementSpec) => void;
  onSaved: (definition: Definition<PlacementSpec>) => void;
}

export function PlacementForm({ known, onSpec, onSaved }: PlacementFormProps) {
  const form = useForm({
    initialValues: valuesOf(known?.definition),
    validate: {
      id: (value) => (isId(value) ? null : t("definitions.idWrong")),
      name: (value) => (value.trim() ? null : t("definitions.required")),
      recipe: (value, { type, by }) =>
        type === "items" && by === "recipe" && !value ? t("policies.items.missing") : null,
      reward: (value, { type, learns }) =>
        type === "offers" && learns && !value.trim() ? t("policies.learning.rewardMissing") : null,
      floor: (value, { type, learns }) =>
        type === "offers" && learns && Number(value) < FLOOR_MIN_PERCENT
          ? t("policies.learning.floorLow")
          : null,
      strategies: (value, { type, by }) =>
        type === "offers" || by === "recipe" || value.length > 0 ? null : t("definitions.required"),
    },
  });
  const submission = useSubmission(form, ["id", "name"], FIELDS);
  const editing = useEditing("placement", known);
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
        </div>
      </Card>
      <Card title={t("definitions.field.type")}>
        <div className="k-stack">
          <div>
            <SegmentedControl
              aria-label={t("definitions.field.type")}
              data={[
                { value: "offers", label: t("definitions.field.typeOffers") },
                { value: "items", label: t("definitions.field.typeItems") },
              ]}
              {...form.getInputProps("type")}
            />
          </div>
          {values.type === "items" && <RecipeChoice form={form} />}
          {values.type === "items" && values.by === "strategies" && (
            <StrategyField
              {...form.getInputProps("strategies")}
              value={values.strategies}
              error={form.errors.strategies as string | undefined}
            />
          )}
          <div className={css.pair}>
            <NumberInput
              label={t("definitions.field.limit")}
              min={1}
              max={LIMIT_MAX}
              allowDecimal={false}
              {...form.getInputProps("limit")}
            />
            {values.type === "items" && (
              <NumberInput
                label={t("definitions.field.exclude")}
                suffix={t("definitions.field.excludeSuffix")}
                min={0}
                allowDecimal={false}
                {...form.getInputProps("exclude")}
              />
            )}
          </div>
        </div>
      </Card>
      {values.type === "offers" && <OfferPolicy form={form} />}
      {values.type === "offers" && <LearningFields form={form} />}
      <Card>
        <div className="k-stack">
          {values.type === "offers" && (
            <TextInput
              label={t("definitions.policy.next")}
              description={t("definitions.policy.nextHint")}
              {...form.getInputProps("next")}
            />
          )}
          <Checkbox
            label={t("definitions.field.useFallback")}
            {...form.getInputProps("hasFallback", { type: "checkbox" })}
          />
          {values.hasFallback && (
            <ContentField
              label={t("definitions.field.fallback")}
              description={t("definitions.field.fallbackHint")}
              {...form.getInputProps("fallback")}
              value={values.fallback}
              error={form.errors.fallback as string | undefined}
            />
          )}
        </div>
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
