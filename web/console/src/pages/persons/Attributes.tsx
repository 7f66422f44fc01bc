import type { Person } from "../../api/types.ts";
import { formatFeature, humanise } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Card } from "../../parts/Card.tsx";
import { isByKey, KeyBars } from "../../parts/KeyBars.tsx";
import { Table } from "../../parts/Table.tsx";
import { When } from "../../parts/When.tsx";
import { Affinities } from "./Affinities.tsx";
import css from "./Attributes.module.css";
import { Interests } from "./Interests.tsx";

const AFFINITIES_MAX = 50;
const INTERESTS_MAX = 12;
const KEYS_MAX = 12;

export function Attributes({ person }: { person: Person }) {
  const traits = Object.entries(person.traits);
  const known = Object.entries(person.features).filter(([, value]) => value !== null);
  const features = known.filter(([, value]) => !isByKey(value));
  return (
    <>
      <Card title={t("persons.traitsTitle")} note={t("persons.traitsNote")} flush>
        {traits.length === 0 ? (
          <p className={css.none}>{t("persons.traitsEmpty")}</p>
        ) : (
          <Table
            label={t("persons.traitsTitle")}
            headers={[
              t("persons.trait"),
              t("persons.value"),
              t("persons.source"),
              t("persons.set"),
            ]}
          >
            {traits.map(([name, value]) => (
              <tr key={name}>
                <td>
                  <code>{name}</code>
                </td>
                <td>
                  {isByKey(value) ? <KeyBars label={name} values={value} most={6} /> : textOf(value)}
                </td>
                <td className="k-soft">{person.trait_details[name]?.source ?? "–"}</td>
                <td className="k-soft">
                  <When at={person.trait_details[name]?.at} />
                </td>
              </tr>
            ))}
          </Table>
        )}
      </Card>
      <Card title={t("persons.featuresTitle")} note={t("persons.featuresNote")}>
        {known.length === 0 ? (
          <p className="k-muted">{t("persons.featuresEmpty")}</p>
        ) : (
          <dl className={css.features}>
            {features.map(([name, value]) => (
              <div key={name} className={css.feature}>
                <dt title={`features.${name}`}>{humanise(name.replace(/_at$/, ""))}</dt>
                <dd>{formatFeature(name, value)}</dd>
              </div>
            ))}
          </dl>
        )}
        <div className={css.byKey}>
          {known.map(
            ([name, value]) =>
              isByKey(value) && (
                <section key={name}>
                  <h3 title={`features.${name}`}>{humanise(name)}</h3>
                  <KeyBars label={humanise(name)} values={value} most={KEYS_MAX} />
                </section>
              ),
          )}
        </div>
      </Card>
      <Card title={t("persons.interests")} note={t("persons.interestsNote")}>
        <Interests interests={person.interests} most={INTERESTS_MAX} />
      </Card>
      <Card title={t("persons.affinitiesAll")} note={t("persons.affinitiesNote")}>
        <Affinities affinities={person.affinities} most={AFFINITIES_MAX} wide />
      </Card>
    </>
  );
}

function textOf(value: unknown): string {
  if (typeof value === "boolean") return value ? t("parts.yes") : t("parts.no");
  if (Array.isArray(value) && value.every((one) => typeof one !== "object"))
    return value.join(", ");
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}
