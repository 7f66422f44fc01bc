import { Button } from "@mantine/core";
import { use } from "react";
import { Icon } from "../icons/Icon.tsx";
import { humanise } from "../i18n/format.ts";
import { t } from "../i18n/t.ts";
import { BuilderContext } from "./builder-context.ts";
import {
  BUILT_IN,
  CHANNELS,
  CONSENTS,
  DIMENSIONS,
  IDENTIFIERS,
  USUAL_ACCOUNT_TRAITS,
  USUAL_CONTEXT,
  USUAL_PROPERTIES,
  USUAL_TRAITS,
} from "./facts.ts";
import { Choice, EventsField, NameField, NumberField, WindowField } from "./Fields.tsx";
import { GroupEditor } from "./GroupEditor.tsx";
import {
  type Aggregate,
  FUNCTIONS,
  type FunctionName,
  type Group,
  hasKeys,
  newCondition,
  newGroup,
  propertyOf,
  QUANTIFIERS,
  type Quantifier,
  type Subject,
} from "./model.ts";
import css from "./Rules.module.css";
import { SequenceFields } from "./SequenceFields.tsx";

interface SubjectFieldsProps {
  subject: Subject;
  place: string;
  onChange: (subject: Subject) => void;
}

/** `TOP_MAX` of the server. */
const TOP_MAX = 20;

const NAMES = {
  trait: USUAL_TRAITS,
  account: USUAL_ACCOUNT_TRAITS,
  property: USUAL_PROPERTIES,
  context: USUAL_CONTEXT,
  identifier: IDENTIFIERS,
  reachable: CHANNELS,
  consent: CONSENTS,
} as const;

/** What a condition is about. */
export function SubjectFields({ subject, place, onChange }: SubjectFieldsProps) {
  switch (subject.type) {
    case "trait":
    case "account":
    case "property":
    case "context":
    case "identifier":
    case "reachable":
    case "consent": {
      const { type } = subject;
      const hasHint =
        type === "trait" || type === "account" || type === "property" || type === "context";
      return (
        <NameField
          label={t(`rules.subject.${type}`)}
          {...(hasHint && { placeholder: t(`rules.placeholder.${type}`) })}
          value={subject.name}
          suggestions={NAMES[type]}
          onChange={(name) => onChange({ ...subject, name })}
        />
      );
    }
    case "account_persons":
      return (
        <>
          <Choice
            label={t("rules.quantifierLabel")}
            value={subject.quantifier}
            data={QUANTIFIERS.map((word) => ({ value: word, label: t(`rules.quantifier.${word}`) }))}
            onChange={(word) => onChange({ ...subject, quantifier: word as Quantifier })}
          />
          <Known subject={subject} onChange={onChange} />
        </>
      );
    case "feature":
      return <Feature subject={subject} onChange={onChange} />;
    case "audience":
      return <Known subject={subject} onChange={onChange} />;
    case "affinity":
      return (
        <>
          <Choice
            label={t("rules.dimension")}
            value={subject.dimension}
            data={[...new Set([...DIMENSIONS, subject.dimension])]}
            onChange={(dimension) => onChange({ ...subject, dimension })}
          />
          <NameField
            label={t("rules.interest")}
            placeholder={t("rules.placeholder.affinity")}
            value={subject.name}
            suggestions={[]}
            onChange={(name) => onChange({ ...subject, name })}
          />
        </>
      );
    case "hour":
      return <span className={css.word}>{t("rules.hourIs")}</span>;
    case "weekday":
      return <span className={css.word}>{t("rules.weekdayIs")}</span>;
    case "aggregate":
      return (
        <AggregateFields
          aggregate={subject.aggregate}
          place={place}
          onChange={(aggregate) => onChange({ ...subject, aggregate })}
        />
      );
    case "sequence":
      return (
        <SequenceFields
          sequence={subject.sequence}
          place={place}
          onChange={(sequence) => onChange({ ...subject, sequence })}
        />
      );
  }
}

interface KnownProps {
  subject: Extract<Subject, { type: "feature" | "audience" | "account_persons" }>;
  onChange: (subject: Subject) => void;
}

interface FeatureProps {
  subject: Extract<Subject, { type: "feature" }>;
  onChange: (subject: Subject) => void;
}

/** A feature; of one that is kept by key, one key. */
function Feature({ subject, onChange }: FeatureProps) {
  const { known } = use(BuilderContext);
  const keyed = known.features.find(({ name }) => name === subject.name)?.keyed ?? false;
  return (
    <>
      <Known
        subject={subject}
        onChange={(next) => onChange(next.type === "feature" ? { ...next, key: "" } : next)}
      />
      {(keyed || subject.key) && (
        <>
          <span className={css.word}>{t("rules.keyOf")}</span>
          <NameField
            label={t("rules.key")}
            placeholder={t("rules.placeholder.affinity")}
            value={subject.key}
            suggestions={[]}
            onChange={(key) => onChange({ ...subject, key })}
          />
        </>
      )}
    </>
  );
}

/** A feature or an audience of the workspace. */
function Known({ subject, onChange }: KnownProps) {
  const { known } = use(BuilderContext);
  const choose = { value: "", label: t("rules.choose") };
  const { name } = subject;
  const own =
    subject.type !== "feature"
      ? known.audiences.map((one) => ({ value: one.id, label: one.name || one.id }))
      : known.features
          .filter((one) => !BUILT_IN.some((built) => built.name === one.name))
          .map((one) => ({ value: one.name, label: one.label }));
  const builtIn =
    subject.type === "feature"
      ? BUILT_IN.map((one) => ({ value: one.name, label: humanise(one.name) }))
      : [];
  const listed = [...own, ...builtIn].some(({ value }) => value === name);
  const rest = name && !listed ? [{ value: name, label: name }] : [];
  const data =
    builtIn.length > 0 && own.length > 0
      ? [
          choose,
          ...rest,
          { group: t("rules.own"), items: own },
          { group: t("rules.builtIn"), items: builtIn },
        ]
      : [choose, ...rest, ...own, ...builtIn];
  return (
    <Choice
      label={t(subject.type === "feature" ? "rules.subject.feature" : "rules.subject.audience")}
      value={name}
      data={data}
      onChange={(chosen) => onChange({ ...subject, name: chosen })}
    />
  );
}

interface AggregateFieldsProps {
  aggregate: Aggregate;
  place: string;
  /** Whether it may be a number for each key, which a rule cannot compare. */
  keys?: boolean;
  onChange: (aggregate: Aggregate) => void;
}

export function AggregateFields({ aggregate, place, keys, onChange }: AggregateFieldsProps) {
  const set = (given: Partial<Aggregate>) => onChange({ ...aggregate, ...given });
  const property = propertyOf(aggregate.function);
  const timed = aggregate.function === "first" || aggregate.function === "last";
  return (
    <>
      <Choice
        label={t("rules.functionLabel")}
        value={aggregate.function}
        data={FUNCTIONS.map((name) => ({ value: name, label: t(`rules.function.${name}`) }))}
        onChange={(name) => set({ function: name as FunctionName })}
      />
      {aggregate.function === "top" && (
        <NumberField
          label={t("rules.most")}
          value={aggregate.most}
          min={1}
          max={TOP_MAX}
          whole
          onChange={(most) => set({ most })}
        />
      )}
      {property !== "never" && (
        <>
          <NameField
            label={t("rules.of")}
            placeholder={
              property === "must"
                ? t("rules.placeholder.property")
                : timed
                  ? t("rules.ofTime")
                  : t("rules.ofValue")
            }
            value={aggregate.of}
            suggestions={USUAL_PROPERTIES}
            onChange={(of) => set({ of })}
          />
          <span className={css.word}>{t("rules.ofIn")}</span>
        </>
      )}
      <EventsField value={aggregate.events} onChange={(events) => set({ events })} />
      <WindowField value={aggregate.window} onChange={(window) => set({ window })} />
      {hasKeys(aggregate.function) && (keys || aggregate.by !== null) && (
        <KeyFields aggregate={aggregate} all={keys ?? false} onChange={onChange} />
      )}
      <WhereField where={aggregate.where} place={place} onChange={(where) => set({ where })} />
    </>
  );
}

interface KeyFieldsProps {
  aggregate: Aggregate;
  /** Whether all keys are wanted and not one. */
  all: boolean;
  onChange: (aggregate: Aggregate) => void;
}

/** The property by whose values a number is kept apart. */
function KeyFields({ aggregate, all, onChange }: KeyFieldsProps) {
  if (aggregate.by === null)
    return (
      <Button
        variant="subtle"
        size="compact-xs"
        onClick={() => onChange({ ...aggregate, by: "category" })}
      >
        {t("rules.byKey")}
      </Button>
    );
  return (
    <>
      <span className={css.word}>{t("rules.by")}</span>
      <NameField
        label={t("rules.byLabel")}
        placeholder={t("rules.placeholder.property")}
        value={aggregate.by}
        suggestions={USUAL_PROPERTIES}
        onChange={(by) => onChange({ ...aggregate, by })}
      />
      {!all && (
        <NameField
          label={t("rules.key")}
          placeholder={t("rules.placeholder.affinity")}
          value={aggregate.key}
          suggestions={[]}
          onChange={(key) => onChange({ ...aggregate, key })}
        />
      )}
      <Button
        variant="subtle"
        color="gray"
        size="compact-xs"
        leftSection={<Icon name="close" size={13} />}
        onClick={() => onChange({ ...aggregate, by: null, key: "" })}
      >
        {t("rules.removeBy")}
      </Button>
    </>
  );
}

interface WhereFieldProps {
  where: Group | null;
  place: string;
  onChange: (where: Group | null) => void;
}

/** A rule about each event by itself; on a line of its own when there is one. */
export function WhereField({ where, place, onChange }: WhereFieldProps) {
  const { fresh } = use(BuilderContext);
  if (where === null) {
    return (
      <Button
        variant="subtle"
        size="compact-xs"
        onClick={() => {
          const first = newCondition("property");
          fresh.current = first.key;
          onChange(newGroup("all", [first]));
        }}
      >
        {t("rules.where")}
      </Button>
    );
  }
  return (
    <div className={css.where}>
      <GroupEditor
        group={where}
        place={place}
        scope="event"
        onChange={onChange}
        onRemove={() => onChange(null)}
        actions={
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            leftSection={<Icon name="close" size={13} />}
            onClick={() => onChange(null)}
          >
            {t("rules.removeWhere")}
          </Button>
        }
      />
    </div>
  );
}
