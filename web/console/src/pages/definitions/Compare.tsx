/** Ways to choose side by side, each valued from past decisions. */
import { Button, Checkbox, Menu, Select } from "@mantine/core";
import { useQueries, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { revisionsQuery } from "../../api/definitions.ts";
import {
  type PlacementPolicy,
  type PolicyValue,
  policyValueQuery,
} from "../../api/policies.ts";
import { asApiError } from "../../api/problem.ts";
import type { PlacementSpec } from "../../api/types.ts";
import formCss from "../../forms/Form.module.css";
import { Icon } from "../../icons/Icon.tsx";
import { formatFigure, formatInteger } from "../../i18n/format.ts";
import { t, tMaybe } from "../../i18n/t.ts";
import { Card } from "../../parts/Card.tsx";
import { type IntervalRow, Intervals } from "../../parts/Intervals.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import {
  type Candidate,
  candidatesOf,
  ESTIMATORS,
  type Estimator,
  estimateOf,
  firstOf,
  ofRevision,
  type Period,
  PERIODS,
  REFUSALS,
  since,
  standingOf,
  verdictOf,
} from "./compare.ts";
import { OwnRanking } from "./OwnRanking.tsx";
import css from "./Policies.module.css";

const REVISIONS_LISTED_MAX = 10;

interface CompareProps {
  placement: string;
  policy: PlacementPolicy;
  spec: PlacementSpec;
  draft: PlacementSpec;
}

export function Compare({ placement, policy, spec, draft }: CompareProps) {
  const [own, setOwn] = useState<Candidate[]>([]);
  const all = [...candidatesOf(policy, spec, draft), ...own];
  const [picked, setPicked] = useState<string[] | null>(null);
  const [estimator, setEstimator] = useState<Estimator>("best");
  const [period, setPeriod] = useState<Period>("all");
  const [now] = useState(() => Date.now());
  const chosen = picked ?? firstOf(all, policy.best);
  const compared = all.filter(({ key }) => chosen.includes(key));
  const from = since(period, now);
  const answers = useQueries({
    queries: compared.map(({ request }) =>
      policyValueQuery(placement, { ...request, ...(from && { from }) }),
    ),
  });

  function add(candidate: Candidate) {
    setOwn((before) => [...before.filter(({ key }) => key !== candidate.key), candidate]);
    setPicked([...chosen.filter((key) => key !== candidate.key), candidate.key]);
  }

  return (
    <Card title={t("policies.compare.title")} note={t("policies.compare.note")}>
      <div className="k-stack-loose">
        <div className="k-stack">
          <h3>{t("policies.compare.add")}</h3>
          <Checkbox.Group
            value={chosen}
            onChange={setPicked}
            aria-label={t("policies.compare.candidates")}
          >
            <div className={formCss.choices}>
              {all.map(({ key, label }) => (
                <Checkbox key={key} value={key} size="xs" label={label} />
              ))}
              <Revisions placement={placement} onChoose={add} />
            </div>
          </Checkbox.Group>
          <OwnRanking spec={spec} policy={policy} count={own.length} onAdd={add} />
        </div>
        <div className={css.tools}>
          <Select
            label={t("policies.compare.period")}
            data={PERIODS.map((one) => ({
              value: one,
              label: t(`policies.compare.periods.${one}`),
            }))}
            value={period}
            allowDeselect={false}
            onChange={(next) => setPeriod(next as Period)}
          />
          <Select
            label={t("policies.compare.estimator")}
            data={(["best", ...ESTIMATORS] as const).map((one) => ({
              value: one,
              label: t(`policies.compare.estimators.${one}`),
            }))}
            value={estimator}
            allowDeselect={false}
            onChange={(next) => setEstimator(next as Estimator)}
          />
          <p className="k-small k-soft">{t(`policies.compare.explained.${estimator}`)}</p>
        </div>
        {compared.length === 0 && <p className="k-muted">{t("policies.compare.choose")}</p>}
        {answers.some(({ isPending }) => isPending) ? (
          <Waiting lines={Math.max(3, compared.length)} height={26} />
        ) : (
          compared.length > 0 && (
            <Compared
              rows={compared.map((candidate, at) => ({
                candidate,
                value: answers[at]!.data,
                error: answers[at]!.error,
              }))}
              estimator={estimator}
            />
          )
        )}
      </div>
    </Card>
  );
}

interface Valued {
  candidate: Candidate;
  value: PolicyValue | undefined;
  error: Error | null;
}

function Compared({ rows, estimator }: { rows: Valued[]; estimator: Estimator }) {
  const known = rows.flatMap(({ candidate, value }) => {
    const estimate = value && estimateOf(value, estimator);
    if (!value || !estimate) return [];
    const standing = standingOf(estimate, value.logged);
    return [{ candidate, value, estimate, standing, label: candidate.label }];
  });
  const refused = rows.filter(({ candidate }) => known.every((one) => one.candidate !== candidate));
  // Each counts the decisions it can be told by; that of the most is the fairest to draw.
  const logged = known
    .map(({ value }) => value)
    .sort((one, other) => other.decisions - one.decisions)[0]?.logged;
  const verdict = verdictOf(
    known.map(({ label, estimate, standing }) => ({ label, value: estimate.value, standing })),
  );
  const good = known.some(({ standing }) => standing === "better");
  return (
    <div className="k-stack">
      {known.length > 0 && (
        <>
          <p className={css.verdict} data-good={good} role="status">
            {verdict}
          </p>
          <Intervals
            label={t("policies.compare.label")}
            format={formatFigure}
            line={logged ?? undefined}
            rows={known.map(({ candidate, value, estimate, standing }): IntervalRow => {
              const { low, high } = estimate;
              return {
                key: candidate.key,
                label: candidate.label,
                value: estimate.value,
                low,
                high,
                tone: standing === "better" ? "good" : standing === "worse" ? "bad" : undefined,
                words: inWords(estimate.value, low, high),
                note: `${t(`policies.compare.${standing}`)}. ${saysOf(value)}`,
              };
            })}
          />
          {logged != null && (
            <p className="k-small k-soft">
              <span aria-hidden="true">┆ </span>
              {t("policies.compare.loggedLine", { value: formatFigure(logged) })}
            </p>
          )}
        </>
      )}
      {refused.map(({ candidate, value, error }) => (
        <div key={candidate.key} className={css.refused} role="status">
          <span className="k-small k-wrap">{candidate.label}</span>
          <span className="k-small k-wrap">
            <strong>{t("policies.compare.refused")}. </strong>
            {error ? asApiError(error).problem.detail : value && whyNot(value)}
          </span>
        </div>
      ))}
      <Left rows={rows} />
    </div>
  );
}

function inWords(value: number, low: number | null, high: number | null): string {
  const said = formatFigure(value);
  if (low === null || high === null) return t("policies.compare.plain", { value: said });
  const [from, to] = [formatFigure(low), formatFigure(high)];
  return t("policies.compare.between", { value: said, low: from, high: to });
}

const saysOf = ({ effective_decisions, decisions }: PolicyValue) =>
  t("policies.compare.says", { effective: formatInteger(effective_decisions), decisions });

/** The reason in the console's words, and the server's with its figures. */
function whyNot({ refusal, words }: PolicyValue): string {
  const known = REFUSALS.find((one) => one === refusal);
  const plain = known && tMaybe(`policies.compare.refusal.${known}`);
  if (known === "empty" && plain) return plain;
  const said = words.replace(/^No estimate: /, "");
  return plain ? `${plain} (${said})` : said;
}

/** What was not counted, once for all: the most of any. */
function Left({ rows }: { rows: Valued[] }) {
  const values = rows.flatMap(({ value }) => (value ? [value] : []));
  const most = (of: (value: PolicyValue) => number) => Math.max(0, ...values.map(of));
  const waiting = most((value) => value.waiting);
  const left = most((value) => value.left_out);
  const said = [
    waiting > 0 && t("policies.compare.waiting", { count: waiting }),
    left > 0 && t("policies.compare.leftOut", { count: left }),
    values.some((value) => value.cut) && t("policies.compare.cut"),
  ].filter(Boolean);
  if (said.length === 0) return null;
  return <p className="k-small k-muted">{said.join(" ")}</p>;
}

interface RevisionsProps {
  placement: string;
  onChoose: (candidate: Candidate) => void;
}

/** How the placement was before. */
function Revisions({ placement, onChoose }: RevisionsProps) {
  const { data } = useQuery(revisionsQuery("placement", placement));
  const earlier = (data?.items ?? []).slice(1, 1 + REVISIONS_LISTED_MAX);
  if (earlier.length === 0) return null;
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button size="compact-sm" variant="subtle" rightSection={<Icon name="down" size={14} />}>
          {t("definitions.revisions")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {earlier.map(({ revision, spec }) => (
          <Menu.Item key={revision} onClick={() => onChoose(ofRevision(revision, spec))}>
            {t("policies.compare.revision", { revision })}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
