import { t } from "../i18n/t.ts";
import { CopyLarge } from "./Copy.tsx";
import css from "./Secret.module.css";

/** A key on the one occasion it can be read. */
export function Secret({ value, note }: { value: string; note: string }) {
  return (
    <div className={css.secret}>
      <p className={css.note}>{note}</p>
      <div className="k-row">
        <code className={css.value}>{value}</code>
        <CopyLarge text={value} label={t("parts.copy")} />
      </div>
    </div>
  );
}
