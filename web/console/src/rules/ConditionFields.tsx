import { useQuery } from "@tanstack/react-query";
import { type ReactNode, use } from "react";
import { parseQuery } from "../api/audiences.ts";
import { Icon } from "../icons/Icon.tsx";
import type { IconName } from "../icons/paths.ts";
import { t } from "../i18n/t.ts";
import { BuilderContext } from "./builder-context.ts";
import { CheckFields } from "./CheckFields.tsx";
import { holdsOf } from "./facts.ts";
import { type Condition, type Fixed, newCheck, type Part, type Subject } from "./model.ts";
import { operatorOf, operatorsFor } from "./operators.ts";
import css from "./Rules.module.css";
import { SubjectFields } from "./SubjectFields.tsx";

const ICONS: Record<Subject["type"], IconName> = {
  trait: "person",
  account: "people",
  account_persons: "people",
  property: "list",
  context: "page",
  feature: "feature",
  consent: "shield",
  identifier: "key",
  reachable: "mail",
  audience: "audience",
  affinity: "heart",
  hour: "clock",
  weekday: "history",
  aggregate: "bolt",
  sequence: "sequence",
};

const OWN_WORDS: Subject["type"][] = ["aggregate", "sequence", "hour", "weekday"];

interface ConditionFieldsProps {
  part: Condition | Fixed;
  place: string;
  actions: ReactNode;
  onChange: (part: Part) => void;
}

export function ConditionFields({ part, place, actions, onChange }: ConditionFieldsProps) {
  const { known, unfinished, insist } = use(BuilderContext);
  const own = part.kind === "condition" && OWN_WORDS.includes(part.subject.type);
  const type = part.kind === "fixed" ? t("rules.fixed") : t(`rules.subject.${part.subject.type}`);

  /** An operator that does not go with what the subject holds now gives way to one that does. */
  function changeSubject(condition: Condition, subject: Subject) {
    const offered = operatorsFor(subject.type, holdsOf(subject, known));
    const held = holdsOf(condition.subject, known);
    const fits = offered.includes(operatorOf(condition.check.operator));
    const check =
      fits || held === holdsOf(subject, known)
        ? condition.check
        : newCheck(offered[0]!.id, { ...condition.check, operator: offered[0]!.id });
    onChange({ ...condition, subject, check });
  }

  return (
    <div
      className={css.condition}
      role="group"
      aria-label={t("rules.condition", { place, type })}
      data-unfinished={unfinished.has(part.key)}
      data-insist={insist}
    >
      <span className={css.kind}>
        <Icon name={part.kind === "fixed" ? "code" : ICONS[part.subject.type]} size={16} />
        {/* What behaviour is asked about says so itself. */}
        <span className={own ? "k-hidden" : undefined}>{type}</span>
      </span>
      <div className={css.line}>
        {part.kind === "fixed" ? (
          <FixedText part={part} />
        ) : (
          <>
            <SubjectFields
              subject={part.subject}
              place={place}
              onChange={(subject) => changeSubject(part, subject)}
            />
            <span className={css.check}>
              <CheckFields
                subject={part.subject}
                check={part.check}
                onChange={(check) => onChange({ ...part, check })}
              />
            </span>
          </>
        )}
      </div>
      <span className={css.actions}>{actions}</span>
    </div>
  );
}

function FixedText({ part }: { part: Fixed }) {
  const { data } = useQuery(parseQuery({ tree: part.rule }));
  return (
    <span className="k-stack-tight">
      <code className="k-wrap">{data?.text ?? "…"}</code>
      <span className="k-tiny k-muted">{t("rules.fixedHint")}</span>
    </span>
  );
}
