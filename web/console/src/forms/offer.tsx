import { NumberInput, SegmentedControl, TagsInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { definitionsQuery, type Versioned } from "../api/definitions.ts";
import type { Definition, FieldError, JsonObject, OfferSpec } from "../api/types.ts";
import { t } from "../i18n/t.ts";
import { Card } from "../parts/Card.tsx";
import { DefinitionForm } from "./DefinitionForm.tsx";
import { ContentField } from "./ContentField.tsx";
import { useEditing } from "./editing.ts";
import css from "./Form.module.css";
import { IdField } from "./IdField.tsx";
import { OfferLimits } from "./OfferLimits.tsx";
import { specOf, valuesOf } from "./offer-values.ts";
import { RuleField } from "./RuleField.tsx";
import { SaveBar } from "./SaveBar.tsx";
import { isId } from "./slug.ts";
import { useSubmission } from "./submit.ts";

const PRIORITY_MAX = 1000;
/** The API's field for each input, and the input's name in the form. */
const FIELDS: Record<string, string> = {
  "spec.placements": "placements",
  "spec.priority": "priority",
  "spec.kind": "kind",
  "spec.value": "value",
  "spec.propensity": "propensity",
  "spec.when": "when",
  "spec.applicable_when": "applicable",
  "spec.suitable_when": "suitable",
  "spec.never_when": "never",
  "spec.limits.per_person.count": "perPerson",
  "spec.limits.per_person.days": "perPersonDays",
  "spec.limits.stock": "stock",
  "spec.limits.budget.amount": "budget",
  "spec.limits.budget.cost": "cost",
  "spec.limits.budget.pacing": "paced",
  "spec.limits.coupon.prefix": "prefix",
  "spec.limits.keep_days": "keepDays",
  "spec.limits.used_by": "usedBy",
  "spec.starts_at": "starts",
  "spec.ends_at": "ends",
  "spec.content": "content",
};

/** The layers an offer passes, in their order: the API's field and the input's name. */
const LAYERS = [
  { field: "spec.when", name: "when" },
  { field: "spec.applicable_when", name: "applicable" },
  { field: "spec.suitable_when", name: "suitable" },
  { field: "spec.never_when", name: "never" },
] as const;

interface OfferFormProps {
  known: Versioned<OfferSpec> | null;
  warnings: FieldError[];
  /** The preview has answered for the rule as it stands. */
  ruleChecked: boolean;
  traits: JsonObject;
  onSpec: (spec: OfferSpec) => void;
  onSaved: (definition: Definition<OfferSpec>) => void;
}

export function OfferForm(props: OfferFormProps) {
  const { known, warnings, ruleChecked, traits, onSpec, onSaved } = props;
  const form = useForm({
    initialValues: valuesOf(known?.definition),
    validate: {
      id: (value) => (isId(value) ? null : t("definitions.idWrong")),
      name: (value) => (value.trim() ? null : t("definitions.required")),
      placements: (value) => (value.length > 0 ? null : t("definitions.placementsMissing")),
      ends: (value, { starts }) =>
        value && starts && value <= starts ? t("definitions.endBeforeStart") : null,
    },
  });
  const submission = useSubmission(form, ["id", "name"], FIELDS);
  const editing = useEditing("offer", known);
  const placements = useInfiniteQuery(definitionsQuery("placement"));
  const ids = placements.data?.pages.flatMap((page) => page.items.map((item) => item.id)) ?? [];

  const spec = specOf(form.values, known?.definition.spec);
  const written = JSON.stringify(spec);
  const report = useRef(onSpec);
  report.current = onSpec;
  useEffect(() => report.current(JSON.parse(written)), [written]);

  async function submit({ id, name }: typeof form.values) {
    await submission.send(async () => {
      const result = await editing.save(id, { name: name.trim(), spec });
      if (result === "conflict") return;
      form.resetDirty();
      onSaved(result);
    });
  }

  const warningOf = (field: string) => warnings.find((warning) => warning.field === field)?.message;
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
          <TagsInput
            label={t("definitions.field.placements")}
            description={t("definitions.field.placementsHint")}
            data={ids}
            {...form.getInputProps("placements")}
          />
          <div>
            <SegmentedControl
              aria-label={t("definitions.field.offerKind")}
              data={(["promotion", "service", "mandatory"] as const).map((kind) => ({
                value: kind,
                label: t(`definitions.offerKind.${kind}`),
              }))}
              {...form.getInputProps("kind")}
            />
            <p className={css.hint}>{t(`definitions.offerKindNote.${form.values.kind}`)}</p>
          </div>
          <div className={css.pair}>
            <NumberInput
              label={t("definitions.field.priority")}
              description={t("definitions.field.priorityHint")}
              min={0}
              max={PRIORITY_MAX}
              allowDecimal={false}
              {...form.getInputProps("priority")}
            />
            <NumberInput
              label={t("definitions.field.value")}
              description={t("definitions.field.valueHint")}
              min={0}
              {...form.getInputProps("value")}
            />
            <NumberInput
              label={t("definitions.field.propensity")}
              description={t("definitions.field.propensityHint")}
              min={0}
              max={1}
              step={0.05}
              {...form.getInputProps("propensity")}
            />
          </div>
        </div>
      </Card>
      {LAYERS.map(({ field, name }) => (
        <Card key={field}>
          <RuleField
            label={t(`definitions.field.${name}`)}
            description={t(`definitions.field.${name}Hint`)}
            {...form.getInputProps(name)}
            value={form.values[name]}
            error={(form.errors[name] as string | undefined) ?? warningOf(field)}
            checked={ruleChecked && name === "when"}
            traits={traits}
          />
        </Card>
      ))}
      <Card>
        <ContentField
          label={t("definitions.field.content")}
          {...form.getInputProps("content")}
          value={form.values.content}
          error={form.errors.content as string | undefined}
        />
      </Card>
      <Card>
        <div className={css.pair}>
          <TextInput
            type="datetime-local"
            label={t("definitions.field.starts")}
            description={t("definitions.field.scheduleHint")}
            {...form.getInputProps("starts")}
          />
          <TextInput
            type="datetime-local"
            label={t("definitions.field.ends")}
            description={t("definitions.field.scheduleHint")}
            {...form.getInputProps("ends")}
          />
        </div>
      </Card>
      <OfferLimits form={form} />
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
