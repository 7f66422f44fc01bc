import type { ReactNode } from "react";
import { t } from "../i18n/t.ts";
import { Copy } from "./Copy.tsx";
import css from "./JsonView.module.css";

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)/gi;
/** Colouring megabytes would freeze the page; beyond this the text is plain. */
const COLOURED_MAX_CHARS = 60_000;

/** A value as indented JSON, with a button that copies it. */
export function JsonView({ value, label }: { value: unknown; label: string }) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return (
    <div className={css.frame}>
      <div className={css.copy}>
        <Copy text={text} label={t("parts.copyJson")} />
      </div>
      {/* Scrolls, so the keyboard must reach it. */}
      <pre className={css.json} tabIndex={0} role="group" aria-label={label}>
        <code>{text.length > COLOURED_MAX_CHARS ? text : coloured(text)}</code>
      </pre>
    </div>
  );
}

function coloured(text: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let from = 0;
  for (const match of text.matchAll(TOKEN)) {
    parts.push(text.slice(from, match.index));
    const [whole, quoted, colon, word] = match;
    const kind = colon ? "key" : quoted ? "text" : word ? "word" : "number";
    const body = colon ? quoted : whole;
    parts.push(
      <span key={match.index} className={css[kind]}>
        {body}
      </span>,
      colon ?? "",
    );
    from = match.index + whole.length;
  }
  parts.push(text.slice(from));
  return parts;
}
