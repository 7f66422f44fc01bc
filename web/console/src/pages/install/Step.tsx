import type { ReactNode } from "react";
import { Icon } from "../../icons/Icon.tsx";
import css from "./Install.module.css";

interface StepProps {
  number: number;
  title: string;
  note?: string;
  done?: boolean;
  children: ReactNode;
}

export function Step({ number, title, note, done, children }: StepProps) {
  return (
    <li className={css.step} data-done={done}>
      <span className={css.number} aria-hidden="true">
        {done ? <Icon name="check" size={16} /> : number}
      </span>
      <div className={css.stepBody}>
        <div>
          <h2>{title}</h2>
          {note && <p className="k-small k-muted">{note}</p>}
        </div>
        {children}
      </div>
    </li>
  );
}
