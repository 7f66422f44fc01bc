import { formatMinute } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { AreaChart } from "../../parts/AreaChart.tsx";

type Minute = { at: string; count: number };

export function MinuteChart({ minutes }: { minutes: Minute[] }) {
  return (
    <AreaChart
      points={minutes.map(({ at, count }) => ({ at, value: count }))}
      label={summary(minutes)}
      headers={{ at: t("home.minute"), value: t("home.count") }}
      formatAt={formatMinute}
    />
  );
}

function summary(minutes: Minute[]): string {
  const counts = minutes.map((minute) => minute.count);
  return t("home.chartLabel", {
    total: counts.reduce((sum, count) => sum + count, 0),
    peak: Math.max(0, ...counts),
    latest: counts.at(-1) ?? 0,
  });
}
