import { Icon } from "../icons/Icon.tsx";
import css from "./Avatar.module.css";

const HUES = 6;
const VISITOR_HUE = 5;

interface AvatarProps {
  name: string;
  id: string;
  size?: number;
  /** Nobody knows a name: a figure says that better than the initials of an id. */
  visitor?: boolean;
}

/** Initials on a colour that stays the same for the same person. */
export function Avatar({ name, id, size = 32, visitor }: AvatarProps) {
  return (
    <span
      className={css.avatar}
      data-hue={visitor ? VISITOR_HUE : hueOf(id)}
      style={{ width: size, height: size, fontSize: size * 0.38 }}
      aria-hidden="true"
    >
      {visitor ? <Icon name="person" size={size * 0.6} /> : initialsOf(name)}
    </span>
  );
}

export function initialsOf(name: string): string {
  const words = name.split(/[\s@._:-]+/).filter((word) => /\p{L}|\p{N}/u.test(word));
  const [first = "?", second] = words;
  const letters = second ? [...first][0]! + [...second][0]! : [...first].slice(0, 2).join("");
  return letters.toUpperCase();
}

function hueOf(id: string): number {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + character.charCodeAt(0)) >>> 0;
  return sum % HUES;
}
