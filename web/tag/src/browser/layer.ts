/** Listens to a data layer: what is in it already, and what is pushed from now on. */
import { readLayer } from "../core/layer.ts";
import { guard, type Tag } from "./tag.ts";

export function watchLayer(tag: Tag): void {
  const name = tag.config.data_layer;
  if (!name) return;
  const pages = window as unknown as Record<string, unknown[] | undefined>;
  const layer = (pages[name] = pages[name] || []);
  const take = (entry: unknown) =>
    guard(() => {
      const read = readLayer(entry);
      if ("choice" in read) tag.consent(read.choice);
      else read.calls.forEach(tag.call);
    });
  layer.slice().forEach(take);
  const { push } = layer;
  layer.push = (...entries) => {
    const length = push.apply(layer, entries);
    entries.forEach(take);
    return length;
  };
}
