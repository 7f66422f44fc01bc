import { Textarea } from "@mantine/core";
import { useRef } from "react";
import type { JsonObject } from "../api/types.ts";
import { Icon } from "../icons/Icon.tsx";
import { t } from "../i18n/t.ts";
import formCss from "./Form.module.css";
import css from "./RuleField.module.css";
import { errorOffset, EXAMPLES, FACTS, insertAt, lineAround, traitFacts } from "./rule-help.ts";

interface RuleFieldProps {
  label: string;
  description: string;
  value: string;
  onChange: (value: string) => void;
  /** What the server says about it, live or after saving. */
  error?: string | undefined;
  /** The server has read the rule as it stands. */
  checked: boolean;
  /** Traits of the person chosen for the preview, offered for insertion. */
  traits?: JsonObject;
}

export function RuleField(props: RuleFieldProps) {
  const { label, description, value, onChange, error, checked, traits = {} } = props;
  const input = useRef<HTMLTextAreaElement>(null);
  const offset = error ? errorOffset(error, value) : null;

  function insert(text: string) {
    const { selectionStart = value.length, selectionEnd = value.length } = input.current ?? {};
    const next = insertAt(value, selectionStart, selectionEnd, text);
    onChange(next.value);
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(next.cursor, next.cursor);
    });
  }

  return (
    <div className="k-stack-tight">
      <Textarea
        ref={input}
        label={label}
        description={description}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        autosize
        minRows={2}
        maxRows={12}
        spellCheck={false}
        autoCapitalize="off"
        classNames={{ input: formCss.code! }}
        error={error}
      />
      {offset !== null && <Pointer rule={value} offset={offset} />}
      {!error && checked && (
        <p className={css.ok}>
          <Icon name="check" size={14} />
          {value.trim() ? t("definitions.rule.ok") : t("definitions.rule.everybody")}
        </p>
      )}
      <details className={css.help}>
        <summary>{t("definitions.rule.help")}</summary>
        <div className={css.panel}>
          <section>
            <h3>{t("definitions.rule.examples")}</h3>
            <ul className={css.examples}>
              {EXAMPLES.map((example) => (
                <li key={example.rule}>
                  <button type="button" onClick={() => onChange(example.rule)}>
                    <span>{t(example.name)}</span>
                    <code>{example.rule}</code>
                  </button>
                </li>
              ))}
            </ul>
          </section>
          <section>
            <h3>{t("definitions.rule.facts")}</h3>
            <p className={formCss.hint}>{t("definitions.rule.operators")}</p>
            <Facts
              title={t("definitions.rule.groups.traits")}
              facts={traitFacts(traits)}
              onPick={insert}
            />
            {FACTS.map(({ group, facts }) => (
              <Facts key={group} title={t(group)} facts={facts} onPick={insert} />
            ))}
          </section>
        </div>
      </details>
    </div>
  );
}

interface FactsProps {
  title: string;
  facts: string[];
  onPick: (fact: string) => void;
}

function Facts({ title, facts, onPick }: FactsProps) {
  if (facts.length === 0) return null;
  return (
    <div className={css.group}>
      <h4>{title}</h4>
      <div className={css.chips}>
        {facts.map((fact) => (
          <button
            key={fact}
            type="button"
            aria-label={t("definitions.rule.insert", { fact })}
            onClick={() => onPick(fact)}
          >
            {fact}
          </button>
        ))}
      </div>
    </div>
  );
}

function Pointer({ rule, offset }: { rule: string; offset: number }) {
  const { line, column } = lineAround(rule, offset);
  return (
    <div className={css.pointer}>
      <span className="k-hidden">{t("definitions.rule.at", { position: offset + 1 })}</span>
      <pre aria-hidden="true">
        {line.slice(0, column)}
        <mark>{line.slice(column, column + 1) || " "}</mark>
        {line.slice(column + 1)}
      </pre>
    </div>
  );
}
