import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { signIn } from "../api/session.ts";
import { t } from "../i18n/t.ts";
import { Failure } from "../parts/Failure.tsx";
import { useSubmission } from "./submit.ts";

const INPUTS = ["email", "password"];

export function SignInForm({ onDone }: { onDone: () => void }) {
  const form = useForm({
    initialValues: { email: "", password: "" },
    validate: {
      email: (value) => (value.trim() ? null : t("session.emailWrong")),
      password: (value) => (value ? null : t("definitions.required")),
    },
  });
  const submission = useSubmission(form, INPUTS);

  async function submit(values: typeof form.values) {
    if (await submission.send(() => signIn(values))) onDone();
  }

  return (
    <form onSubmit={form.onSubmit(submit)} noValidate className="k-stack">
      {submission.error && <Failure error={submission.error} />}
      <TextInput
        label={t("session.email")}
        type="email"
        autoComplete="username"
        size="md"
        {...form.getInputProps("email")}
      />
      <PasswordInput
        label={t("session.password")}
        autoComplete="current-password"
        size="md"
        {...form.getInputProps("password")}
      />
      <Button type="submit" size="md" loading={submission.busy} fullWidth mt={6}>
        {t("session.signIn")}
      </Button>
    </form>
  );
}
