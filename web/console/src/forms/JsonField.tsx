import { Textarea } from "@mantine/core";
import type { ReactNode } from "react";
import type { JsonObject } from "../api/types.ts";
import { t } from "../i18n/t.ts";
import css from "./Form.module.css";

interface JsonFieldProps {
  label: string;
  description?: string;
  value: string;
  onChange: (value: string) => void;
  error?: ReactNode;
  minRows?: number;
}

/** A JSON object as text. */
export function JsonField({ onChange, minRows = 4, ...props }: JsonFieldProps) {
  return (
    <Textarea
      {...props}
      autosize
      minRows={minRows}
      maxRows={22}
      spellCheck={false}
      classNames={{ input: css.code! }}
      onChange={(event) => {
        onChange(event.currentTarget.value);
      }}
    />
  );
}

export function objectOf(text: string): { value?: JsonObject; error?: string } {
  if (!text.trim()) return { value: {} };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return { value: value as JsonObject };
    }
    return { error: t("definitions.jsonWrong", { message: t("catalog.errors.notObject") }) };
  } catch (failure) {
    return { error: t("definitions.jsonWrong", { message: (failure as Error).message }) };
  }
}
