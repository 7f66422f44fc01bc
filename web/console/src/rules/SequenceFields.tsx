import { ActionIcon, Button } from "@mantine/core";
import { use } from "react";
import { Icon } from "../icons/Icon.tsx";
import { t } from "../i18n/t.ts";
import { BuilderContext } from "./builder-context.ts";
import { Choice, EventsField, LengthField } from "./Fields.tsx";
import fieldsCss from "./Fields.module.css";
import { newStep, type Sequence, type Step } from "./model.ts";
import css from "./Rules.module.css";
import { WhereField } from "./SubjectFields.tsx";

const STEPS_MAX = 5;

interface SequenceFieldsProps {
  sequence: Sequence;
  place: string;
  onChange: (sequence: Sequence) => void;
}

export function SequenceFields({ sequence, place, onChange }: SequenceFieldsProps) {
  const { steps, absent, window } = sequence;
  const set = (given: Partial<Sequence>) => onChange({ ...sequence, ...given });
  return (
    <div className={css.sequence}>
      <ol className={css.steps} aria-label={t("rules.steps")}>
        {steps.map((step, index) => (
          <li key={step.key}>
            <StepFields
              step={step}
              word={index === 0 ? t("rules.first") : t("rules.next")}
              name={t("rules.step", { number: index + 1 })}
              place={place}
              timed={index === 0 ? "never" : "may"}
              removeLabel={t("rules.removeStep", { number: index + 1 })}
              onChange={(next) => set({ steps: steps.with(index, next) })}
              {...(steps.length > 1 && {
                onRemove: () => set({ steps: steps.toSpliced(index, 1) }),
              })}
            />
          </li>
        ))}
        {absent && (
          <li data-absent="true">
            <StepFields
              step={absent}
              word={t("rules.absent")}
              name={t("rules.absent")}
              place={place}
              timed="must"
              removeLabel={t("rules.removeAbsent")}
              onChange={(next) => set({ absent: next })}
              {...(steps.length > 0 && { onRemove: () => set({ absent: null }) })}
            />
          </li>
        )}
      </ol>
      <div className={css.line}>
        {steps.length < STEPS_MAX && (
          <Button
            variant="subtle"
            size="compact-xs"
            leftSection={<Icon name="plus" size={13} />}
            onClick={() =>
              set({ steps: [...steps, newStep({ within: { count: 1, unit: "day" } })] })
            }
          >
            {t("rules.addStep")}
          </Button>
        )}
        {!absent && (
          <Button
            variant="subtle"
            size="compact-xs"
            leftSection={<Icon name="plus" size={13} />}
            onClick={() => set({ absent: newStep({ within: { count: 2, unit: "hour" } }) })}
          >
            {t("rules.addAbsent")}
          </Button>
        )}
      </div>
      <div className={css.line}>
        <span className={css.word}>
          {t("rules.all")} {t("rules.inWindow")}
        </span>
        <LengthField
          label={t("rules.window")}
          value={window}
          onChange={(length) => set({ window: length })}
        />
      </div>
    </div>
  );
}

interface StepFieldsProps {
  step: Step;
  word: string;
  name: string;
  place: string;
  timed: "never" | "may" | "must";
  removeLabel: string;
  onChange: (step: Step) => void;
  onRemove?: () => void;
}

function StepFields(props: StepFieldsProps) {
  const { step, word, name, place, timed, removeLabel, onChange, onRemove } = props;
  const { unfinished, insist } = use(BuilderContext);
  const set = (given: Partial<Step>) => onChange({ ...step, ...given });
  return (
    <div
      className={css.step}
      role="group"
      aria-label={name}
      data-unfinished={unfinished.has(step.key)}
      data-insist={insist}
    >
      <span className={css.stepWord}>{word}</span>
      <div className={css.line}>
        <EventsField value={step.events} onChange={(events) => set({ events })} />
        {timed !== "never" && (
          <span className={fieldsCss.together}>
            {timed === "may" && (
              <Choice
                label={t("rules.withinLabel")}
                value={step.within ? "within" : "any"}
                data={[
                  { value: "within", label: t("rules.within") },
                  { value: "any", label: t("rules.anyTime") },
                ]}
                onChange={(chosen) =>
                  set({ within: chosen === "within" ? { count: 1, unit: "hour" } : null })
                }
              />
            )}
            {timed === "must" && <span className={css.word}>{t("rules.within")}</span>}
            {step.within && (
              <LengthField
                label={t("rules.withinLabel")}
                value={step.within}
                onChange={(within) => set({ within })}
              />
            )}
          </span>
        )}
        <WhereField where={step.where} place={place} onChange={(where) => set({ where })} />
      </div>
      {onRemove && (
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={removeLabel}
          onClick={onRemove}
        >
          <Icon name="close" size={14} />
        </ActionIcon>
      )}
    </div>
  );
}
