import { Button, Textarea } from "@mantine/core";
import { useRef, useState } from "react";
import { Icon } from "../../icons/Icon.tsx";
import { t } from "../../i18n/t.ts";
import { Table } from "../../parts/Table.tsx";
import css from "./IdentifierEntry.module.css";
import type { BadRow, ReadIdentifiers } from "./identifiers.ts";

/** Editing more text than this in a text field is slow; a file of any size is fine. */
const SHOWN_MAX_CHARS = 200_000;
const ERRORS_SHOWN = 100;
const SAMPLE = "email\nada@example.com\ngrace@example.com\nlinus@example.com\n";

interface IdentifierEntryProps {
  text: string;
  read: ReadIdentifiers;
  onChange: (text: string) => void;
}

/** A place to paste or drop identifiers, with what was understood of them. */
export function IdentifierEntry({ text, read, onChange }: IdentifierEntryProps) {
  const file = useRef<HTMLInputElement>(null);
  const [name, setName] = useState<string | null>(null);
  const large = text.length > SHOWN_MAX_CHARS;

  async function choose(chosen: File | undefined) {
    if (!chosen) return;
    setName(chosen.name);
    onChange(await chosen.text());
  }

  return (
    <div
      className="k-stack"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        void choose(event.dataTransfer.files[0]);
      }}
    >
      <Textarea
        label={t("audiences.file.paste")}
        description={t("audiences.file.pasteHint")}
        classNames={{ input: css.paste! }}
        rows={8}
        spellCheck={false}
        readOnly={large}
        value={large ? `${text.slice(0, 4_000)}\n…` : text}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <div className="k-row-wrap">
        <Button
          variant="default"
          size="xs"
          leftSection={<Icon name="upload" size={15} />}
          onClick={() => file.current?.click()}
        >
          {t("audiences.file.choose")}
        </Button>
        <input
          ref={file}
          type="file"
          hidden
          accept=".csv,.tsv,.txt"
          aria-label={t("audiences.file.choose")}
          onChange={(event) => {
            void choose(event.currentTarget.files?.[0]);
            event.currentTarget.value = "";
          }}
        />
        {!text && (
          <Button variant="subtle" size="xs" onClick={() => onChange(SAMPLE)}>
            {t("audiences.file.sample")}
          </Button>
        )}
        {text && (
          <Button
            variant="subtle"
            size="xs"
            onClick={() => {
              setName(null);
              onChange("");
            }}
          >
            {t("parts.clear")}
          </Button>
        )}
        {name && <span className="k-small k-muted k-wrap">{name}</span>}
      </div>
      {text.trim() && (
        <p role="status" className={css.understood}>
          {t("audiences.file.understood", { count: read.identifiers.length })}
          {read.repeated > 0 && ` · ${t("audiences.file.repeated", { count: read.repeated })}`}
        </p>
      )}
      {read.errors.length > 0 && (
        <>
          <p className={css.bad}>
            {t("audiences.file.notUnderstood", { count: read.errors.length })}
          </p>
          <BadRows errors={read.errors} />
        </>
      )}
    </div>
  );
}

export function BadRows({ errors }: { errors: BadRow[] }) {
  return (
    <div className={css.errors}>
      <Table
        label={t("audiences.file.errors")}
        headers={[t("audiences.file.row"), t("audiences.file.value"), t("audiences.file.message")]}
      >
        {errors.slice(0, ERRORS_SHOWN).map((error) => (
          <tr key={`${error.row}${error.value}${error.message}`}>
            <td>{error.row}</td>
            <td>
              <code>{error.value}</code>
            </td>
            <td>{error.message}</td>
          </tr>
        ))}
      </Table>
      {errors.length > ERRORS_SHOWN && (
        <p className={css.more}>
          {t("audiences.file.moreErrors", { count: errors.length - ERRORS_SHOWN })}
        </p>
      )}
    </div>
  );
}
