import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { setUp } from "../api/session.ts";
import { t } from "../i18n/t.ts";
import { Failure } from "../parts/Failure.tsx";
import { useSubmission } from "./submit.ts";

const INPUTS = ["name", "email", "password"];
const PASSWORD_MIN_CHARS = 12;
const EMAIL = /^[^\s@]+@[^\s@]+$/;

export function AdministratorForm({ onDone }: { onDone: () => void }) {
  const form = useForm({
    initialValues: { name: "", email: "", password: "" },
    validate: {
      name: (value) => (value.trim() ? null : t("session.nameMissing")),
      email: (value) => (EMAIL.test(value.trim()) ? null : t("session.emailWrong")),
      password: (value) => (value.length >= PASSWORD_MIN_CHARS ? null : t("session.passwordShort")),
    },
  });
  const submission = useSubmission(form, INPUTS);

  async function submit(values: typeof form.values) {
    if (await submission.send(() => setUp(values))) onDone();
  }

  return (
    <form onSubmit={form.onSubmit(submit)} noValidate className="k-stack">
      {submission.error && <Failure error={submission.error} />}
      <TextInput
        label={t("session.name")}
        autoComplete="name"
        size="md"
        {...form.getInputProps("name")}
      />
      <TextInput
        label={t("session.email")}
        type="email"
        autoComplete="username"
        size="md"
        {...form.getInputProps("email")}
      />
      <PasswordInput
        label={t("session.password")}
        description={t("session.passwordHint")}
        autoComplete="new-password"
        size="md"
        {...form.getInputProps("password")}
      />
      <Button type="submit" size="md" loading={submission.busy} fullWidth mt={6}>
        {t("session.createAdministrator")}
      </Button>
    </form>
  );
}
