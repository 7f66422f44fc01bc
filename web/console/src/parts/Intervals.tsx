import type { ReactNode } from "react";
import { axisOf, placeOf, type Spanned } from "./interval-axis.ts";
import css from "./Intervals.module.css";

export interface IntervalRow extends Spanned {
  key: string;
  label: ReactNode;
  tone?: "good" | "bad" | undefined;
  /** The value with its interval in words, for assistive technology and as a hint. */
  words: string;
  note?: ReactNode;
}

interface IntervalsProps {
  label: string;
  rows: IntervalRow[];
  format: (value: number) => string;
  /** A value that the others are held against, drawn through all rows. */
  line?: number | undefined;
}

/** Values with their intervals, one under the other on one axis. */
export function Intervals({ label, rows, format, line }: IntervalsProps) {
  const axis = axisOf(rows, line === undefined ? [] : [line]);
  return (
    <div>
      <ul className={css.rows} aria-label={label}>
        {rows.map(({ key, label: name, value, low, high, tone, words, note }) => {
          const from = placeOf(low ?? value, axis);
          const to = placeOf(high ?? value, axis);
          return (
            <li key={key} className={css.row} data-tone={tone}>
              <span className="k-small k-wrap">{name}</span>
              <span className={css.track} title={words} aria-hidden="true">
                {line !== undefined && (
                  <span className={css.line} style={{ left: `${placeOf(line, axis)}%` }} />
                )}
                {low !== null && high !== null && (
                  <span className={css.span} style={{ left: `${from}%`, width: `${to - from}%` }} />
                )}
                <span
                  className={css.point}
                  data-open={low === null}
                  style={{ left: `${placeOf(value, axis)}%` }}
                />
              </span>
              <span className={`${css.figure} k-number k-small`}>
                <span aria-hidden="true">{format(value)}</span>
                <span className="k-hidden">{words}</span>
              </span>
              {note && <span className={`${css.note} k-tiny k-muted`}>{note}</span>}
            </li>
          );
        })}
      </ul>
      <p className={css.axis} aria-hidden="true">
        <b />
        <span>
          <i>{format(Math.max(axis.from, 0))}</i>
          <i>{format(axis.to)}</i>
        </span>
        <b />
      </p>
    </div>
  );
}
