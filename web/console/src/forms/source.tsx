import { Checkbox, NumberInput, Select, Switch, TagsInput, TextInput } from "@mantine/core";
import { useForm, type UseFormReturnType } from "@mantine/form";
import type { Versioned } from "../api/definitions.ts";
import type { Definition, SourceSpec } from "../api/types.ts";
import { t } from "../i18n/t.ts";
import { Card } from "../parts/Card.tsx";
import { DefinitionForm } from "./DefinitionForm.tsx";
import { useEditing } from "./editing.ts";
import css from "./Form.module.css";
import { IdField } from "./IdField.tsx";
import { SaveBar } from "./SaveBar.tsx";
import { isId } from "./slug.ts";
import { type SourceValues, specOf, valuesOf, wrongOrigin } from "./source-values.ts";
import { useSubmission } from "./submit.ts";
import { TagPlacementsField } from "./TagPlacementsField.tsx";

const FIELDS: Record<string, string> = {
  "spec.type": "type",
  "spec.enabled": "enabled",
  "spec.origins": "origins",
  "spec.tag.consent.default": "consentDefault",
  "spec.tag.consent.categories": "categories",
  "spec.tag.data_layer": "data_layer",
  "spec.tag.link_domains": "link_domains",
  "spec.tag.hide_timeout_ms": "hide_timeout_ms",
  "spec.tag.placements": "tagPlacements",
};
const TYPES = ["web", "server", "app", "import"] as const;

interface SourceFormProps {
  known: Versioned<SourceSpec> | null;
  onSaved: (definition: Definition<SourceSpec>) => void;
}

export function SourceForm({ known, onSaved }: SourceFormProps) {
  const form = useForm({
    initialValues: valuesOf(known?.definition),
    validate: {
      id: (value) => (isId(value) ? null : t("definitions.idWrong")),
      name: (value) => (value.trim() ? null : t("definitions.required")),
      origins: (value) => {
        const origin = wrongOrigin(value);
        return origin === undefined ? null : t("sources.originWrong", { origin });
      },
    },
  });
  const submission = useSubmission(form, ["id", "name"], FIELDS);
  const editing = useEditing("source", known);

  async function submit(values: SourceValues) {
    await submission.send(async () => {
      const spec = specOf(values, known?.definition.spec);
      const result = await editing.save(values.id, { name: values.name.trim(), spec });
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
      <Card title={t("sources.general")}>
        <div className="k-stack">
          <IdField form={form} locked={known !== null} />
          <div className={css.pair}>
            <Select
              label={t("sources.field.type")}
              data={TYPES.map((type) => ({ value: type, label: t(`install.types.${type}`) }))}
              allowDeselect={false}
              {...form.getInputProps("type")}
            />
          </div>
          <TagsInput
            label={t("sources.field.origins")}
            description={t("sources.field.originsHint")}
            {...form.getInputProps("origins")}
          />
          <Switch
            label={t("sources.field.enabled")}
            description={t("sources.field.enabledHint")}
            {...form.getInputProps("enabled", { type: "checkbox" })}
          />
        </div>
      </Card>
      {form.values.type === "web" && <TagSettings form={form} />}
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

function TagSettings({ form }: { form: UseFormReturnType<SourceValues> }) {
  return (
    <Card title={t("sources.tag")} note={t("sources.tagNote")}>
      <div className="k-stack">
        <div className={css.pair}>
          <Select
            label={t("sources.field.consentDefault")}
            data={[
              { value: "denied", label: t("sources.field.consentDenied") },
              { value: "granted", label: t("sources.field.consentGranted") },
            ]}
            allowDeselect={false}
            {...form.getInputProps("consentDefault")}
          />
          <TagsInput label={t("sources.field.categories")} {...form.getInputProps("categories")} />
        </div>
        <Checkbox
          label={t("sources.field.page_views")}
          {...form.getInputProps("page_views", { type: "checkbox" })}
        />
        <Checkbox
          label={t("sources.field.declarative")}
          {...form.getInputProps("declarative", { type: "checkbox" })}
        />
        <Checkbox
          label={t("sources.field.click_capture")}
          {...form.getInputProps("click_capture", { type: "checkbox" })}
        />
        <div className={css.pair}>
          <TextInput
            label={t("sources.field.data_layer")}
            description={t("sources.field.data_layerHint")}
            {...form.getInputProps("data_layer")}
          />
          <NumberInput
            label={t("sources.field.hide_timeout_ms")}
            description={t("sources.field.hide_timeout_msHint")}
            min={0}
            max={10_000}
            allowDecimal={false}
            suffix=" ms"
            {...form.getInputProps("hide_timeout_ms")}
          />
        </div>
        <TagsInput
          label={t("sources.field.link_domains")}
          description={t("sources.field.link_domainsHint")}
          {...form.getInputProps("link_domains")}
        />
        <TagPlacementsField
          value={form.values.tagPlacements}
          onChange={(value) => form.setFieldValue("tagPlacements", value)}
          error={form.errors.tagPlacements as string | undefined}
        />
      </div>
    </Card>
  );
}
