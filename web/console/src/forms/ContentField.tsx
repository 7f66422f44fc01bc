import { SegmentedControl, TextInput, Textarea } from "@mantine/core";
import { useState } from "react";
import type { JsonObject } from "../api/types.ts";
import { t } from "../i18n/t.ts";
import css from "./ContentField.module.css";
import { JsonField, objectOf } from "./JsonField.tsx";

/** The fields a hero usually has. Everything else in the object is kept as it is. */
const FIELDS = [
  { name: "title", label: "definitions.field.contentTitle" },
  { name: "text", label: "definitions.field.contentText" },
  { name: "image", label: "definitions.field.contentImage" },
  { name: "url", label: "definitions.field.contentUrl" },
  { name: "cta", label: "definitions.field.contentCta" },
] as const;

interface ContentFieldProps {
  label: string;
  description?: string;
  value: JsonObject;
  onChange: (value: JsonObject) => void;
  error?: string | undefined;
}

export function ContentField({ label, description, value, onChange, error }: ContentFieldProps) {
  const [mode, setMode] = useState<"fields" | "json">("fields");
  const [text, setText] = useState("");
  const parsed = objectOf(text);
  const extra = Object.keys(value).filter((name) => !FIELDS.some((field) => field.name === name));

  function switchTo(next: string) {
    if (next === "json") setText(JSON.stringify(value, null, 2));
    setMode(next as typeof mode);
  }

  function setField(name: string, input: string) {
    const { [name]: _, ...rest } = value;
    onChange(input ? { ...value, [name]: input } : rest);
  }

  return (
    <fieldset className={css.content}>
      <legend className={css.legend}>{label}</legend>
      <div className={css.mode}>
        <SegmentedControl
          size="xs"
          aria-label={t("definitions.field.contentMode")}
          value={mode}
          onChange={switchTo}
          data={[
            { value: "fields", label: t("definitions.field.fields") },
            { value: "json", label: t("definitions.field.json") },
          ]}
        />
      </div>
      {description && <p className={css.note}>{description}</p>}
      {mode === "json" ? (
        <JsonField
          label={t("definitions.field.jsonLabel")}
          minRows={8}
          value={text}
          error={parsed.error ?? error}
          onChange={(next) => {
            setText(next);
            const read = objectOf(next).value;
            if (read) onChange(read);
          }}
        />
      ) : (
        <div className="k-stack">
          {FIELDS.map((field) => {
            const Input = field.name === "text" ? Textarea : TextInput;
            return (
              <Input
                key={field.name}
                label={t(field.label)}
                value={textOf(value[field.name])}
                onChange={(event) => setField(field.name, event.currentTarget.value)}
                {...(field.name === "text" && { autosize: true, minRows: 2, maxRows: 8 })}
              />
            );
          })}
          {extra.length > 0 && (
            <p className={css.note}>{t("definitions.field.extra", { count: extra.length })}</p>
          )}
          {error && (
            <p role="alert" className={css.error}>
              {error}
            </p>
          )}
        </div>
      )}
    </fieldset>
  );
}

function textOf(value: JsonObject[string] | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
