import "uplot/dist/uPlot.min.css";
import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useEffectEvent, useRef } from "react";
import uPlot from "uplot";
import { formatInteger } from "../i18n/format.ts";
import { t } from "../i18n/t.ts";
import css from "./AreaChart.module.css";

export interface ChartPoint {
  at: string;
  value: number;
}

interface AreaChartProps {
  points: ChartPoint[];
  /** What the drawing shows, in a sentence. */
  label: string;
  headers: { at: string; value: string };
  formatAt: (at: Date) => string;
  /** The axis of time, where it reaches further than the points. */
  from?: Date | undefined;
  to?: Date | undefined;
}

const HEIGHT_PX = 200;
const INK = { light: "#0b5f4f", dark: "#62cbb0" };
const FILL = { light: "rgb(11 95 79 / 0.10)", dark: "rgb(98 203 176 / 0.14)" };
const LABEL = { light: "#6b655c", dark: "#a29b90" };
const GRID = { light: "#eeebe5", dark: "#2a2825" };

/** Counts over time, with the same figures as a table. */
export function AreaChart(props: AreaChartProps) {
  const { points, label, headers, formatAt, from, to } = props;
  const frame = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme("light");
  const plot = useRef<uPlot | null>(null);
  const format = useEffectEvent((at: Date) => formatAt(at));
  const draw = useEffectEvent((element: HTMLElement) => {
    const range: Range = [seconds(from), seconds(to)];
    return new uPlot(
      optionsFor(scheme, element.clientWidth, range, format),
      series(points),
      element,
    );
  });
  const begin = from?.getTime();

  useEffect(() => {
    const element = frame.current!;
    const chart = draw(element);
    plot.current = chart;
    const resized = new ResizeObserver(() => {
      chart.setSize({ width: element.clientWidth, height: HEIGHT_PX });
    });
    resized.observe(element);
    return () => {
      resized.disconnect();
      chart.destroy();
    };
  }, [scheme, begin]);

  useEffect(() => plot.current?.setData(series(points)), [points]);

  return (
    <div className="k-stack">
      <div ref={frame} role="img" aria-label={label} className={css.chart} />
      <details className={css.details}>
        <summary>{t("parts.showTable")}</summary>
        <div className={css.scroll} tabIndex={0} role="group" aria-label={headers.value}>
          <table>
            <thead>
              <tr>
                <th scope="col">{headers.at}</th>
                <th scope="col">{headers.value}</th>
              </tr>
            </thead>
            <tbody>
              {[...points].reverse().map(({ at, value }) => (
                <tr key={at}>
                  <td>{formatAt(new Date(at))}</td>
                  <td>{formatInteger(value)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </div>
  );
}

type Range = [from: number | undefined, to: number | undefined];

const seconds = (at: Date | undefined) => at && at.getTime() / 1000;

function series(points: ChartPoint[]): uPlot.AlignedData {
  return [points.map(({ at }) => new Date(at).getTime() / 1000), points.map(({ value }) => value)];
}

function optionsFor(
  scheme: "light" | "dark",
  width: number,
  [from, to]: Range,
  formatAt: (at: Date) => string,
): uPlot.Options {
  const axis = {
    stroke: LABEL[scheme],
    font: "12px sans-serif",
    ticks: { show: false },
    grid: { stroke: GRID[scheme], width: 1 },
  };
  return {
    width,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { range: (_, least, most) => [from ?? least, to ?? most] },
      y: { range: (_, __, most) => [0, Math.max(4, most * 1.15)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        values: (_, ticks) => ticks.map((tick) => formatAt(new Date(tick * 1000))),
        space: 80,
        size: 30,
      },
      { ...axis, values: (_, ticks) => ticks.map((tick) => formatInteger(tick)), size: 60 },
    ],
    series: [
      {},
      {
        stroke: INK[scheme],
        fill: FILL[scheme],
        width: 1.75,
        points: { show: false },
        paths: uPlot.paths.spline?.(),
      },
    ],
    hooks: {
      init: [addReadout],
      setCursor: [(chart) => moveReadout(chart, formatAt)],
    },
  };
}

function addReadout(chart: uPlot): void {
  const readout = document.createElement("div");
  readout.className = css.readout!;
  chart.over.append(readout);
}

function moveReadout(chart: uPlot, formatAt: (at: Date) => string): void {
  const readout = chart.over.querySelector<HTMLElement>(`.${css.readout}`);
  const { idx, left = -1 } = chart.cursor;
  if (!readout) return;
  const at = idx === null || idx === undefined ? undefined : chart.data[0][idx];
  readout.hidden = left < 0 || at === undefined;
  if (at === undefined) return;
  const value = chart.data[1]?.[idx!] ?? 0;
  readout.textContent = `${formatAt(new Date(at * 1000))} · ${formatInteger(value)}`;
  const half = chart.over.clientWidth / 2;
  readout.style.left = left > half ? "" : `${left + 12}px`;
  readout.style.right = left > half ? `${chart.over.clientWidth - left + 12}px` : "";
}
