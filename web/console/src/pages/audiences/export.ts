/** Members as a table for other programs. */
import type { Member } from "../../api/audience-wire.ts";

/** A column for each namespace that occurs; several values of one are separated by spaces. */
export function csvOf(members: Member[]): string {
  const namespaces = [
    ...new Set(members.flatMap(({ identifiers }) => identifiers.map((one) => one.namespace))),
  ].sort();
  const header = ["person_id", "name", "since", "last_seen_at", ...namespaces];
  const lines = members.map((member) => [
    member.person_id,
    member.display_name ?? "",
    member.since,
    member.last_seen_at ?? "",
    ...namespaces.map((namespace) =>
      member.identifiers
        .filter((one) => one.namespace === namespace)
        .map(({ value }) => value)
        .join(" "),
    ),
  ]);
  return [header, ...lines].map((line) => `${line.map(cellOf).join(",")}\r\n`).join("");
}

/** A leading `=`, `+`, `-` or `@` would be run as a formula by spreadsheets; a phone's would not. */
const FORMULA = /^[=@\t\r]|^[+-](?!\d+$)/;

function cellOf(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
