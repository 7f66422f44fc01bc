/** Two persons side by side, with what agrees and what differs marked. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Fragment, useState } from "react";
import { personQuery } from "../../api/persons.ts";
import type { ProbableLink } from "../../api/reviews.ts";
import type { Person, PersonRow } from "../../api/types.ts";
import { humaniseField } from "../../i18n/format.ts";
import { t, tMaybe } from "../../i18n/t.ts";
import { Avatar } from "../../parts/Avatar.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { isVisitor, personTitle } from "../../parts/IdentifierTag.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import {
  compareIdentifiers,
  compareTraits,
  compareVisits,
  countMarks,
  type Mark,
  type Row,
} from "./compare.ts";
import css from "./PairTable.module.css";

/** Rows of a part at first; values of a row. */
const ROWS = 12;
const VALUES_MAX = 4;
const SIGNS: Record<Mark, string> = { same: "=", alike: "≈", differs: "≠", one: "–", none: "" };

export function PairTable({ link }: { link: ProbableLink }) {
  const [a, b] = [link.from.person, link.to.person];
  const one = useQuery(personQuery(a.person_id));
  const other = useQuery(personQuery(b.person_id));
  const failed = [one, other].find((query) => query.error);
  if (failed?.error) {
    return <Failure error={failed.error} onRetry={() => void failed.refetch()} />;
  }
  if (!one.data || !other.data) return <Waiting lines={9} height={22} />;
  return <Compared a={one.data} b={other.data} />;
}

function Compared({ a, b }: { a: Person; b: Person }) {
  const parts = [
    { name: "identifiers", rows: compareIdentifiers(a.identifiers, b.identifiers) },
    { name: "traits", rows: compareTraits(a, b) },
    { name: "visits", rows: compareVisits(a, b) },
  ] as const;
  const counts = countMarks(parts.flatMap((part) => part.rows));
  return (
    <div className="k-stack">
      <table className={css.table}>
        <caption className="k-hidden">{t("identity.compare.label")}</caption>
        <thead>
          <tr>
            <th scope="col" className={css.nameHead}>
              <span className="k-hidden">{t("identity.compare.field")}</span>
            </th>
            <PersonHead person={a} />
            <PersonHead person={b} />
            <th scope="col" className={css.markHead}>
              <span className="k-hidden">{t("identity.compare.verdict")}</span>
            </th>
          </tr>
        </thead>
        {parts.map((part) => (
          <Part key={part.name} name={part.name} rows={part.rows} />
        ))}
      </table>
      <p className={css.legend}>
        {(["same", "alike", "differs", "one"] as const).map((mark) => (
          <span key={mark}>
            <Sign mark={mark} /> {t(`identity.compare.count.${mark}`, { count: counts[mark] })}
          </span>
        ))}
      </p>
    </div>
  );
}

function PersonHead({ person }: { person: PersonRow }) {
  const title = personTitle(person);
  return (
    <th scope="col" className={css.person} data-row>
      <span>
        <Avatar
          name={title}
          id={person.person_id}
          size={30}
          visitor={isVisitor(person.identifiers)}
        />
        <Link
          to="/profiles/$personId"
          params={{ personId: person.person_id }}
          search={{ tab: "identity" }}
          title={title}
        >
          {title}
        </Link>
      </span>
    </th>
  );
}

function Part({ name, rows }: { name: "identifiers" | "traits" | "visits"; rows: Row[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? rows : rows.slice(0, ROWS);
  const left = rows.length - shown.length;
  return (
    <tbody>
      <tr className={css.part}>
        <th colSpan={4} scope="colgroup">
          {t(`identity.compare.${name}`)}
        </th>
      </tr>
      {rows.length === 0 && (
        <tr className={css.empty}>
          <td colSpan={4}>{t(`identity.compare.${name}None`)}</td>
        </tr>
      )}
      {shown.map((row) => (
        <tr
          key={row.name}
          className={css.row}
          data-mark={row.mark}
          // Names of traits are data, which has no translation.
          data-row={name === "traits" || undefined}
        >
          <th scope="row" className={css.name}>
            {tMaybe(`identity.compare.named.${row.name}`) ?? humaniseField(row.name)}
          </th>
          <Values values={row.a} />
          <Values values={row.b} />
          <td className={css.mark}>
            {row.mark !== "none" && (
              <>
                <Sign mark={row.mark} />{" "}
                <span className={css.word}>{t(`identity.compare.mark.${row.mark}`)}</span>
              </>
            )}
          </td>
        </tr>
      ))}
      {left > 0 && (
        <tr className={css.empty}>
          <td colSpan={4}>
            <Button size="compact-xs" variant="default" onClick={() => setAll(true)}>
              {t("identity.graph.more", { count: left })}
            </Button>
          </td>
        </tr>
      )}
    </tbody>
  );
}

function Values({ values }: { values: string[] }) {
  const more = values.length - VALUES_MAX;
  return (
    <td className={css.values}>
      {values.length === 0 && <span className="k-muted">–</span>}
      {values.slice(0, VALUES_MAX).map((value, at) => (
        <Fragment key={`${at} ${value}`}>
          <span className={css.value} title={value}>
            {value}
          </span>
        </Fragment>
      ))}
      {more > 0 && (
        <span className="k-tiny k-muted">{t("identity.regroup.more", { count: more })}</span>
      )}
    </td>
  );
}

function Sign({ mark }: { mark: Mark }) {
  return (
    <span className={css.sign} data-mark={mark} aria-hidden="true">
      {SIGNS[mark]}
    </span>
  );
}
