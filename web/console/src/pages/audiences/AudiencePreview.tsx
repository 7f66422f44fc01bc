import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { AudiencePreview as Preview } from "../../api/audience-wire.ts";
import { audiencePreviewQuery } from "../../api/audiences.ts";
import { Icon } from "../../icons/Icon.tsx";
import { formatInteger, formatPercent } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Avatar } from "../../parts/Avatar.tsx";
import { Card } from "../../parts/Card.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { bestIdentifier, isVisitor, personTitle } from "../../parts/IdentifierTag.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import type { EditedRule } from "../../rules/use-rule.ts";
import css from "./AudiencePreview.module.css";

/** How many people the rule as it stands would hold for, and who. */
export function AudiencePreview({ id, rule }: { id: string; rule: EditedRule }) {
  const [exactly, setExactly] = useState<string | null>(null);
  const { when, lacking, parsed } = rule;
  const exact = when !== null && exactly === when;
  const query = useQuery({
    ...audiencePreviewQuery(id, { description: "", type: "rule", when: when ?? "" }, exact),
    enabled: when !== null && when !== "",
  });
  const answer = query.data;
  const stale = when === null || query.isPlaceholderData;
  const warnings = [
    ...(parsed?.lint ?? []).map(({ message, fix }) => ({ message, fix })),
    ...(answer?.warnings ?? []).map(({ message }) => ({ message, fix: null })),
  ].filter(({ message }, at, all) => all.findIndex((one) => one.message === message) === at);
  const words = parsed?.in_words;
  const empty = rule.root?.parts.length === 0;

  return (
    <Card title={t("audiences.preview.title")} note={t("audiences.preview.note")}>
      <div className="k-stack-loose">
        {lacking.length > 0 && !empty && (
          <p className={css.lacking} role="status">
            <Icon name="info" size={16} />
            {t("rules.unfinished", { count: lacking.length })}
          </p>
        )}
        {query.error && !query.isFetching && (
          <Failure error={query.error} onRetry={() => void query.refetch()} />
        )}
        {!answer && query.isFetching && <Waiting lines={4} height={22} />}
        {!answer && !query.isFetching && !query.error && (
          <Empty icon="audience" title={t("audiences.preview.nothing")} compact>
            {t("audiences.preview.nothingText")}
          </Empty>
        )}
        {answer && (
          <div className={css.answer} data-stale={stale} aria-busy={query.isFetching}>
            <Size size={answer.size} />
            <div className="k-row-wrap">
              {!answer.size.exact && (
                <Button
                  variant="default"
                  size="xs"
                  loading={exact && query.isFetching}
                  disabled={when === null}
                  onClick={() => setExactly(when)}
                >
                  {t("audiences.preview.count")}
                </Button>
              )}
              <span className="k-small k-muted" role="status">
                {query.isFetching
                  ? exact
                    ? t("audiences.preview.counting")
                    : t("audiences.preview.updating")
                  : when === null && t("audiences.preview.waiting")}
              </span>
            </div>
          </div>
        )}
        {words && (
          <section>
            <h3 className={css.heading}>{t("audiences.preview.inWords")}</h3>
            <p className={css.words}>{words}</p>
          </section>
        )}
        {warnings.length > 0 && (
          <section className={css.warnings}>
            <h3>{t("audiences.preview.warnings")}</h3>
            <ul>
              {warnings.map(({ message, fix }) => (
                <li key={message}>
                  {message}
                  {fix && ` ${t("rules.fix", { fix })}`}
                </li>
              ))}
            </ul>
          </section>
        )}
        {answer && <Sample answer={answer} />}
        {answer && <Overlap answer={answer} />}
      </div>
    </Card>
  );
}

function Size({ size }: { size: Preview["size"] }) {
  const { estimate, low, high, exact, sampled, of } = size;
  const share = of > 0 ? estimate / of : 0;
  const position = (value: number) => `${of > 0 ? Math.min(100, (value / of) * 100) : 0}%`;
  return (
    <div role="status">
      <p className={css.big}>
        {exact
          ? formatInteger(estimate)
          : t("audiences.preview.estimate", { count: formatInteger(estimate) })}
        <span className={css.unit}> {t("audiences.people", { count: estimate })}</span>
      </p>
      <span className={css.scale} aria-hidden="true">
        <span className={css.share} style={{ width: position(estimate) }} />
        {!exact && (
          <span
            className={css.interval}
            style={{ left: position(low), width: `calc(${position(high)} - ${position(low)})` }}
          />
        )}
      </span>
      <p className={css.how}>
        {t("audiences.preview.everybody", { share: shareText(share) })}
        {" · "}
        {exact
          ? t("audiences.preview.exact", { of: formatInteger(of) })
          : `${t("audiences.preview.between", {
              low: formatInteger(low),
              high: formatInteger(high),
            })}, ${t("audiences.preview.sampled", {
              sampled: formatInteger(sampled),
              of: formatInteger(of),
            })}`}
      </p>
    </div>
  );
}

/** A share that rounds to nothing, but is not nothing, must not read as 0 %. */
function shareText(share: number): string {
  return share > 0 && share < 0.01 ? `< ${formatPercent(0.01)}` : formatPercent(share);
}

function Sample({ answer }: { answer: Preview }) {
  return (
    <section>
      <h3 className={css.heading}>{t("audiences.preview.sample")}</h3>
      {answer.sample.length === 0 ? (
        <p className="k-small k-muted">{t("audiences.preview.sampleNone")}</p>
      ) : (
        <ul className={css.people}>
          {answer.sample.map((person) => {
            const title = personTitle(person);
            const best = bestIdentifier(person.identifiers);
            return (
              <li key={person.person_id}>
                <Link
                  to="/profiles/$personId"
                  params={{ personId: person.person_id }}
                  target="_blank"
                  className={css.person}
                  aria-label={t("audiences.preview.newTab", { name: title })}
                >
                  <Avatar
                    name={title}
                    id={person.person_id}
                    size={24}
                    visitor={isVisitor(person.identifiers)}
                  />
                  <span className="k-ellipsis">{title}</span>
                  {best && best.value !== title && (
                    <span className={css.identifier}>{best.value}</span>
                  )}
                </Link>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}

function Overlap({ answer }: { answer: Preview }) {
  const total = Math.max(1, answer.size.estimate);
  const others = answer.overlap.filter(({ both }) => both > 0);
  return (
    <section>
      <h3 className={css.heading}>{t("audiences.preview.overlap")}</h3>
      {others.length === 0 ? (
        <p className="k-small k-muted">{t("audiences.preview.overlapNone")}</p>
      ) : (
        <>
          <p className={css.note}>{t("audiences.preview.overlapNote")}</p>
          <ul className={css.bars}>
            {others.map(({ audience_id, name, both }) => {
              const share = Math.min(1, both / total);
              return (
                <li key={audience_id} className={css.bar}>
                  <Link
                    to="/audiences/$id"
                    params={{ id: audience_id }}
                    target="_blank"
                    className="k-ellipsis"
                    title={name || audience_id}
                  >
                    {name || audience_id}
                  </Link>
                  <span
                    className="k-number k-soft"
                    title={t("audiences.preview.overlapLabel", {
                      both: formatInteger(both),
                      count: formatInteger(total),
                    })}
                  >
                    {formatInteger(both)} · {shareText(share)}
                  </span>
                  <span className={css.track} aria-hidden="true">
                    <span style={{ width: `${share * 100}%` }} />
                  </span>
                </li>
              );
            })}
          </ul>
        </>
      )}
    </section>
  );
}
