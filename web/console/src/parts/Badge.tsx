import type { ReactNode } from "react";
import css from "./Badge.module.css";

export type Tone = "neutral" | "good" | "warn" | "bad" | "info" | "plum";

export function Badge({ tone = "neutral", children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span className={css.badge} data-tone={tone}>
      {children}
    </span>
  );
}

/** A coloured point with its meaning in words beside it. */
export function Dot({ tone, pulse }: { tone: Tone; pulse?: boolean }) {
  return <span className={css.dot} data-tone={tone} data-pulse={pulse} aria-hidden="true" />;
}
