import { type ReactNode, useEffect } from "react";
import { Mark } from "../../icons/Mark.tsx";
import { t } from "../../i18n/t.ts";
import css from "./Door.module.css";

/** The page outside the frame: a form on one side, what Kith is on the other. */
export function Door({
  title,
  lede,
  children,
}: {
  title: string;
  lede?: string;
  children: ReactNode;
}) {
  useEffect(() => {
    document.title = t("frame.documentTitle", { title });
  }, [title]);
  return (
    <div className={css.door}>
      <main className={css.main}>
        <div className={css.brand}>
          <Mark size={32} />
          <span className={css.wordmark}>{t("frame.product")}</span>
        </div>
        <div className={css.form}>
          <h1>{title}</h1>
          {lede && <p className={css.lede}>{lede}</p>}
          {children}
        </div>
      </main>
      <aside className={css.aside} aria-label={t("frame.product")}>
        <Constellation />
        <p className={css.promise}>{t("session.promise")}</p>
        <p className={css.text}>{t("session.promiseText")}</p>
      </aside>
    </div>
  );
}

/** Identifiers that find each other: decoration only. */
function Constellation() {
  return (
    <svg className={css.drawing} viewBox="0 0 420 260" aria-hidden="true" focusable="false">
      <g stroke="#3d8f7d" strokeWidth="1.5" fill="none">
        <path d="M60 190 150 120 245 160 330 70M150 120 190 40M245 160 300 215 380 190" />
        <path d="M60 190 110 235M330 70 392 92" strokeDasharray="3 5" />
      </g>
      <g fill="#0b5f4f" stroke="#9fe0cc" strokeWidth="2">
        <circle cx="60" cy="190" r="8" />
        <circle cx="190" cy="40" r="7" />
        <circle cx="300" cy="215" r="7" />
        <circle cx="380" cy="190" r="9" />
        <circle cx="110" cy="235" r="5" />
        <circle cx="392" cy="92" r="5" />
      </g>
      <circle cx="150" cy="120" r="15" fill="#9fe0cc" />
      <circle cx="245" cy="160" r="22" fill="#f5b44a" />
      <circle cx="330" cy="70" r="13" fill="#ffffff" />
    </svg>
  );
}
