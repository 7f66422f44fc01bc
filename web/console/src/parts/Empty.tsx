import type { ReactNode } from "react";
import { Icon } from "../icons/Icon.tsx";
import type { IconName } from "../icons/paths.ts";
import css from "./Empty.module.css";

interface EmptyProps {
  icon: IconName;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  /** Fits inside a card beside other content. */
  compact?: boolean;
}

/** Nothing is here, and this is the next step. */
export function Empty({ icon, title, children, action, compact }: EmptyProps) {
  return (
    <div className={css.empty} data-compact={compact}>
      <span className={css.icon}>
        <Icon name={icon} size={compact ? 18 : 24} />
      </span>
      <p className={css.title}>{title}</p>
      {children && <div className={css.text}>{children}</div>}
      {action && <div className={css.action}>{action}</div>}
    </div>
  );
}
