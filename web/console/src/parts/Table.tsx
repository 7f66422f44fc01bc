import type { ReactNode } from "react";
import css from "./Table.module.css";

interface TableProps {
  label: string;
  headers: string[];
  /** Columns whose figures stand at the end of their cells. */
  numeric?: number[];
  children: ReactNode;
}

/** A plain table for short lists; long ones use VirtualTable. */
export function Table({ label, headers, numeric = [], children }: TableProps) {
  return (
    <div className={css.scroll} role="group" aria-label={label} tabIndex={0}>
      <table className={css.table}>
        <thead>
          <tr>
            {headers.map((header, column) =>
              header ? (
                <th key={header} scope="col" data-numeric={numeric.includes(column) || undefined}>
                  {header}
                </th>
              ) : (
                <td key="actions" />
              ),
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
