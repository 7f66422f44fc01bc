import { type ReactNode, useEffect } from "react";
import { t } from "../i18n/t.ts";
import css from "./Page.module.css";

interface PageProps {
  title: string;
  /** One line under the title that says what the page is for. */
  lede?: ReactNode;
  actions?: ReactNode;
  /** Stands above the title, for the way back. */
  above?: ReactNode;
  /** The page takes the window's height and scrolls inside, for long lists. */
  fill?: boolean;
  /** A page whose title is drawn by its own content keeps it for assistive technology only. */
  titleHidden?: boolean;
  children: ReactNode;
}

export function Page(props: PageProps) {
  const { title, lede, actions, above, fill, titleHidden, children } = props;
  useEffect(() => {
    document.title = t("frame.documentTitle", { title });
  }, [title]);
  return (
    <div className={fill ? css.fill : css.page}>
      {above && <div className={css.above}>{above}</div>}
      {titleHidden ? (
        <h1 className="k-hidden">{title}</h1>
      ) : (
        <header className={css.header}>
          <div className={css.heading}>
            <h1 className="k-wrap">{title}</h1>
            {lede && <p className={css.lede}>{lede}</p>}
          </div>
          {actions && <div className={css.actions}>{actions}</div>}
        </header>
      )}
      {children}
    </div>
  );
}
