import { Button, Select, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQueryClient } from "@tanstack/react-query";
import { putDefinition } from "../api/definitions.ts";
import { t } from "../i18n/t.ts";
import { Failure } from "../parts/Failure.tsx";
import css from "./Form.module.css";
import { slugOf } from "./slug.ts";
import { specOf, valuesOf } from "./source-values.ts";
import { useSubmission } from "./submit.ts";

const TYPES = ["web", "server", "app"] as const;

interface QuickSourceFormProps {
  onDone: (id: string) => void;
  onCancel?: () => void;
}

/** A source by its name and type alone; the rest has good defaults. */
export function QuickSourceForm({ onDone, onCancel }: QuickSourceFormProps) {
  const queryClient = useQueryClient();
  const form = useForm({
    initialValues: { name: "", type: "web" as (typeof TYPES)[number] },
    validate: { name: (value) => (slugOf(value) ? null : t("definitions.required")) },
  });
  const submission = useSubmission(form, ["name"], { id: "name", "spec.type": "type" });

  async function submit({ name, type }: typeof form.values) {
    const id = slugOf(name);
    const spec = specOf({ ...valuesOf(), type });
    const done = await submission.send(async () => {
      await putDefinition("source", id, { name: name.trim(), spec }, null);
      await queryClient.invalidateQueries({ queryKey: ["definitions", "source"] });
    });
    if (done) onDone(id);
  }

  return (
    <form onSubmit={form.onSubmit(submit)} noValidate className="k-stack">
      {submission.error && <Failure error={submission.error} />}
      <div className={css.pair}>
        <TextInput
          label={t("install.sourceName")}
          description={t("install.sourceNameHint")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          {...form.getInputProps("name")}
        />
        <Select
          label={t("install.sourceType")}
          data={TYPES.map((type) => ({ value: type, label: t(`install.types.${type}`) }))}
          allowDeselect={false}
          {...form.getInputProps("type")}
        />
      </div>
      <div className="k-row">
        <Button type="submit" loading={submission.busy}>
          {t("parts.create")}
        </Button>
        {onCancel && (
          <Button variant="subtle" color="gray" onClick={onCancel}>
            {t("parts.cancel")}
          </Button>
        )}
      </div>
    </form>
  );
}
