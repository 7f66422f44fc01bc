import "uplot/dist/uPlot.min.css";
import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import { formatInteger, formatMinute } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import css from "./MinuteChart.module.css";

type Minute = { at: string; count: number };

const HEIGHT_PX = 200;
const INK = { light: "#0b5f4f", dark: "#62cbb0" };
const FILL = { light: "rgb(11 95 79 / 0.10)", dark: "rgb(98 203 176 / 0.14)" };
const LABEL = { light: "#6b655c", dark: "#a29b90" };
const GRID = { light: "#eeebe5", dark: "#2a2825" };

export function MinuteChart({ minutes }: { minutes: Minute[] }) {
  const frame = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme("light");
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(minutes);
  latest.current = minutes;

  useEffect(() => {
    const element = frame.current!;
    const chart = new uPlot(
      optionsFor(scheme, element.clientWidth),
      series(latest.current),
      element,
    );
    plot.current = chart;
    const resized = new ResizeObserver(() => {
      chart.setSize({ width: element.clientWidth, height: HEIGHT_PX });
    });
    resized.observe(element);
    return () => {
      resized.disconnect();
      chart.destroy();
    };
  }, [scheme]);

  useEffect(() => plot.current?.setData(series(minutes)), [minutes]);

  return (
    <div className="k-stack">
      <div ref={frame} role="img" aria-label={summary(minutes)} className={css.chart} />
      <details className={css.details}>
        <summary>{t("parts.showTable")}</summary>
        <div className={css.scroll} tabIndex={0} role="group" aria-label={t("home.perMinute")}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("home.minute")}</th>
                <th scope="col">{t("home.count")}</th>
              </tr>
            </thead>
            <tbody>
              {[...minutes].reverse().map((minute) => (
                <tr key={minute.at}>
                  <td>{formatMinute(minute.at)}</td>
                  <td>{formatInteger(minute.count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </div>
  );
}

function series(minutes: Minute[]): uPlot.AlignedData {
  return [
    minutes.map((minute) => new Date(minute.at).getTime() / 1000),
    minutes.map((minute) => minute.count),
  ];
}

function summary(minutes: Minute[]): string {
  const counts = minutes.map((minute) => minute.count);
  return t("home.chartLabel", {
    total: counts.reduce((sum, count) => sum + count, 0),
    peak: Math.max(0, ...counts),
    latest: counts.at(-1) ?? 0,
  });
}

function optionsFor(scheme: "light" | "dark", width: number): uPlot.Options {
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
    scales: { y: { range: (_, __, most) => [0, Math.max(4, most * 1.15)] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        values: (_, ticks) => ticks.map((tick) => formatMinute(new Date(tick * 1000))),
        space: 70,
        size: 30,
      },
      { ...axis, values: (_, ticks) => ticks.map((tick) => formatInteger(tick)), size: 48 },
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
      setCursor: [moveReadout],
    },
  };
}

function addReadout(chart: uPlot): void {
  const readout = document.createElement("div");
  readout.className = css.readout!;
  chart.over.append(readout);
}

function moveReadout(chart: uPlot): void {
  const readout = chart.over.querySelector<HTMLElement>(`.${css.readout}`);
  const { idx, left = -1 } = chart.cursor;
  if (!readout) return;
  const at = idx === null || idx === undefined ? undefined : chart.data[0][idx];
  readout.hidden = left < 0 || at === undefined;
  if (at === undefined) return;
  const count = chart.data[1]?.[idx!] ?? 0;
  readout.textContent = `${formatMinute(new Date(at * 1000))} · ${formatInteger(count)}`;
  const half = chart.over.clientWidth / 2;
  readout.style.left = left > half ? "" : `${left + 12}px`;
  readout.style.right = left > half ? `${chart.over.clientWidth - left + 12}px` : "";
}
