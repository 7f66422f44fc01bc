import type { Person } from "../../api/types.ts";
import { formatDateTime, formatPercent, humanise } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Badge } from "../../parts/Badge.tsx";
import { Card } from "../../parts/Card.tsx";
import { IdentifierTag } from "../../parts/IdentifierTag.tsx";
import css from "./Sidebar.module.css";

const BARS_MAX = 6;

export function Sidebar({ person }: { person: Person }) {
  return (
    <aside className="k-stack-loose" aria-label={t("persons.about")}>
      <Card title={t("persons.affinities")} note={t("persons.affinitiesNote")}>
        <Affinities affinities={person.affinities} />
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
      {person.audiences.length > 0 && (
        <Card title={t("persons.audiences")}>
          <div className={css.tags}>
            {person.audiences.map((audience) => (
              <Badge key={audience} tone="info">
                {audience}
              </Badge>
            ))}
          </div>
        </Card>
      )}
    </aside>
  );
}

function Affinities({ affinities }: { affinities: Person["affinities"] }) {
  const groups = Object.entries(affinities).filter(([, shares]) => Object.keys(shares).length > 0);
  if (groups.length === 0) return <p className="k-muted">{t("persons.affinitiesEmpty")}</p>;
  return (
    <div className="k-stack">
      {groups.map(([attribute, shares]) => (
        <section key={attribute}>
          <h3 className={css.attribute}>{humanise(attribute)}</h3>
          <ul className={css.bars}>
            {Object.entries(shares)
              .sort(([, a], [, b]) => b - a)
              .slice(0, BARS_MAX)
              .map(([value, share]) => (
                <li key={value} className={css.bar}>
                  <span className="k-ellipsis" title={value}>
                    {value}
                  </span>
                  <span className="k-number k-soft">{formatPercent(share)}</span>
                  <span className={css.track} aria-hidden="true">
                    <span style={{ width: `${Math.min(100, share * 100)}%` }} />
                  </span>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </div>
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
