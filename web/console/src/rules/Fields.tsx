/** The small inputs that conditions are put together from. */
import { Autocomplete, NativeSelect, NumberInput } from "@mantine/core";
import { use } from "react";
import { t } from "../i18n/t.ts";
import { BuilderContext } from "./builder-context.ts";
import { USUAL_EVENTS } from "./facts.ts";
import css from "./Fields.module.css";
import { CALENDARS, type Events, type Length, UNITS, type Unit, type Window } from "./model.ts";

interface FieldProps<Value> {
  value: Value;
  onChange: (value: Value) => void;
}

interface ChoiceProps extends FieldProps<string> {
  label: string;
  data: React.ComponentProps<typeof NativeSelect>["data"];
}

/** A native select as wide as what is chosen needs. */
export function Choice({ label, value, data, onChange }: ChoiceProps) {
  return (
    <NativeSelect
      size="xs"
      aria-label={label}
      className={css.choice}
      value={value}
      data={data}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

interface NameProps extends FieldProps<string> {
  label: string;
  placeholder?: string;
  suggestions: readonly string[];
}

/** A name, with those that are usual or known to choose from; any other can be typed. */
export function NameField({ label, placeholder, value, suggestions, onChange }: NameProps) {
  return (
    <Autocomplete
      size="xs"
      aria-label={label}
      placeholder={placeholder}
      className={css.name}
      value={value}
      data={[...new Set(suggestions)]}
      limit={40}
      maxDropdownHeight={260}
      comboboxProps={{ withinPortal: false }}
      spellCheck={false}
      autoCapitalize="off"
      onChange={onChange}
    />
  );
}

interface NumberProps extends FieldProps<number | ""> {
  label: string;
  min?: number;
  max?: number;
  whole?: boolean;
  suffix?: string;
}

export function NumberField({ label, value, min, max, whole, suffix, onChange }: NumberProps) {
  return (
    <NumberInput
      size="xs"
      aria-label={label}
      className={css.number}
      value={value}
      hideControls
      {...(min !== undefined && { min })}
      {...(max !== undefined && { max })}
      {...(suffix && { suffix })}
      allowDecimal={!whole}
      onChange={(given) => onChange(typeof given === "number" ? given : "")}
    />
  );
}

/** `label` begins both accessible names, so that several lengths can be told apart. */
export function LengthField({ label, value, onChange }: FieldProps<Length> & { label: string }) {
  return (
    <span className={css.together}>
      <NumberField
        label={`${label}: ${t("rules.count")}`}
        value={value.count}
        min={1}
        whole
        onChange={(count) => onChange({ ...value, count })}
      />
      <Choice
        label={`${label}: ${t("rules.unit")}`}
        value={value.unit}
        data={UNITS.map((unit) => ({ value: unit, label: t(`rules.units.${unit}`) }))}
        onChange={(unit) => onChange({ ...value, unit: unit as Unit })}
      />
    </span>
  );
}

const KINDS: Events["kind"][] = ["track", "page", "screen", "identify", "any"];

export function EventsField({ value, onChange }: FieldProps<Events>) {
  const { known } = use(BuilderContext);
  const named = value.kind === "track" || value.kind === "page" || value.kind === "screen";
  return (
    <>
      <Choice
        label={t("rules.eventKind")}
        value={value.kind}
        data={KINDS.map((kind) => ({ value: kind, label: t(`rules.eventKinds.${kind}`) }))}
        onChange={(kind) => onChange({ ...value, kind: kind as Events["kind"] })}
      />
      {named && (
        <NameField
          label={t("rules.eventName")}
          placeholder={
            value.kind === "track" ? t("rules.placeholder.event") : t("rules.placeholder.anyPage")
          }
          value={value.name}
          suggestions={value.kind === "track" ? [...known.events, ...USUAL_EVENTS] : []}
          onChange={(name) => onChange({ ...value, name })}
        />
      )}
    </>
  );
}

const NEW_WINDOWS: Record<string, Window> = {
  ever: { type: "ever" },
  rolling: { type: "rolling", length: { count: 30, unit: "day" } },
  days: { type: "days", count: 7 },
  ...Object.fromEntries(CALENDARS.map((name) => [name, { type: "calendar", name } as const])),
};
const WINDOWS = ["ever", "rolling", ...CALENDARS, "days"] as const;

export function WindowField({ value, onChange }: FieldProps<Window>) {
  const chosen = value.type === "calendar" ? value.name : value.type;
  return (
    <span className={css.together}>
      <Choice
        label={t("rules.window")}
        value={chosen}
        data={WINDOWS.map((name) => ({ value: name, label: t(`rules.windows.${name}`) }))}
        onChange={(name) => onChange(NEW_WINDOWS[name]!)}
      />
      {value.type === "rolling" && (
        <LengthField
          label={t("rules.window")}
          value={value.length}
          onChange={(length) => onChange({ ...value, length })}
        />
      )}
      {value.type === "days" && (
        <NumberField
          label={t("rules.calendarDays")}
          value={value.count}
          min={1}
          max={400}
          whole
          onChange={(count) => onChange({ ...value, count })}
        />
      )}
    </span>
  );
}
