import { Button, Textarea } from "@mantine/core";
import { useState } from "react";
import { asApiError } from "../../api/problem.ts";
import formCss from "../../forms/Form.module.css";
import { Icon } from "../../icons/Icon.tsx";
import { t } from "../../i18n/t.ts";
import { Failure } from "../../parts/Failure.tsx";
import { indented } from "./indented.ts";

interface CorrectionProps {
  /** What came; it need not even be JSON. */
  raw: string;
  error: unknown;
  busy: boolean;
  onChange: () => void;
  /** Nothing was changed: what came is tried as it is. */
  onSend: (corrected: string | undefined) => void;
}

/** An editor for one rejected event, with what is still wrong beside it. */
export function Correction({ raw, error, busy, onChange, onSend }: CorrectionProps) {
  const [first] = useState(() => indented(raw));
  const [text, setText] = useState(first);
  const fields = error ? asApiError(error).fields : [];
  const change = (next: string) => {
    setText(next);
    onChange();
  };
  return (
    <form
      className="k-stack"
      onSubmit={(event) => {
        event.preventDefault();
        onSend(text === first ? undefined : text);
      }}
    >
      <Textarea
        label={t("events.correct")}
        description={t("events.correctNote")}
        value={text}
        onChange={(event) => change(event.currentTarget.value)}
        autosize
        minRows={6}
        maxRows={22}
        spellCheck={false}
        autoCapitalize="off"
        classNames={{ input: formCss.code! }}
        // The frame is red enough: text to be read and corrected keeps its colour.
        styles={{ input: { color: "var(--k-ink)" } }}
        error={
          fields.length > 0 &&
          fields.map(({ field, message }) => (
            <span key={`${field}${message}`} role="alert" style={{ display: "block" }}>
              {field && field !== "raw" && <code>{field}</code>} {message}
            </span>
          ))
        }
      />
      {error !== null && error !== undefined && fields.length === 0 && (
        <Failure error={error} title={t("events.stillRejected")} />
      )}
      <div className="k-row">
        <Button type="submit" loading={busy} leftSection={<Icon name="refresh" size={16} />}>
          {t("events.redrive")}
        </Button>
        {text !== first && (
          <Button variant="default" onClick={() => change(first)}>
            {t("events.correctReset")}
          </Button>
        )}
      </div>
    </form>
  );
}
