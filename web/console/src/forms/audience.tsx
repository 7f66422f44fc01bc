import { SegmentedControl, Textarea } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import type { AudienceSpec } from "../api/audience-wire.ts";
import type { Versioned } from "../api/definitions.ts";
import type { Definition } from "../api/types.ts";
import { t } from "../i18n/t.ts";
import { Card } from "../parts/Card.tsx";
import type { Known } from "../rules/facts.ts";
import { RuleEditor } from "../rules/RuleEditor.tsx";
import type { EditedRule } from "../rules/use-rule.ts";
import { DefinitionForm } from "./DefinitionForm.tsx";
import { useEditing } from "./editing.ts";
import css from "./Form.module.css";
import { IdField } from "./IdField.tsx";
import { SaveBar } from "./SaveBar.tsx";
import { isId } from "./slug.ts";
import { useSubmission } from "./submit.ts";

interface AudienceFormProps {
  known: Versioned<AudienceSpec> | null;
  rule: EditedRule;
  facts: Known;
  type: AudienceSpec["type"];
  onType: (type: AudienceSpec["type"]) => void;
  /** Something beside the form waits to be sent with it. */
  waiting: boolean;
  onSaved: (definition: Definition<AudienceSpec>) => unknown;
}

export function AudienceForm(props: AudienceFormProps) {
  const { known, rule, facts, type, onType, waiting, onSaved } = props;
  const spec = known?.definition.spec;
  const form = useForm({
    initialValues: {
      id: known?.definition.id ?? "",
      name: known?.definition.name ?? "",
      description: spec?.description ?? "",
      when: "",
    },
    validate: {
      id: (value) => (isId(value) ? null : t("definitions.idWrong")),
      name: (value) => (value.trim() ? null : t("definitions.required")),
    },
  });
  const submission = useSubmission(form, ["id", "name"], {
    "spec.description": "description",
    "spec.when": "when",
  });
  const editing = useEditing("audience", known);
  const [insist, setInsist] = useState(false);
  const [leaving, setLeaving] = useState(false);

  async function submit({ id, name, description }: typeof form.values) {
    await submission.send(async () => {
      const when = type === "rule" ? await ruleText() : "";
      if (when === null) return;
      const written = { ...spec, description: description.trim(), type, when };
      setInsist(false);
      const result = await editing.save(id, { name: name.trim(), spec: written });
      if (result === "conflict") return;
      form.resetDirty();
      setLeaving(true);
      await onSaved(result);
    });
  }

  /** Null: there is something to finish first. */
  async function ruleText(): Promise<string | null> {
    const resolved = await rule.resolve();
    if (resolved === "unfinished" || resolved.tree == null) {
      setInsist(true);
      const nothing = rule.view === "builder" ? rule.root?.parts.length === 0 : !rule.text.trim();
      const unread = resolved !== "unfinished";
      requestAnimationFrame(showFirstUnfinished);
      form.setFieldError(
        "when",
        nothing ? t("rules.empty") : unread ? t("rules.textFirst") : t("rules.finishFirst"),
      );
      return null;
    }
    form.clearFieldError("when");
    return resolved.text;
  }

  const refused = form.errors.when as string | undefined;
  // Once the marked places are filled in, what was said about them is no longer true.
  const finished = rule.lacking.length === 0 && (rule.root?.parts.length ?? 1) > 0;
  const dirty = form.isDirty() || rule.dirty || waiting;
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
          {known === null && (
            <div className="k-stack-tight">
              <div>
                <SegmentedControl
                  aria-label={t("audiences.type")}
                  value={type}
                  data={[
                    { value: "rule", label: t("audiences.typeRule") },
                    { value: "list", label: t("audiences.typeList") },
                  ]}
                  onChange={(value) => onType(value as AudienceSpec["type"])}
                />
              </div>
              <p className={css.hint}>
                {type === "rule" ? t("audiences.typeRuleHint") : t("audiences.typeListHint")}
              </p>
            </div>
          )}
        </div>
      </Card>
      {type === "rule" && (
        <RuleEditor
          title={t("audiences.who")}
          note={t("audiences.whoNote")}
          rule={rule}
          known={facts}
          insist={insist}
          refused={insist && finished ? undefined : refused}
        />
      )}
      <SaveBar
        dirty={dirty && !leaving}
        busy={submission.busy}
        isNew={known === null}
        blocked={editing.conflict !== null}
        rest={known ? t("definitions.revision", { revision: known.definition.revision }) : ""}
        onDiscard={() => {
          form.reset();
          rule.reset();
        }}
      />
    </DefinitionForm>
  );
}

/** Scrolls to the first part that is marked, and puts the cursor into its first empty input. */
function showFirstUnfinished(): void {
  const part = document.querySelector('[data-unfinished="true"][data-insist="true"]');
  const inputs = [...(part?.querySelectorAll<HTMLInputElement>("input, select") ?? [])];
  part?.scrollIntoView({ block: "center" });
  (inputs.find(({ value, type }) => value === "" && type !== "hidden") ?? inputs[0])?.focus();
}
