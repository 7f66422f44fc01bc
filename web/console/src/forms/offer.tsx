import { NumberInput, TagsInput, TextInput } from "@mantine/core";
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
  "spec.when": "when",
  "spec.starts_at": "starts",
  "spec.ends_at": "ends",
  "spec.content": "content",
};

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

  const ruleWarning = warnings.find((warning) => warning.field === "spec.when")?.message;
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
          <div className={css.pair}>
            <NumberInput
              label={t("definitions.field.priority")}
              description={t("definitions.field.priorityHint")}
              min={0}
              max={PRIORITY_MAX}
              allowDecimal={false}
              {...form.getInputProps("priority")}
            />
          </div>
        </div>
      </Card>
      <Card>
        <RuleField
          label={t("definitions.field.when")}
          description={t("definitions.field.whenHint")}
          {...form.getInputProps("when")}
          value={form.values.when}
          error={(form.errors.when as string | undefined) ?? ruleWarning}
          checked={ruleChecked}
          traits={traits}
        />
      </Card>
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
