import type { Loser } from "../api/types.ts";
import { tMaybe } from "../i18n/t.ts";
import { Badge } from "./Badge.tsx";
import css from "./Losers.module.css";

/** What could have been chosen, and the reason it was not. */
export function Losers({ losers }: { losers: Loser[] }) {
  return (
    <ul className={css.losers}>
      {losers.map((loser) => (
        <li key={`${loser.kind}:${loser.id}`} className={css.loser}>
          <span className={css.id}>{loser.id}</span>
          <Badge>{tMaybe(`persons.loserCode.${loser.code}`) ?? loser.code}</Badge>
          <span className={css.reason}>{loser.reason}</span>
        </li>
      ))}
    </ul>
  );
}
