import { ActionIcon, Button, Menu, NumberInput, SegmentedControl, Select, Switch, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useEffect, useRef } from "react";
import type { Versioned } from "../api/definitions.ts";
import { type IdentitySpec, RULES_ID } from "../api/identity.ts";
import type { Definition } from "../api/types.ts";
import { Icon } from "../icons/Icon.tsx";
import { formatPercent } from "../i18n/format.ts";
import { t } from "../i18n/t.ts";
import { Card } from "../parts/Card.tsx";
import { DefinitionForm } from "./DefinitionForm.tsx";
import { AccountFields } from "./identity-accounts.tsx";
import { useEditing } from "./editing.ts";
import css from "./Identity.module.css";
import { PolicyFields, ProbableFields } from "./identity-probable.tsx";
import {
  added,
  begunFrom,
  type IdentityValues,
  isNetwork,
  KITH_DEFAULT,
  moved,
  type NamespaceValues,
  type Preset,
  specOf,
  thresholdFault,
  valuesOf,
} from "./identity-values.ts";
import { SaveBar } from "./SaveBar.tsx";
import { useSubmission } from "./submit.ts";

const LIMIT_MAX = 1_000;
const DAYS_MAX = 3_650;
const NAMES: Preset[] = ["kith", "segment", "conversion", "link", "strict"];
const CLEANERS = ["none", "lower", "email", "phone"] as const;
const FIELDS: Record<string, string> = {
  "spec.blocked_values": "blocked",
  "spec.generic_after": "genericAfter",
  "spec.generic_days": "genericDays",
  "spec.alarm_after": "alarmAfter",
  "spec.mail_providers": "mailProviders",
  "spec.account_networks": "networks",
  "spec.probabilistic.consent": "consent",
  "spec.probabilistic.strict_percent": "strictPercent",
  "spec.probabilistic.loose_percent": "loosePercent",
  "spec.probabilistic.review_percent": "reviewPercent",
};

interface IdentityFormProps {
  known: Versioned<IdentitySpec> | null;
  onSpec: (spec: IdentitySpec) => void;
  onSaved: (definition: Definition<IdentitySpec>) => void;
}

export function IdentityForm({ known, onSpec, onSaved }: IdentityFormProps) {
  const form = useForm<IdentityValues>({
    initialValues: valuesOf(known?.definition.spec ?? KITH_DEFAULT),
    validate: {
      namespaces: { name: (name, values) => nameError(name, values.namespaces) },
      networks: {
        network: (text) => (isNetwork(text) ? null : t("identity.rules.accounts.networkWrong")),
        account: (text) => (text.trim() ? null : t("identity.rules.required")),
      },
      loosePercent: (_, values) => thresholdError("loosePercent", values),
      reviewPercent: (_, values) => thresholdError("reviewPercent", values),
    },
  });
  const submission = useSubmission(form, [], FIELDS);
  const editing = useEditing("identity", known);
  const { values } = form;
  const spec = specOf(values);
  const written = JSON.stringify(spec);
  const report = useRef(onSpec);
  report.current = onSpec;
  useEffect(() => report.current(JSON.parse(written)), [written]);

  async function submit() {
    await submission.send(async () => {
      const name = known?.definition.name || t("identity.rules.title");
      const result = await editing.save(RULES_ID, { name, spec });
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
      <Card
        title={t("identity.rules.namespaces")}
        note={t("identity.rules.namespacesNote")}
        actions={<Presets onChoose={(preset) => form.setValues(valuesOf(begunFrom(preset, spec)))} />}
        flush
      >
        <ol>
          {values.namespaces.map((one, at) => (
            <NamespaceFields
              key={one.key}
              one={one}
              error={form.errors[`namespaces.${at}.name`]}
              first={at === 0}
              last={at === values.namespaces.length - 1}
              onChange={(change) =>
                form.setFieldValue(
                  "namespaces",
                  values.namespaces.map((each, place) => (place === at ? { ...each, ...change } : each)),
                )
              }
              onMove={(by) => form.setFieldValue("namespaces", moved(values.namespaces, at, by))}
              onRemove={() => form.removeListItem("namespaces", at)}
            />
          ))}
        </ol>
        <div className={css.add}>
          <Button
            variant="default"
            size="xs"
            leftSection={<Icon name="plus" size={15} />}
            onClick={() => form.setFieldValue("namespaces", added(values.namespaces))}
          >
            {t("identity.rules.add")}
          </Button>
        </div>
      </Card>
      <Card title={t("identity.rules.generic")}>
        <div className="k-stack">
          <div className={css.pair}>
            <NumberInput
              label={t("identity.rules.genericAfter")}
              description={t("identity.rules.genericAfterHint")}
              suffix={t("identity.rules.genericAfterSuffix")}
              min={1}
              allowDecimal={false}
              {...form.getInputProps("genericAfter")}
            />
            <NumberInput
              label={t("identity.rules.genericDays")}
              description={t("identity.rules.genericDaysHint")}
              min={1}
              max={DAYS_MAX}
              allowDecimal={false}
              {...form.getInputProps("genericDays")}
            />
            <NumberInput
              label={t("identity.rules.alarm")}
              description={t("identity.rules.alarmHint")}
              suffix={t("identity.rules.alarmSuffix")}
              min={2}
              allowDecimal={false}
              {...form.getInputProps("alarmAfter")}
            />
          </div>
          <div className="k-stack-tight">
            <p id="identity-device" className={css.label}>
              {t("identity.rules.device")}
            </p>
            <div>
              <SegmentedControl
                aria-labelledby="identity-device"
                data={[
                  { value: "nobody", label: t("identity.rules.deviceNobody") },
                  { value: "first", label: t("identity.rules.deviceFirst") },
                ]}
                {...form.getInputProps("sharedDevice")}
              />
            </div>
          </div>
          <Textarea
            label={t("identity.rules.blocked")}
            description={`${t("identity.rules.blockedHint")} ${t("identity.rules.blockedCount", {
              count: spec.blocked_values.length,
            })}`}
            autosize
            minRows={3}
            maxRows={8}
            classNames={{ input: css.code }}
            {...form.getInputProps("blocked")}
          />
        </div>
      </Card>
      <AccountFields form={form} />
      <ProbableFields form={form} />
      <PolicyFields form={form} />
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

function nameError(name: string, all: NamespaceValues[]): string | null {
  if (!name.trim()) return t("identity.rules.required");
  const same = all.filter((one) => one.name.trim() === name.trim());
  return same.length > 1 ? t("identity.rules.duplicate") : null;
}

function thresholdError(field: "loosePercent" | "reviewPercent", values: IdentityValues) {
  const most = formatPercent(Number(values.strictPercent) / 100);
  return thresholdFault(field, values) ? t("identity.rules.probable.tooHigh", { most }) : null;
}

function Presets({ onChoose }: { onChoose: (preset: Preset) => void }) {
  return (
    <Menu position="bottom-end" width={320}>
      <Menu.Target>
        <Button size="xs" variant="default" rightSection={<Icon name="down" size={14} />}>
          {t("identity.rules.preset")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("identity.rules.presetHint")}</Menu.Label>
        {NAMES.map((preset) => (
          <Menu.Item key={preset} onClick={() => onChoose(preset)}>
            <span className="k-stack-tight">
              <span>{t(`identity.rules.presets.${preset}`)}</span>
              <span className="k-tiny k-muted">{t(`identity.rules.presets.${preset}Text`)}</span>
            </span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

interface NamespaceFieldsProps {
  one: NamespaceValues;
  error: React.ReactNode;
  first: boolean;
  last: boolean;
  onChange: (change: Partial<NamespaceValues>) => void;
  onMove: (by: 1 | -1) => void;
  onRemove: () => void;
}

function NamespaceFields(props: NamespaceFieldsProps) {
  const { one, error, first, last, onChange, onMove, onRemove } = props;
  const name = one.name || t("identity.rules.unnamed");
  return (
    <li className={css.namespace}>
      <fieldset className={css.fields}>
        <legend className="k-hidden">{name}</legend>
        <TextInput
          label={t("identity.rules.name")}
          placeholder={t("identity.rules.nameHint")}
          value={one.name}
          error={error}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
        />
        <NumberInput
          label={t("identity.rules.limit")}
          min={1}
          max={LIMIT_MAX}
          allowDecimal={false}
          disabled={one.unique}
          value={one.unique ? 1 : one.limit}
          onChange={(limit) => onChange({ limit })}
        />
        <NumberInput
          label={t("identity.rules.days")}
          placeholder={t("identity.rules.daysHint")}
          min={1}
          max={DAYS_MAX}
          allowDecimal={false}
          disabled={one.unique}
          value={one.unique ? "" : one.days}
          onChange={(days) => onChange({ days })}
        />
        <Select
          label={t("identity.rules.normalise")}
          allowDeselect={false}
          data={CLEANERS.map((value) => ({
            value,
            label: t(`identity.rules.normaliseAs.${value}`),
          }))}
          value={one.normalise}
          onChange={(normalise) =>
            onChange({ normalise: normalise as NamespaceValues["normalise"] })
          }
        />
      </fieldset>
      <div className={css.switches}>
        {(["unique", "joins", "immutable"] as const).map((flag) => (
          <Switch
            key={flag}
            size="xs"
            label={t(`identity.rules.${flag}`)}
            title={t(`identity.rules.${flag}Hint`)}
            checked={one[flag]}
            onChange={(event) => onChange({ [flag]: event.currentTarget.checked })}
          />
        ))}
        <span className={css.moves}>
          <Tool icon="up" label={t("identity.rules.up", { name })} off={first} onClick={() => onMove(-1)} />
          <Tool icon="down" label={t("identity.rules.down", { name })} off={last} onClick={() => onMove(1)} />
          <Tool
            icon="trash"
            label={t("identity.rules.remove", { name })}
            off={first && last}
            onClick={onRemove}
          />
        </span>
      </div>
    </li>
  );
}

interface ToolProps {
  icon: "up" | "down" | "trash";
  label: string;
  off: boolean;
  onClick: () => void;
}

function Tool({ icon, label, off, onClick }: ToolProps) {
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={28}
      aria-label={label}
      title={label}
      disabled={off}
      onClick={onClick}
    >
      <Icon name={icon} size={16} />
    </ActionIcon>
  );
}
