import css from "./Sparkline.module.css";

interface SparklineProps {
  values: number[];
  /** What the line says, for those who do not see it. */
  label: string;
}

const WIDTH = 116;
const HEIGHT = 28;
const EDGE = 3;

/** A line without axes; its lowest point is at the bottom, its highest at the top. */
export function Sparkline({ values, label }: SparklineProps) {
  const points = pointsOf(values);
  const last = points.at(-1);
  if (!last || points.length < 2) return <span className="k-muted k-tiny">{label}</span>;
  const line = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  return (
    <svg
      className={css.sparkline}
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={label}
    >
      <polygon
        className={css.area}
        points={`${points[0]![0]},${HEIGHT} ${line} ${last[0]},${HEIGHT}`}
      />
      <polyline className={css.line} points={line} />
      <circle className={css.dot} cx={last[0]} cy={last[1]} r={2.25} />
    </svg>
  );
}

export function pointsOf(values: number[]): [x: number, y: number][] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const step = (WIDTH - 2 * EDGE) / Math.max(1, values.length - 1);
  const scale = (HEIGHT - 2 * EDGE) / (high - low || 1);
  const flat = high === low;
  return values.map((value, index) => [
    EDGE + index * step,
    flat ? HEIGHT / 2 : HEIGHT - EDGE - (value - low) * scale,
  ]);
}
