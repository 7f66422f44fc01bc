import { SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useRef, useState } from "react";
import type { AffinitySpec, FeatureSpec } from "../api/audience-wire.ts";
import type { Versioned } from "../api/definitions.ts";
import type { Definition } from "../api/types.ts";
import { t } from "../i18n/t.ts";
import { Card } from "../parts/Card.tsx";
import { Failure } from "../parts/Failure.tsx";
import { Waiting } from "../parts/Waiting.tsx";
import { BuilderContext } from "../rules/builder-context.ts";
import { BUILT_IN } from "../rules/facts.ts";
import { RuleErrors } from "../rules/RuleText.tsx";
import rulesCss from "../rules/Rules.module.css";
import { AggregateFields } from "../rules/SubjectFields.tsx";
import type { EditedAggregate } from "../rules/use-aggregate.ts";
import { useKnown } from "../rules/use-known.ts";
import { AffinityFields, newAffinity } from "./AffinityFields.tsx";
import { DefinitionForm } from "./DefinitionForm.tsx";
import { useEditing } from "./editing.ts";
import css from "./Form.module.css";
import { IdField } from "./IdField.tsx";
import { SaveBar } from "./SaveBar.tsx";
import { useSubmission } from "./submit.ts";

const ID = /^[a-z0-9_]{1,64}$/;
const TRAIT = /^[A-Za-z_][A-Za-z0-9_]*$/;

interface FeatureFormProps {
  known: Versioned<FeatureSpec> | null;
  value: EditedAggregate;
  affinity: AffinitySpec | null;
  onAffinity: (affinity: AffinitySpec | null) => void;
  onSaved: (definition: Definition<FeatureSpec>) => void;
}

export function FeatureForm({
  known,
  value,
  affinity,
  onAffinity,
  onSaved,
}: FeatureFormProps) {
  const spec = known?.definition.spec;
  const form = useForm({
    initialValues: {
      id: known?.definition.id ?? "",
      name: known?.definition.name ?? "",
      description: spec?.description ?? "",
      trait: spec?.trait ?? "",
      value: "",
    },
    validate: {
      id: idFault,
      name: (name) => (name.trim() ? null : t("definitions.required")),
      trait: (trait) => (!trait || TRAIT.test(trait) ? null : t("features.traitWrong")),
    },
  });
  const submission = useSubmission(form, ["id", "name"], {
    "spec.description": "description",
    "spec.trait": "trait",
    "spec.value": "value",
    "spec.affinity": "value",
    "spec.affinity.attribute": "value",
    "spec.affinity.bounds": "value",
  });
  const editing = useEditing("feature", known);

  async function submit({ id, name, description, trait }: typeof form.values) {
    await submission.send(async () => {
      const text = affinity ? "" : await value.resolve();
      if (text === null) return form.setFieldError("value", t("rules.finishFirst"));
      const written = { ...spec, description: description.trim(), trait, value: text, affinity };
      const result = await editing.save(id, { name: name.trim(), spec: written });
      if (result === "conflict") return;
      form.resetDirty();
      onSaved(result);
    });
  }

  const saved = JSON.stringify(spec?.affinity ?? null);
  const affinityChanged = JSON.stringify(affinity) !== saved;
  const refused = form.errors.value as string | undefined;
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
          <IdField form={form} locked={known !== null} idHint={t("features.idHint")} />
          <Textarea
            label={t("definitions.field.description")}
            autosize
            minRows={1}
            maxRows={6}
            {...form.getInputProps("description")}
          />
        </div>
      </Card>
      <Card title={t("features.kind")}>
        <SegmentedControl
          aria-label={t("features.kind")}
          value={affinity ? "affinity" : "aggregate"}
          data={[
            { value: "aggregate", label: t("features.kindAggregate") },
            { value: "affinity", label: t("features.kindAffinity") },
          ]}
          onChange={(kind) => onAffinity(kind === "affinity" ? newAffinity() : null)}
        />
      </Card>
      {affinity && <AffinityFields value={affinity} onChange={onAffinity} />}
      {!affinity && <Value value={value} />}
      {refused && (affinity || value.value === null) && (
        <p role="alert" className={css.hint}>
          {refused}
        </p>
      )}
      <Card>
        <TextInput
          label={t("features.trait")}
          description={t("features.traitHint")}
          spellCheck={false}
          classNames={{ input: css.code! }}
          {...form.getInputProps("trait")}
        />
      </Card>
      <SaveBar
        dirty={form.isDirty() || value.dirty || affinityChanged}
        busy={submission.busy}
        isNew={known === null}
        blocked={editing.conflict !== null}
        rest={known ? t("definitions.revision", { revision: known.definition.revision }) : ""}
        onDiscard={() => {
          form.reset();
          value.reset();
          onAffinity(spec?.affinity ?? null);
        }}
      />
    </DefinitionForm>
  );
}

function idFault(id: string): string | null {
  if (!ID.test(id)) return t("features.idWrong");
  return BUILT_IN.some(({ name }) => name === id) ? t("features.idBuiltIn") : null;
}

function Value({ value }: { value: EditedAggregate }) {
  const known = useKnown();
  const fresh = useRef<string | null>(null);
  const [unfinished] = useState<ReadonlySet<string>>(() => new Set());
  return (
    <Card
      title={t("features.value")}
      note={t("features.valueNote")}
      actions={
        <SegmentedControl
          size="xs"
          aria-label={t("rules.tabsLabel")}
          value={value.view}
          data={[
            { value: "builder", label: t("rules.tabs.builder") },
            { value: "text", label: t("rules.tabs.text") },
          ]}
          onChange={(view) => value.show(view as "builder" | "text")}
        />
      }
    >
      <div className="k-stack">
        {value.view === "builder" && value.aggregate && (
          <BuilderContext value={{ known, unfinished, insist: false, fresh }}>
            <div className={rulesCss.line} role="group" aria-label={t("features.value")}>
              <AggregateFields
                aggregate={value.aggregate}
                place=""
                keys
                onChange={value.change}
              />
            </div>
          </BuilderContext>
        )}
        {value.view === "builder" && !value.aggregate && value.errors.length === 0 && (
          <Waiting lines={2} height={30} />
        )}
        {value.view === "text" && (
          <Textarea
            aria-label={t("features.value")}
            value={value.text}
            onChange={(event) => value.write(event.currentTarget.value)}
            autosize
            minRows={2}
            maxRows={8}
            spellCheck={false}
            classNames={{ input: css.code! }}
          />
        )}
        <RuleErrors
          errors={value.errors}
          {...((value.view === "text" || !value.aggregate) && { text: value.text })}
        />
        {value.view === "builder" && value.value && (
          <p className={css.hint}>
            <code>{value.value}</code>
          </p>
        )}
        {value.error && <Failure error={value.error} />}
      </div>
    </Card>
  );
}
