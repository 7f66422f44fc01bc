import { Button, Checkbox, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { createSecretKey } from "../api/keys.ts";
import type { Scope, SecretKeyCreated } from "../api/types.ts";
import { t } from "../i18n/t.ts";
import { Failure } from "../parts/Failure.tsx";
import { useSubmission } from "./submit.ts";

export function SecretKeyForm({ onDone }: { onDone: (key: SecretKeyCreated) => void }) {
  const form = useForm({
    initialValues: { name: "", scopes: ["read"] as Scope[] },
    validate: {
      name: (value) => (value.trim() ? null : t("settings.nameMissing")),
      scopes: (value) => (value.length > 0 ? null : t("settings.scopesMissing")),
    },
  });
  const submission = useSubmission(form, ["name", "scopes"]);

  async function submit({ name, scopes }: typeof form.values) {
    await submission.send(async () => onDone(await createSecretKey(name.trim(), scopes)));
  }

  return (
    <form onSubmit={form.onSubmit(submit)} noValidate className="k-stack">
      {submission.error && <Failure error={submission.error} />}
      <TextInput
        data-autofocus
        label={t("settings.name")}
        description={t("settings.nameHint")}
        {...form.getInputProps("name")}
      />
      <Checkbox.Group label={t("settings.scopes")} {...form.getInputProps("scopes")}>
        <div className="k-stack" style={{ paddingTop: 8 }}>
          <Checkbox value="read" label={t("settings.read")} description={t("settings.readHint")} />
          <Checkbox
            value="write"
            label={t("settings.write")}
            description={t("settings.writeHint")}
          />
        </div>
      </Checkbox.Group>
      <div>
        <Button type="submit" loading={submission.busy}>
          {t("parts.create")}
        </Button>
      </div>
    </form>
  );
}
