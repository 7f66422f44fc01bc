import { Skeleton } from "@mantine/core";
import { t } from "../i18n/t.ts";

/** Grey lines in the shape of what is coming. */
export function Waiting({ lines = 6, height = 16 }: { lines?: number; height?: number }) {
  return (
    <div role="status" aria-label={t("parts.loading")} className="k-stack">
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} height={height} width={`${96 - ((line * 23) % 41)}%`} radius="sm" />
      ))}
    </div>
  );
}
