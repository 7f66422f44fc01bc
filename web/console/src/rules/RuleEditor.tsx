import { ActionIcon, Button, SegmentedControl, Tooltip } from "@mantine/core";
import { useRef } from "react";
import { Icon } from "../icons/Icon.tsx";
import { t } from "../i18n/t.ts";
import { Card } from "../parts/Card.tsx";
import { Failure } from "../parts/Failure.tsx";
import { Waiting } from "../parts/Waiting.tsx";
import { BuilderContext } from "./builder-context.ts";
import type { Known } from "./facts.ts";
import { GroupEditor } from "./GroupEditor.tsx";
import css from "./RuleEditor.module.css";
import rulesCss from "./Rules.module.css";
import { RuleErrors, RuleText } from "./RuleText.tsx";
import type { EditedRule, RuleView } from "./use-rule.ts";

interface RuleEditorProps {
  title: string;
  note?: string;
  rule: EditedRule;
  known: Known;
  /** Saving was tried: what lacks something is marked. */
  insist: boolean;
  /** What the server refused when it was saved. */
  refused?: string | undefined;
}

/** A rule as blocks or as text, with what is wrong with it beneath. */
export function RuleEditor({ title, note, rule, known, insist, refused }: RuleEditorProps) {
  const fresh = useRef<string | null>(null);
  const errors = rule.current ? (rule.parsed?.errors ?? []) : [];
  return (
    <Card
      title={title}
      {...(note && { note })}
      actions={
        <div className={css.tools}>
          {rule.view === "builder" && (
            <>
              <Step icon="undo" label={t("rules.undo")} run={rule.undo} />
              <Step icon="redo" label={t("rules.redo")} run={rule.redo} />
            </>
          )}
          <SegmentedControl
            size="xs"
            aria-label={t("rules.tabsLabel")}
            value={rule.view}
            data={[
              { value: "builder", label: t("rules.tabs.builder") },
              { value: "text", label: t("rules.tabs.text") },
            ]}
            onChange={(view) => rule.show(view as RuleView)}
          />
        </div>
      }
    >
      <div className="k-stack">
        {rule.view === "text" && <RuleText rule={rule} />}
        {rule.view === "builder" && rule.root && (
          <BuilderContext value={{ known, unfinished: new Set(rule.lacking), insist, fresh }}>
            <GroupEditor group={rule.root} place="" scope="person" onChange={rule.change} />
          </BuilderContext>
        )}
        {rule.view === "builder" && !rule.root && (
          <Unreadable rule={rule} broken={errors.length > 0} />
        )}
        {rule.view === "builder" && rule.root && <RuleErrors errors={errors} />}
        {rule.error && <Failure error={rule.error} />}
        {refused && (
          <p role="alert" className={css.refused}>
            {refused}
          </p>
        )}
      </div>
    </Card>
  );
}

function Step(props: { icon: "undo" | "redo"; label: string; run: (() => void) | null }) {
  const { icon, label, run } = props;
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={label}
        aria-disabled={run === null}
        className={rulesCss.tool}
        onClick={() => run?.()}
      >
        <Icon name={icon} size={16} />
      </ActionIcon>
    </Tooltip>
  );
}

function Unreadable({ rule, broken }: { rule: EditedRule; broken: boolean }) {
  if (!broken) return rule.error ? null : <Waiting lines={4} height={34} />;
  return (
    <div className={css.unreadable}>
      <p className={css.unreadableTitle}>{t("rules.textFirst")}</p>
      <p>{t("rules.textFirstText")}</p>
      <Button variant="default" size="xs" onClick={() => rule.show("text")}>
        {t("rules.backToText")}
      </Button>
    </div>
  );
}
