import { NativeSelect, TagsInput, TextInput } from "@mantine/core";
import { use } from "react";
import { t, tMaybe } from "../i18n/t.ts";
import { BuilderContext } from "./builder-context.ts";
import { holdsOf, WEEKDAYS } from "./facts.ts";
import { Choice, LengthField, NumberField } from "./Fields.tsx";
import css from "./Fields.module.css";
import type { Check, Subject } from "./model.ts";
import { type Operator, type OperatorGroup, operatorOf, operatorsFor } from "./operators.ts";
import type { Literal } from "./tree.ts";

interface CheckFieldsProps {
  subject: Subject;
  check: Check;
  onChange: (check: Check) => void;
}

export function CheckFields({ subject, check, onChange }: CheckFieldsProps) {
  const { known } = use(BuilderContext);
  const operator = operatorOf(check.operator);
  const offered = operatorsFor(subject.type, holdsOf(subject, known));
  // A rule written as text may ask what the menu would not offer.
  const all = offered.includes(operator) ? offered : [operator, ...offered];
  return (
    <>
      <Choice
        label={t("rules.operator")}
        value={operator.id}
        data={options(all, subject)}
        onChange={(id) => onChange({ ...check, operator: id })}
      />
      <Value subject={subject} check={check} onChange={onChange} />
    </>
  );
}

function options(operators: Operator[], subject: Subject) {
  const option = ({ id }: Operator) => ({ value: id, label: wordsFor(id, subject) });
  const groups = [...new Set(operators.map(({ group }) => group))];
  if (groups.length < 3) return operators.map(option);
  return groups.map((group: OperatorGroup) => ({
    group: t(`rules.groups.${group}`),
    items: operators.filter((one) => one.group === group).map(option),
  }));
}

function wordsFor(id: string, subject: Subject): string {
  return (
    tMaybe(`rules.flagWords.${subject.type}.${id}`) ??
    tMaybe(`rules.numberWords.${id}`) ??
    tMaybe(`rules.operators.${id}`) ??
    id
  );
}

/** Shares are stored from 0 to 1 and shown as percent. */
const PERCENT = 100;

function Value({ subject, check, onChange }: CheckFieldsProps) {
  const { slot, id } = operatorOf(check.operator);
  const set = (given: Partial<Check>) => onChange({ ...check, ...given });
  switch (slot) {
    case "text":
      return subject.type === "weekday" ? (
        <NativeSelect
          size="xs"
          aria-label={t("rules.value")}
          value={check.text}
          data={[{ value: "", label: t("rules.choose") }, ...weekdays()]}
          onChange={(event) => set({ text: event.currentTarget.value })}
        />
      ) : (
        <TextInput
          size="xs"
          aria-label={t("rules.value")}
          placeholder={id === "matches" ? t("rules.matchesHint") : t("rules.placeholder.value")}
          className={css.text}
          value={check.text}
          onChange={(event) => set({ text: event.currentTarget.value })}
        />
      );
    case "number": {
      const scale = subject.type === "affinity" ? PERCENT : 1;
      const { number } = check;
      return (
        <NumberField
          label={t("rules.value")}
          value={number === "" ? "" : Math.round(number * scale * 1e6) / 1e6}
          {...(scale > 1 && { min: 0, max: PERCENT, suffix: " %" })}
          {...(subject.type === "hour" && { min: 0, max: 23, whole: true })}
          onChange={(given) => set({ number: given === "" ? "" : given / scale })}
        />
      );
    }
    case "list":
      return <Values subject={subject} list={check.list} onChange={(list) => set({ list })} />;
    case "length":
      return (
        <LengthField
          label={t("rules.value")}
          value={check.length}
          onChange={(length) => set({ length })}
        />
      );
    case "date":
      return (
        <TextInput
          size="xs"
          type="date"
          aria-label={t("rules.value")}
          value={check.date}
          onChange={(event) => set({ date: event.currentTarget.value })}
        />
      );
    default:
      return null;
  }
}

const weekdays = () => WEEKDAYS.map((day) => ({ value: day, label: t(`rules.weekdays.${day}`) }));

interface ValuesProps {
  subject: Subject;
  list: Literal[];
  onChange: (list: Literal[]) => void;
}

function Values({ subject, list, onChange }: ValuesProps) {
  // A list of numbers stays one; of a mixed list every new value is a text.
  const numbers = list.length > 0 && list.every((one) => typeof one === "number");
  const known = new Map(list.map((one) => [String(one), one]));
  const read = (text: string): Literal =>
    known.get(text) ??
    (numbers && text.trim() && Number.isFinite(Number(text)) ? Number(text) : text);
  return (
    <TagsInput
      size="xs"
      aria-label={t("rules.values")}
      placeholder={list.length === 0 ? t("rules.placeholder.list") : ""}
      className={css.list}
      value={[...known.keys()]}
      data={subject.type === "weekday" ? [...WEEKDAYS] : []}
      splitChars={[",", ";", "\n", "\t"]}
      acceptValueOnBlur
      comboboxProps={{ withinPortal: false }}
      onChange={(texts) => onChange(texts.map(read))}
    />
  );
}
