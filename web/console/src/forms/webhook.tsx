import { Checkbox, MultiSelect, Switch, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useInfiniteQuery } from "@tanstack/react-query";
import { audiencesQuery } from "../api/audiences.ts";
import type { Versioned } from "../api/definitions.ts";
import type { Definition, WebhookSpec } from "../api/types.ts";
import { t } from "../i18n/t.ts";
import { Card } from "../parts/Card.tsx";
import { DefinitionForm } from "./DefinitionForm.tsx";
import { useEditing } from "./editing.ts";
import css from "./Form.module.css";
import { IdField } from "./IdField.tsx";
import { SaveBar } from "./SaveBar.tsx";
import { isId } from "./slug.ts";
import { useSubmission } from "./submit.ts";

const INPUTS = [
  "url",
  "audiences",
  "events",
  "trait_changes",
  "traits",
  "identifiers",
  "consent",
  "description",
];
const RENAMED = Object.fromEntries(INPUTS.map((name) => [`spec.${name}`, name]));
const EVENTS = ["entered", "left"] as const;

interface WebhookFormProps {
  known: Versioned<WebhookSpec> | null;
  onSaved: (definition: Definition<WebhookSpec>) => unknown;
}

export function WebhookForm({ known, onSaved }: WebhookFormProps) {
  const spec = known?.definition.spec;
  const audiences = useInfiniteQuery(audiencesQuery);
  const choices = audiences.data?.pages.flatMap((page) => page.items) ?? [];
  const form = useForm({
    initialValues: {
      id: known?.definition.id ?? "",
      name: known?.definition.name ?? "",
      description: spec?.description ?? "",
      url: spec?.url ?? "",
      enabled: spec?.enabled ?? true,
      audiences: spec?.audiences ?? [],
      events: spec?.events ?? [...EVENTS],
      trait_changes: spec?.trait_changes ?? [],
      traits: spec?.traits ?? [],
      identifiers: spec?.identifiers ?? ["user_id"],
      consent: spec?.consent ?? "",
    },
    validate: {
      id: (value) => (isId(value) ? null : t("definitions.idWrong")),
      name: (value) => (value.trim() ? null : t("definitions.required")),
      url: (value) => (/^https?:\/\/\S+$/.test(value.trim()) ? null : t("webhooks.form.urlWrong")),
      audiences: (value, { trait_changes }) =>
        value.length + trait_changes.length > 0 ? null : t("webhooks.form.audiencesNone"),
      events: (value) => (value.length > 0 ? null : t("webhooks.form.eventsNone")),
    },
  });
  const submission = useSubmission(form, ["id", "name"], RENAMED);
  const editing = useEditing("webhook", known);

  async function submit({ id, name, ...members }: typeof form.values) {
    await submission.send(async () => {
      const { url, consent, description } = members;
      const texts = { url: url.trim(), consent: consent.trim(), description: description.trim() };
      const written = { ...spec, ...members, ...texts };
      const result = await editing.save(id, { name: name.trim(), spec: written });
      if (result === "conflict") return;
      form.resetDirty();
      await onSaved(result);
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
      <Card title={t("webhooks.form.where")}>
        <div className="k-stack">
          <IdField form={form} locked={known !== null} />
          <TextInput
            label={t("webhooks.form.url")}
            description={t("webhooks.form.urlHint")}
            placeholder="https://crm.example/hooks/kith"
            spellCheck={false}
            classNames={{ input: css.code! }}
            {...form.getInputProps("url")}
          />
          <Textarea
            label={t("definitions.field.description")}
            autosize
            minRows={1}
            maxRows={6}
            {...form.getInputProps("description")}
          />
          <Switch
            label={t("webhooks.form.enabled")}
            description={t("webhooks.form.enabledHint")}
            {...form.getInputProps("enabled", { type: "checkbox" })}
          />
        </div>
      </Card>
      <Card title={t("webhooks.form.what")}>
        <div className="k-stack">
          <MultiSelect
            label={t("webhooks.form.audiences")}
            description={t("webhooks.form.audiencesHint")}
            data={choices.map((one) => ({
              value: one.audience_id,
              label: one.name || one.audience_id,
            }))}
            searchable
            {...form.getInputProps("audiences")}
          />
          <Checkbox.Group label={t("webhooks.form.events")} {...form.getInputProps("events")}>
            <div className={css.choices}>
              {EVENTS.map((event) => (
                <Checkbox key={event} value={event} label={t(`webhooks.form.${event}`)} />
              ))}
            </div>
          </Checkbox.Group>
          <TagsInput
            label={t("webhooks.form.traitChanges")}
            description={t("webhooks.form.traitChangesHint")}
            {...form.getInputProps("trait_changes")}
          />
        </div>
      </Card>
      <Card title={t("webhooks.form.carries")} note={t("webhooks.form.carriesNote")}>
        <div className="k-stack">
          <TagsInput
            label={t("webhooks.form.identifiers")}
            description={t("webhooks.form.identifiersHint")}
            {...form.getInputProps("identifiers")}
          />
          <TagsInput
            label={t("webhooks.form.traits")}
            description={t("webhooks.form.traitsHint")}
            {...form.getInputProps("traits")}
          />
          <TextInput
            label={t("webhooks.form.consent")}
            description={t("webhooks.form.consentHint")}
            spellCheck={false}
            {...form.getInputProps("consent")}
          />
        </div>
      </Card>
      <SaveBar
        dirty={form.isDirty()}
        busy={submission.busy}
        isNew={known === null}
        blocked={editing.conflict !== null}
        rest={known ? t("definitions.revision", { revision: known.definition.revision }) : ""}
        onDiscard={() => form.reset()}
      />
    </DefinitionForm>
  );
}
