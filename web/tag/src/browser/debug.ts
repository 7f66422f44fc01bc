/** Tells the console what the tag sends, decides and may do: `?kith_debug` or `kith("debug")`. */
import type { Tag } from "./tag.ts";

export function showDebug(tag: Tag): void {
  for (const topic of ["event", "decision", "consent"] as const) {
    tag.on(topic, (detail) => console.log("kith", topic, detail));
  }
  tag.ready((person) => console.log("kith", person));
}
