import { useState } from "react";
import { Icon } from "../icons/Icon.tsx";
import css from "./Thumb.module.css";

interface ThumbProps {
  src: string | null | undefined;
  size: number;
  kind?: "offer" | "item";
}

/** A picture beside its title, so it needs no words of its own; a sign where there is none. */
export function Thumb({ src, size, kind = "item" }: ThumbProps) {
  const [broken, setBroken] = useState<string | null>(null);
  const style = { width: size, height: size };
  if (!src || broken === src) {
    return (
      <span className={css.thumb} style={style}>
        <Icon name={kind === "offer" ? "offer" : "image"} size={Math.round(size * 0.45)} />
      </span>
    );
  }
  return (
    <img
      className={css.thumb}
      style={style}
      src={src}
      alt=""
      loading="lazy"
      onError={() => setBroken(src)}
    />
  );
}
