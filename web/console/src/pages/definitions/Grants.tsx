/** What of a limited offer is granted and what is left, and its list of coupon codes. */
import { Button, Textarea } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useDeferredValue, useMemo, useRef, useState } from "react";
import { addCoupons, grantsQuery, type OfferState } from "../../api/offers.ts";
import type { OfferSpec } from "../../api/types.ts";
import { Icon } from "../../icons/Icon.tsx";
import { formatInteger, formatMoney, formatPercent } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Card } from "../../parts/Card.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { readCodes, stepsOf } from "./codes.ts";
import css from "./Grants.module.css";

/** More text than this makes a field slow; it is kept, and its beginning shown. */
const SHOWN_MAX_CHARS = 100_000;

export function Grants({ offer, spec }: { offer: string; spec: OfferSpec }) {
  const { data, error, refetch } = useQuery(grantsQuery(offer));
  const uploaded = spec.limits?.coupon?.codes === "uploaded";
  return (
    <Card title={t("grants.title")} note={t("grants.note")}>
      <div className="k-stack-loose">
        {error && <Failure error={error} onRetry={() => void refetch()} />}
        {!data && !error && <Waiting lines={3} />}
        {data && <Standing state={data} uploaded={uploaded} />}
        {uploaded && <Upload offer={offer} />}
      </div>
    </Card>
  );
}

function Standing({ state, uploaded }: { state: OfferState; uploaded: boolean }) {
  const { granted, used, spent, stock_left, codes_left } = state;
  return (
    <div className="k-stack">
      {stock_left !== null && (
        <Stock name={t("grants.stock")} used={used} granted={granted} left={stock_left} />
      )}
      {uploaded && (
        <Stock name={t("grants.codes")} used={used} granted={granted} left={codes_left} />
      )}
      {stock_left === null && !uploaded && (
        <p>{t("grants.plain", { granted, used })}</p>
      )}
      {Number(spent) > 0 && (
        <p className="k-small k-soft">{t("grants.spent", { spent: formatMoney(spent, null) })}</p>
      )}
      {uploaded && codes_left === 0 && (
        <p className={css.out} role="status">
          <Icon name="warning" size={16} />
          {t("grants.out")}
        </p>
      )}
    </div>
  );
}

interface StockProps {
  name: string;
  used: number;
  granted: number;
  left: number;
}

/** One bar: used, granted and not used, left. */
function Stock({ name, used, granted, left }: StockProps) {
  const all = granted + left;
  const parts = [
    { key: "used" as const, count: used },
    { key: "held" as const, count: Math.max(0, granted - used) },
    { key: "left" as const, count: left },
  ];
  return (
    <section aria-label={name}>
      <div className="k-spread k-small">
        <h3>{name}</h3>
        <span className="k-number">
          {t("grants.leftOf", { left, all })}{" "}
          <span className="k-muted">{all > 0 && formatPercent(left / all)}</span>
        </span>
      </div>
      <div className={css.bar} aria-hidden="true">
        {parts.map(({ key, count }) => (
          <span key={key} data-part={key} style={{ flexGrow: count }} />
        ))}
      </div>
      <ul className={css.legend}>
        {parts.map(({ key, count }) => (
          <li key={key} data-part={key}>
            {t(`grants.part.${key}`)} <strong className="k-number">{formatInteger(count)}</strong>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface Sent {
  added: number;
  known: number;
}

function Upload({ offer }: { offer: string }) {
  const [text, setText] = useState("");
  const [done, setDone] = useState<number | null>(null);
  const [sent, setSent] = useState<Sent | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const file = useRef<HTMLInputElement>(null);
  const queryClient = useQueryClient();
  const settled = useDeferredValue(text);
  const { codes, repeated } = useMemo(() => readCodes(settled), [settled]);
  const large = text.length > SHOWN_MAX_CHARS;

  function change(value: string) {
    setText(value);
    setSent(null);
    setFailure(null);
  }

  async function send() {
    const all: Sent = { added: 0, known: 0 };
    let count = 0;
    setFailure(null);
    setSent(null);
    setDone(0);
    try {
      for (const step of stepsOf(codes)) {
        const { added, known } = await addCoupons(offer, step);
        all.added += added;
        all.known += known;
        count += step.length;
        setDone(count);
      }
      setText("");
    } catch (error) {
      // What the server took stays; sending the list again adds only the others.
      setFailure(error);
    }
    if (count > 0) setSent(all);
    setDone(null);
    await queryClient.invalidateQueries({ queryKey: ["grants", offer] });
  }

  return (
    <div
      className="k-stack"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        void event.dataTransfer.files[0]?.text().then(change);
      }}
    >
      <Textarea
        label={t("grants.paste")}
        description={t("grants.pasteHint")}
        classNames={{ input: css.paste! }}
        rows={5}
        spellCheck={false}
        readOnly={large || done !== null}
        value={large ? `${text.slice(0, 4_000)}\n…` : text}
        onChange={(event) => change(event.currentTarget.value)}
      />
      <div className="k-row-wrap">
        <Button
          variant="default"
          leftSection={<Icon name="upload" size={16} />}
          onClick={() => file.current?.click()}
        >
          {t("grants.file")}
        </Button>
        <input
          ref={file}
          type="file"
          hidden
          accept=".csv,.tsv,.txt"
          aria-label={t("grants.file")}
          onChange={(event) => {
            void event.currentTarget.files?.[0]?.text().then(change);
            event.currentTarget.value = "";
          }}
        />
        <Button
          disabled={codes.length === 0}
          loading={done !== null}
          onClick={() => void send()}
        >
          {codes.length > 0 ? t("grants.add", { count: codes.length }) : t("grants.addNone")}
        </Button>
        {large && (
          <Button variant="subtle" onClick={() => change("")}>
            {t("grants.clear")}
          </Button>
        )}
        <span className="k-small k-muted" role="status">
          {done !== null && t("grants.progress", { done, count: codes.length })}
          {done === null && repeated > 0 && t("grants.repeated", { count: repeated })}
        </span>
      </div>
      {failure !== null && <Failure error={failure} title={t("grants.failed")} />}
      {sent && (
        <p className={css.sent} role="status">
          <Icon name="check" size={16} />
          <span>
            {t("grants.added", { count: sent.added })}{" "}
            {sent.known > 0 && t("grants.known", { count: sent.known })}
          </span>
        </p>
      )}
    </div>
  );
}
