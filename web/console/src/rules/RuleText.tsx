import { Textarea } from "@mantine/core";
import { useRef } from "react";
import type { RuleError } from "../api/audience-wire.ts";
import { lineAround } from "../forms/rule-help.ts";
import { Icon } from "../icons/Icon.tsx";
import { t } from "../i18n/t.ts";
import css from "./RuleEditor.module.css";
import type { EditedRule } from "./use-rule.ts";

export function RuleText({ rule }: { rule: EditedRule }) {
  const input = useRef<HTMLTextAreaElement>(null);
  const errors = rule.current ? (rule.parsed?.errors ?? []) : [];
  function goTo(error: RuleError) {
    const offset = offsetOf(rule.text, error);
    input.current?.focus();
    input.current?.setSelectionRange(offset, offset + 1);
  }
  return (
    <>
      <Textarea
        ref={input}
        label={t("rules.text")}
        description={t("rules.textHint")}
        value={rule.text}
        onChange={(event) => rule.write(event.currentTarget.value)}
        autosize
        minRows={5}
        maxRows={20}
        spellCheck={false}
        autoCapitalize="off"
        aria-invalid={errors.length > 0}
        classNames={{ input: css.code! }}
      />
      {rule.current && errors.length === 0 && (
        <p className={css.ok}>
          <Icon name="check" size={14} />
          {t("rules.textOk")}
        </p>
      )}
      <RuleErrors errors={errors} text={rule.text} onGo={goTo} />
    </>
  );
}

interface RuleErrorsProps {
  errors: RuleError[];
  /** With it, each error shows the line it is in and leads there. */
  text?: string;
  onGo?: (error: RuleError) => void;
}

export function RuleErrors({ errors, text, onGo }: RuleErrorsProps) {
  if (errors.length === 0) return null;
  return (
    <div role="alert">
      <ul className={css.errors}>
        {errors.map((error) => (
          <li key={`${error.line}:${error.column}:${error.message}`} className={css.error}>
            <p>
              {onGo ? (
                <button type="button" className="k-plain-button" onClick={() => onGo(error)}>
                  <u>{t("rules.at", { line: error.line, column: error.column })}</u>
                </button>
              ) : (
                text !== undefined && t("rules.at", { line: error.line, column: error.column })
              )}{" "}
              <span className={css.message}>{error.message}</span>
            </p>
            {text !== undefined && <Pointer text={text} offset={offsetOf(text, error)} />}
            {error.fix && <p>{t("rules.fix", { fix: error.fix })}</p>}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Lines and columns count letters, whatever bytes they take. */
export function offsetOf(text: string, { line, column }: { line: number; column: number }): number {
  const before = text
    .split("\n")
    .slice(0, line - 1)
    .reduce((sum, one) => sum + one.length + 1, 0);
  const own = [...(text.split("\n")[line - 1] ?? "")].slice(0, column - 1).join("");
  return Math.min(text.length, before + own.length);
}

function Pointer({ text, offset }: { text: string; offset: number }) {
  const { line, column } = lineAround(text, offset);
  return (
    <pre aria-hidden="true">
      {line.slice(0, column)}
      <mark>{line.slice(column, column + 1) || " "}</mark>
      {line.slice(column + 1)}
    </pre>
  );
}
