import { useEffect, useState } from "react";
import { formatAgo, formatExactTime } from "../i18n/format.ts";

/** One clock for every relative time on the page. */
const TICK_MS = 15_000;
const listeners = new Set<() => void>();
setInterval(() => {
  for (const listener of listeners) listener();
}, TICK_MS);

export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const tick = () => setNow(Date.now());
    listeners.add(tick);
    return () => {
      listeners.delete(tick);
    };
  }, []);
  return now;
}

/** How long ago, with the exact time on hover. */
export function When({ at }: { at: string | null | undefined }) {
  const now = useNow();
  if (!at) return <span>–</span>;
  return (
    <time dateTime={at} title={formatExactTime(at)} className="k-number">
      {formatAgo(at, Math.max(now, Date.now()))}
    </time>
  );
}
