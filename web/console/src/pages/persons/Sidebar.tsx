import type { Person } from "../../api/types.ts";
import { formatDateTime, humanise } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Badge } from "../../parts/Badge.tsx";
import { Card } from "../../parts/Card.tsx";
import { IdentifierTag } from "../../parts/IdentifierTag.tsx";
import { AccountList } from "./AccountList.tsx";
import { Affinities } from "./Affinities.tsx";
import { AudienceList } from "./AudienceList.tsx";
import css from "./Sidebar.module.css";

const BARS_MAX = 5;

export function Sidebar({ person }: { person: Person }) {
  return (
    <aside className="k-stack-loose" aria-label={t("persons.about")}>
      <AudienceList person={person} />
      <AccountList accounts={person.accounts} />
      <Card title={t("persons.affinities")} note={t("persons.affinitiesNote")}>
        <Affinities affinities={person.affinities} most={BARS_MAX} />
      </Card>
      <Card title={t("persons.knownAs")}>
        <div className={css.tags}>
          {person.identifiers.slice(0, 12).map((identifier) => (
            <IdentifierTag
              key={`${identifier.namespace}:${identifier.value}`}
              identifier={identifier}
            />
          ))}
        </div>
      </Card>
      <Card title={t("persons.consents")}>
        <Consents consents={person.consents} />
      </Card>
    </aside>
  );
}

function Consents({ consents }: { consents: Person["consents"] }) {
  const given = Object.entries(consents);
  if (given.length === 0) return <p className="k-muted">{t("persons.consentsEmpty")}</p>;
  return (
    <ul className={css.consents}>
      {given.map(([category, { granted, at, source }]) => (
        <li key={category} className="k-spread" title={`${formatDateTime(at)} · ${source}`}>
          <span className="k-ellipsis">{humanise(category)}</span>
          <Badge tone={granted ? "good" : "neutral"}>
            {granted ? t("persons.granted") : t("persons.denied")}
          </Badge>
        </li>
      ))}
    </ul>
  );
}
