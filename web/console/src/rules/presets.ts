/** What can be added to a rule, by what a marketer means to say. */
import type { MessageKey } from "../i18n/t.ts";
import type { IconName } from "../icons/paths.ts";
import { type Condition, newAggregate, newCheck, newCondition, newStep } from "./model.ts";

export interface Preset {
  id: string;
  icon: IconName;
  label: MessageKey;
  hint: MessageKey;
  make: () => Condition;
}

const behaviour = (given: Parameters<typeof newAggregate>[0], check: Condition["check"]) => ({
  ...newCondition("aggregate"),
  subject: { type: "aggregate" as const, aggregate: newAggregate(given) },
  check: { ...check },
});

const days = (count: number) => ({
  type: "rolling" as const,
  length: { count, unit: "day" as const },
});

export const PERSON_PRESETS: { label: MessageKey; presets: Preset[] }[] = [
  {
    label: "rules.sections.person",
    presets: [
      {
        id: "trait",
        icon: "person",
        label: "rules.presets.trait",
        hint: "rules.presets.traitHint",
        make: () => newCondition("trait"),
      },
      {
        id: "feature",
        icon: "feature",
        label: "rules.presets.feature",
        hint: "rules.presets.featureHint",
        make: () => newCondition("feature"),
      },
      {
        id: "affinity",
        icon: "heart",
        label: "rules.presets.affinity",
        hint: "rules.presets.affinityHint",
        make: () => newCondition("affinity"),
      },
      {
        id: "identifier",
        icon: "key",
        label: "rules.presets.identifier",
        hint: "rules.presets.identifierHint",
        make: () => newCondition("identifier"),
      },
    ],
  },
  {
    label: "rules.sections.behaviour",
    presets: [
      {
        id: "did",
        icon: "bolt",
        label: "rules.presets.did",
        hint: "rules.presets.didHint",
        make: () => behaviour({ window: days(30) }, newCheck("ge", { number: 1 })),
      },
      {
        id: "didNot",
        icon: "bolt",
        label: "rules.presets.didNot",
        hint: "rules.presets.didNotHint",
        make: () => behaviour({}, newCheck("eq", { number: 0 })),
      },
      {
        id: "amount",
        icon: "feature",
        label: "rules.presets.amount",
        hint: "rules.presets.amountHint",
        make: () =>
          behaviour({ function: "sum", window: days(30) }, newCheck("gt", { number: "" })),
      },
      {
        id: "time",
        icon: "clock",
        label: "rules.presets.time",
        hint: "rules.presets.timeHint",
        make: () => behaviour({ function: "last" }, newCheck("last")),
      },
      {
        id: "sequence",
        icon: "sequence",
        label: "rules.presets.sequence",
        hint: "rules.presets.sequenceHint",
        make: () => newCondition("sequence"),
      },
      {
        id: "absence",
        icon: "sequence",
        label: "rules.presets.absence",
        hint: "rules.presets.absenceHint",
        make: () => ({
          ...newCondition("sequence"),
          subject: {
            type: "sequence",
            sequence: {
              steps: [newStep()],
              absent: newStep({ within: { count: 2, unit: "hour" } }),
              window: { count: 7, unit: "day" },
            },
          },
        }),
      },
    ],
  },
  {
    label: "rules.sections.group",
    presets: [
      {
        id: "audience",
        icon: "audience",
        label: "rules.presets.audience",
        hint: "rules.presets.audienceHint",
        make: () => newCondition("audience"),
      },
      {
        id: "accountPersons",
        icon: "people",
        label: "rules.presets.accountPersons",
        hint: "rules.presets.accountPersonsHint",
        make: () => newCondition("account_persons"),
      },
      {
        id: "account",
        icon: "people",
        label: "rules.presets.account",
        hint: "rules.presets.accountHint",
        make: () => newCondition("account"),
      },
      {
        id: "consent",
        icon: "shield",
        label: "rules.presets.consent",
        hint: "rules.presets.consentHint",
        make: () => newCondition("consent"),
      },
      {
        id: "reachable",
        icon: "mail",
        label: "rules.presets.reachable",
        hint: "rules.presets.reachableHint",
        make: () => newCondition("reachable"),
      },
    ],
  },
  {
    label: "rules.sections.moment",
    presets: [
      {
        id: "hour",
        icon: "clock",
        label: "rules.presets.hour",
        hint: "rules.presets.hourHint",
        make: () => newCondition("hour"),
      },
      {
        id: "weekday",
        icon: "history",
        label: "rules.presets.weekday",
        hint: "rules.presets.weekdayHint",
        make: () => newCondition("weekday"),
      },
    ],
  },
];

export const EVENT_PRESETS: typeof PERSON_PRESETS = [
  {
    label: "rules.whereGroup",
    presets: [
      {
        id: "property",
        icon: "list",
        label: "rules.presets.property",
        hint: "rules.presets.propertyHint",
        make: () => newCondition("property"),
      },
      {
        id: "eventContext",
        icon: "page",
        label: "rules.presets.eventContext",
        hint: "rules.presets.eventContextHint",
        make: () => newCondition("context"),
      },
    ],
  },
];
