import { type ReactNode, useId } from "react";
import css from "./Card.module.css";

interface CardProps {
  title?: ReactNode;
  note?: ReactNode;
  actions?: ReactNode;
  /** Content reaches the edges, for tables and lists of rows. */
  flush?: boolean;
  tone?: "plain" | "accent" | "warn" | "bad";
  children: ReactNode;
}

export function Card(props: CardProps) {
  const { title, note, actions, flush, tone = "plain", children } = props;
  const heading = useId();
  return (
    <section
      className={css.card}
      data-tone={tone}
      aria-labelledby={title === undefined ? undefined : heading}
    >
      {title !== undefined && (
        <div className={css.header}>
          <div className="k-grow">
            <h2 id={heading}>{title}</h2>
            {note && <p className={css.note}>{note}</p>}
          </div>
          {actions}
        </div>
      )}
      <div className={flush ? css.flush : css.body}>{children}</div>
    </section>
  );
}
