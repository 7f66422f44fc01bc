/** One decision: what was shown and why, what lost and by how much, and whether it comes out again. */
import { Button } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { decisionQuery, replay } from "../../api/decisions.ts";
import { asApiError } from "../../api/problem.ts";
import type { DecisionRecord } from "../../api/types.ts";
import { Icon } from "../../icons/Icon.tsx";
import { formatDateTime, formatExactTime } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Badge } from "../../parts/Badge.tsx";
import { Card } from "../../parts/Card.tsx";
import { ChoiceRow } from "../../parts/ChoiceRow.tsx";
import { Copy } from "../../parts/Copy.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { JsonView } from "../../parts/JsonView.tsx";
import { Page } from "../../parts/Page.tsx";
import { Properties } from "../../parts/Properties.tsx";
import { Table } from "../../parts/Table.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import css from "./Decisions.module.css";
import { Lost } from "./Lost.tsx";
import { compare, greatestScore, greatestTerms } from "./record.ts";
import { Score } from "./Score.tsx";
import { Words } from "./Words.tsx";

const route = getRouteApi("/app/decisions/$id");

export function Decision() {
  const { id } = route.useParams();
  const { data: record, error, refetch } = useQuery(decisionQuery(id));
  const again = useMutation({ mutationFn: () => replay(id) });
  const missing = error && asApiError(error).status === 404;
  return (
    <Page
      title={t("decisions.one")}
      lede={record && <About record={record} />}
      above={
        <Link to="/decisions" className="k-row k-small">
          <Icon name="back" size={15} />
          {t("decisions.back")}
        </Link>
      }
      actions={
        record && (
          <Button
            leftSection={<Icon name="history" size={16} />}
            loading={again.isPending}
            onClick={() => again.mutate()}
          >
            {t("decisions.replay")}
          </Button>
        )
      }
    >
      {missing && (
        <Empty icon="spark" title={t("decisions.missing")}>
          {t("decisions.missingText")}
        </Empty>
      )}
      {error && !missing && <Failure error={error} onRetry={() => void refetch()} />}
      {!record && !error && <Waiting lines={10} height={22} />}
      {again.error && <Failure error={again.error} title={t("decisions.replayFailed")} />}
      {again.data && <Replayed kept={again.data.kept} again={again.data.again} />}
      {record && <Known record={record} />}
    </Page>
  );
}

function About({ record }: { record: DecisionRecord }) {
  const { placement, person_id, decided_at, decision, decision_id } = record;
  return (
    <span className="k-row-wrap">
      <Link to="/placements/$id" params={{ id: placement }} className="k-wrap">
        {placement}
      </Link>
      <span aria-hidden="true">·</span>
      {person_id ? (
        <Link to="/profiles/$personId" params={{ personId: person_id }} search={{ tab: "decisions" }}>
          {t("decisions.openPerson")}
        </Link>
      ) : (
        <span>{t("decisions.nobody")}</span>
      )}
      <span aria-hidden="true">·</span>
      <time dateTime={decided_at} title={formatExactTime(decided_at)}>
        {formatDateTime(decided_at)}
      </time>
      {decision.fallback && <Badge tone="warn">{t("persons.fallback")}</Badge>}
      {decision.experiments.map(({ id, variation }) => (
        <Badge key={id} tone="plum">
          {id}: {variation}
        </Badge>
      ))}
      <span className="k-row">
        <code className="k-wrap k-tiny">{decision_id}</code>
        <Copy text={decision_id} label={t("decisions.copyId")} />
      </span>
    </span>
  );
}

function Replayed({ kept, again }: { kept: string; again: string }) {
  const compared = compare(kept, again);
  return (
    <div className={css.replay} data-same={compared.same} role="status">
      <Icon name={compared.same ? "check" : "warning"} size={18} />
      <div className="k-stack-tight k-grow">
        <p>
          <strong>{t(compared.same ? "decisions.same" : "decisions.differs")}</strong>
        </p>
        <p className="k-small">
          {compared.same
            ? t("decisions.sameText", { count: compared.bytes })
            : t("decisions.differsText")}
        </p>
        {!compared.same && (
          <Table
            label={t("decisions.differs")}
            headers={[t("decisions.member"), t("decisions.kept"), t("decisions.again")]}
          >
            {compared.differences.map((one) => (
              <tr key={one.at}>
                <td>
                  <code className="k-wrap">{one.at}</code>
                </td>
                <td className="k-wrap">{one.kept.slice(0, 300)}</td>
                <td className="k-wrap">{one.again.slice(0, 300)}</td>
              </tr>
            ))}
          </Table>
        )}
      </div>
    </div>
  );
}

function Known({ record }: { record: DecisionRecord }) {
  const { decision, facts, definitions, request } = record;
  const context = Object.keys(request.context ?? {}).length > 0 ? request.context : null;
  return (
    <div className={css.columns}>
      <div className="k-stack-loose">
        <Shown record={record} />
        <Lost record={record} />
      </div>
      <div className="k-stack-loose">
        <Words id={record.decision_id} />
        <Card title={t("decisions.facts")} note={t("decisions.factsNote")}>
          {Object.keys(facts).length > 0 ? (
            <Properties values={facts} label={t("decisions.facts")} />
          ) : (
            <p className="k-muted">{t("decisions.noFacts")}</p>
          )}
        </Card>
        {context && (
          <Card title={t("decisions.context")} note={t("decisions.contextNote")}>
            <Properties values={context} label={t("decisions.context")} />
          </Card>
        )}
        <Card title={t("decisions.definitions")} note={t("decisions.definitionsNote")}>
          <ul className={css.words}>
            {definitions.map(({ kind, id, revision }) => (
              <li key={`${kind}/${id}`} className="k-spread">
                <span className="k-wrap">
                  {kind} <code>{id}</code>
                </span>
                <span className="k-muted k-number">
                  {t("definitions.revision", { revision: String(revision) })}
                </span>
              </li>
            ))}
          </ul>
        </Card>
        <details>
          <summary className="k-small">{t("persons.record")}</summary>
          <JsonView value={record} label={t("persons.record")} />
        </details>
      </div>
      {decision.error && <Badge tone="bad">{decision.error.code}</Badge>}
    </div>
  );
}

function Shown({ record }: { record: DecisionRecord }) {
  const { choices, error } = record.decision;
  const [score, terms] = [greatestScore(record), greatestTerms(record)];
  return (
    <Card title={t("decisions.shown")} note={t("decisions.shownNote")}>
      {error && <p className="k-wrap">{error.message}</p>}
      {choices.length === 0 && !error && <p className="k-muted">{t("persons.nothingChosen")}</p>}
      <ol className={css.choices}>
        {choices.map((choice) => (
          <li key={`${choice.kind}:${choice.id}`}>
            <ChoiceRow choice={choice} />
            {choice.granted && (
              <p className="k-small k-soft k-wrap">
                {t(choice.granted.new ? "decisions.granted" : "decisions.held", {
                  until: formatDateTime(choice.granted.expires_at),
                })}{" "}
                {choice.granted.code && <code>{choice.granted.code}</code>}
              </p>
            )}
            <Score score={choice.score} terms={choice.terms} of={{ score, terms }} won />
          </li>
        ))}
      </ol>
    </Card>
  );
}
