import { formatInteger } from "../i18n/format.ts";
import css from "./PairedBars.module.css";

export interface Bar {
  key: string;
  label: string;
  hint?: string | undefined;
  /** One figure, or before and after. */
  values: number[];
}

interface PairedBarsProps {
  label: string;
  bars: Bar[];
  /** Names of the figures, when there are two. */
  legend?: string[];
}

/** A few figures by name, each with a bar; the longest bar is the greatest figure. */
export function PairedBars({ label, bars, legend = [] }: PairedBarsProps) {
  const most = Math.max(1, ...bars.flatMap((bar) => bar.values));
  return (
    <div>
      {legend.length > 0 && (
        <p className={css.legend} aria-hidden="true">
          {legend.map((name) => (
            <span key={name}>{name}</span>
          ))}
        </p>
      )}
      <ul className={css.bars} aria-label={label}>
        {bars.map((bar) => (
          <li key={bar.key}>
            <div className="k-spread k-small">
              <span title={bar.hint}>{bar.label}</span>
              <span className="k-number">
                {bar.values.map((value, at) => (
                  <span key={legend[at] ?? at}>
                    {at > 0 && " → "}
                    {legend[at] && <span className="k-hidden">{legend[at]} </span>}
                    {formatInteger(value)}
                  </span>
                ))}
              </span>
            </div>
            {bar.values.map((value, at) => (
              <div key={legend[at] ?? at} className={css.track} data-last={at === bar.values.length - 1}>
                <div style={{ width: `${(100 * value) / most}%` }} data-some={value > 0} />
              </div>
            ))}
            {bar.hint && legend.length === 0 && <p className="k-tiny k-muted">{bar.hint}</p>}
          </li>
        ))}
      </ul>
    </div>
  );
}
