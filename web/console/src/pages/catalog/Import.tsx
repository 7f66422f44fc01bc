import { Button, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useDeferredValue, useMemo, useRef, useState } from "react";
import { importItems } from "../../api/catalog.ts";
import { Icon } from "../../icons/Icon.tsx";
import { formatMoney } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Card } from "../../parts/Card.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { LinkButton } from "../../parts/LinkButton.tsx";
import { Page } from "../../parts/Page.tsx";
import { Table } from "../../parts/Table.tsx";
import css from "./Import.module.css";
import { readItems, type RowError, type Understood } from "./rows.ts";

/** The server takes 10,000 at once; smaller steps show progress. */
const CHUNK_ITEMS = 2_000;
const PREVIEW_ROWS = 5;
/** Editing more text than this in a text field is slow; a file of any size is fine. */
const SHOWN_MAX_CHARS = 200_000;
const SAMPLE = `item_id,title,url,image_url,price,currency,categories,brand,available,colour
shoe-1,Trail runner,/p/shoe-1,,89.90,EUR,shoes|outdoor,Fjord,true,green
shoe-2,City sneaker,/p/shoe-2,,69.00,EUR,shoes,Pavé,true,white
bag-1,Day pack,/p/bag-1,,54.50,EUR,bags|outdoor,Fjord,false,black
`;

interface Outcome {
  accepted: number;
  errors: RowError[];
}

export function Import() {
  const [text, setText] = useState("");
  const [done, setDone] = useState<number | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const queryClient = useQueryClient();
  const settled = useDeferredValue(text);
  const understood = useMemo(() => readItems(settled), [settled]);

  function change(value: string) {
    setText(value);
    setOutcome(null);
    setFailure(null);
  }

  async function send() {
    setFailure(null);
    setDone(0);
    const result: Outcome = { accepted: 0, errors: [] };
    try {
      for (let from = 0; from < understood.items.length; from += CHUNK_ITEMS) {
        const chunk = understood.items.slice(from, from + CHUNK_ITEMS);
        const { accepted, rejected } = await importItems(chunk);
        result.accepted += accepted;
        result.errors.push(
          ...rejected.map(({ index, field, message }) => ({
            row: understood.rows[from + index] ?? from + index + 1,
            field,
            message,
          })),
        );
        setDone(from + chunk.length);
      }
    } catch (error) {
      setFailure(error);
    }
    setOutcome(result);
    setDone(null);
    await queryClient.invalidateQueries({ queryKey: ["items"] });
    await queryClient.invalidateQueries({ queryKey: ["overview"] });
  }

  return (
    <Page
      title={t("catalog.importTitle")}
      lede={t("catalog.importLede")}
      above={
        <Link to="/catalog" className="k-row k-small">
          <Icon name="back" size={15} />
          {t("catalog.importBack")}
        </Link>
      }
    >
      {failure !== null && <Failure error={failure} />}
      {outcome && <Result outcome={outcome} />}
      <div className={css.columns}>
        <Entry text={text} onChange={change} />
        <Card title={t("catalog.preview")}>
          {understood.items.length === 0 && understood.errors.length === 0 ? (
            <Empty icon="upload" title={t("catalog.nothingYet")} compact>
              {t("catalog.nothingYetText")}
            </Empty>
          ) : (
            <Preview understood={understood} done={done} sent={outcome !== null} onSend={send} />
          )}
        </Card>
      </div>
    </Page>
  );
}

function Entry({ text, onChange }: { text: string; onChange: (text: string) => void }) {
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
        label={t("catalog.paste")}
        description={t("catalog.pasteHint")}
        classNames={{ input: css.paste! }}
        rows={14}
        spellCheck={false}
        readOnly={large}
        value={large ? `${text.slice(0, 4_000)}\n…` : text}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <div className="k-row-wrap">
        <Button
          variant="default"
          leftSection={<Icon name="upload" size={16} />}
          onClick={() => file.current?.click()}
        >
          {t("catalog.chooseFile")}
        </Button>
        <input
          ref={file}
          type="file"
          hidden
          accept=".csv,.tsv,.txt,.json,.ndjson,.jsonl"
          aria-label={t("catalog.chooseFile")}
          onChange={(event) => {
            void choose(event.currentTarget.files?.[0]);
            event.currentTarget.value = "";
          }}
        />
        <Button variant="subtle" onClick={() => onChange(SAMPLE)}>
          {t("catalog.useSample")}
        </Button>
        {text && (
          <Button
            variant="subtle"
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
    </div>
  );
}

interface PreviewProps {
  understood: Understood;
  done: number | null;
  sent: boolean;
  onSend: () => void;
}

function Preview({ understood, done, sent, onSend }: PreviewProps) {
  const { items, errors } = understood;
  return (
    <div className="k-stack">
      <p role="status">{t("catalog.understood", { count: items.length })}</p>
      {items.length > 0 && (
        <ul className={css.rows} aria-label={t("catalog.previewLabel")}>
          {items.slice(0, PREVIEW_ROWS).map((item) => (
            <li key={item.item_id} className={css.row}>
              <span className="k-ellipsis">{String(item.title)}</span>
              <code className="k-muted k-ellipsis">{item.item_id}</code>
              <span className="k-number">
                {item.price ? formatMoney(item.price, item.currency) : "–"}
              </span>
            </li>
          ))}
        </ul>
      )}
      {errors.length > 0 && (
        <>
          <p className={css.bad}>{t("catalog.notUnderstood", { count: errors.length })}</p>
          <Errors errors={errors} />
        </>
      )}
      {items.length > 0 && (
        <div className="k-row">
          <Button onClick={onSend} loading={done !== null} disabled={sent}>
            {t("catalog.send", { count: items.length })}
          </Button>
          {done !== null && (
            <span className="k-small k-muted">
              {t("catalog.sending", { done, total: items.length })}
            </span>
          )}
        </div>
      )}
    </div>
  );
}

function Result({ outcome }: { outcome: Outcome }) {
  const { accepted, errors } = outcome;
  return (
    <Card tone={errors.length > 0 ? "warn" : "accent"}>
      <div className="k-stack" role="status">
        <div className="k-spread">
          <p className={css.result}>
            {t("catalog.done", { count: accepted })}
            {errors.length > 0 && ` · ${t("catalog.refused", { count: errors.length })}`}
          </p>
          <LinkButton to="/catalog" size="xs" variant="default">
            {t("catalog.openCatalog")}
          </LinkButton>
        </div>
        {errors.length > 0 && <Errors errors={errors} />}
      </div>
    </Card>
  );
}

const ERRORS_SHOWN = 100;

function Errors({ errors }: { errors: RowError[] }) {
  return (
    <div className={css.errors}>
      <Table
        label={t("catalog.errorLabel")}
        headers={[t("catalog.row"), t("catalog.errorField"), t("catalog.errorMessage")]}
      >
        {errors.slice(0, ERRORS_SHOWN).map((error) => (
          <tr key={`${error.row}${error.field}${error.message}`}>
            <td>{error.row}</td>
            <td>{error.field ? <code>{error.field}</code> : "–"}</td>
            <td>{error.message}</td>
          </tr>
        ))}
      </Table>
    </div>
  );
}
