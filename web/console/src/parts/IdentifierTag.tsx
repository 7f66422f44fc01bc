import type { Identifier } from "../api/types.ts";
import css from "./IdentifierTag.module.css";

/** A value this short is never cut, however little space there is. */
const SHORT_MAX_CHARS = 10;

/** `namespace` and value of one identifier, cut where space is short. */
export function IdentifierTag({ identifier }: { identifier: Identifier }) {
  const { namespace, value } = identifier;
  return (
    <span
      className={css.tag}
      data-short={value.length <= SHORT_MAX_CHARS}
      title={`${namespace}:${value}`}
    >
      <span className={css.namespace}>{namespace}</span>
      <span className={css.value}>{value}</span>
    </span>
  );
}

/** The namespaces people recognise each other by, best first. */
const READABLE = ["email", "user_id", "phone", "line_id"];

export function bestIdentifier<Found extends Identifier>(found: Found[]): Found | undefined {
  const rank = (identifier: Found) => {
    const index = READABLE.indexOf(identifier.namespace);
    return index < 0 ? READABLE.length : index;
  };
  return [...found].sort((a, b) => rank(a) - rank(b))[0];
}

/** Only a device is known, nobody behind it. */
export function isVisitor(identifiers: Identifier[]): boolean {
  return identifiers.every((identifier) => identifier.namespace === "anonymous_id");
}

export function personTitle(person: {
  display_name: string | null;
  identifiers: Identifier[];
  person_id: string | null;
}): string {
  const { display_name, identifiers, person_id } = person;
  return display_name || bestIdentifier(identifiers)?.value || person_id || "–";
}
