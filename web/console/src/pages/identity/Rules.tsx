/** The identity rules, tried on everybody before they are saved. */
import "../../i18n/late-identity.ts";
import { Button, Progress } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { definitionQuery, type Versioned } from "../../api/definitions.ts";
import {
  divisionQuery,
  type IdentityDifference,
  type IdentitySample,
  type IdentitySpec,
  nameOf,
  RULES_ID,
  tryRules,
} from "../../api/identity.ts";
import { asApiError } from "../../api/problem.ts";
import { IdentityForm } from "../../forms/identity.tsx";
import { formatInteger, formatPercent } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Card } from "../../parts/Card.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { IdentifierTag } from "../../parts/IdentifierTag.tsx";
import { LinkButton } from "../../parts/LinkButton.tsx";
import { Page } from "../../parts/Page.tsx";
import { PairedBars } from "../../parts/PairedBars.tsx";
import { saved } from "../../parts/saved.ts";
import { Waiting } from "../../parts/Waiting.tsx";
import { Editor } from "../definitions/Editor.tsx";
import { Revisions } from "../definitions/Revisions.tsx";
import { refresh } from "../persons/graph/RegroupDialog.tsx";
import css from "./Identity.module.css";
import { refusedBars } from "./reasons.ts";

export function Rules() {
  const { data, error, refetch } = useQuery({
    ...definitionQuery("identity", RULES_ID),
    retry: false,
  });
  const absent = error !== null && asApiError(error).status === 404;
  const known = absent ? null : data;
  return (
    <Page
      title={t("identity.rules.title")}
      lede={t("identity.rules.lede")}
      actions={
        <LinkButton to="/identity" variant="default" icon="shield">
          {t("identity.rules.quality")}
        </LinkButton>
      }
    >
      {error && !absent && <Failure error={error} onRetry={() => void refetch()} />}
      {known === undefined && !error && <Waiting lines={10} height={22} />}
      {known !== undefined && <Editing key={known?.etag ?? "new"} known={known} />}
      {known && (
        <Revisions kind="identity" id={RULES_ID} current={known.definition.revision} />
      )}
    </Page>
  );
}

function Editing({ known }: { known: Versioned<IdentitySpec> | null }) {
  const [spec, setSpec] = useState<IdentitySpec | null>(null);
  const queryClient = useQueryClient();
  const { hash } = useLocation();
  useEffect(() => {
    if (hash) document.getElementById(hash)?.scrollIntoView();
  }, [hash]);
  return (
    <Editor
      wide
      form={
        <IdentityForm
          known={known}
          onSpec={setSpec}
          onSaved={(definition) => {
            saved(t("definitions.saved", { revision: definition.revision }));
            void queryClient.invalidateQueries({ queryKey: divisionQuery.queryKey });
          }}
        />
      }
      preview={
        <div className="k-stack-loose">
          <Division />
          <Trial spec={spec} />
        </div>
      }
    />
  );
}

/** Changed rules take their time on a large graph. */
function Division() {
  const { data: job } = useQuery(divisionQuery);
  const queryClient = useQueryClient();
  const running = job?.state === "running";
  const wasRunning = useRef(false);
  useEffect(() => {
    if (wasRunning.current && !running) {
      saved(t("identity.rules.ready"));
      void refresh(queryClient);
    }
    wasRunning.current = running;
  }, [running, queryClient]);
  if (!running) return null;
  const share = formatPercent(job.progress);
  return (
    <Card tone="warn">
      <div className="k-stack" role="status">
        <p>{t("identity.rules.dividing", { share })}</p>
        <Progress value={100 * job.progress} aria-label={t("identity.rules.dividing", { share })} />
        <p className="k-small">{t("identity.rules.dividingText")}</p>
      </div>
    </Card>
  );
}

function Trial({ spec }: { spec: IdentitySpec | null }) {
  const trial = useMutation({ mutationFn: (tried: IdentitySpec) => tryRules(tried) });
  const stale = trial.data !== undefined && JSON.stringify(trial.variables) !== JSON.stringify(spec);
  return (
    <Card
      title={t("identity.rules.trial")}
      note={t("identity.rules.trialNote")}
      actions={
        <Button
          size="xs"
          loading={trial.isPending}
          disabled={spec === null}
          onClick={() => spec && trial.mutate(spec)}
        >
          {trial.data ? t("identity.rules.tryAgain") : t("identity.rules.try")}
        </Button>
      }
    >
      <div className="k-stack">
        {trial.isPending && <Waiting lines={5} />}
        {trial.isIdle && <p className="k-muted">{t("identity.rules.trialEmpty")}</p>}
        {trial.error && <Failure error={trial.error} />}
        {stale && (
          <p className="k-small" role="status">
            {t("identity.rules.stale")}
          </p>
        )}
        {trial.data && !trial.isPending && <Difference found={trial.data} />}
      </div>
    </Card>
  );
}

function Difference({ found }: { found: IdentityDifference }) {
  const { before, after, merged, split, samples } = found;
  const bars = refusedBars(before, after);
  const change = (a: number, b: number) =>
    a === b ? formatInteger(a) : `${formatInteger(a)} → ${formatInteger(b)}`;
  return (
    <div className="k-stack-loose">
      <dl className={css.figures}>
        <Figure name={t("identity.rules.persons")} value={change(before.persons, after.persons)} />
        <Figure name={t("identity.rules.largest")} value={change(before.largest, after.largest)} />
        <Figure name={t("identity.rules.merged")} value={formatInteger(merged)} />
        <Figure name={t("identity.rules.wouldSplit")} value={formatInteger(split)} />
      </dl>
      {merged === 0 && split === 0 && <p role="status">{t("identity.rules.same")}</p>}
      {bars.length > 0 && (
        <section className="k-stack">
          <h3>{t("identity.rules.refused")}</h3>
          <PairedBars
            label={t("identity.rules.refused")}
            legend={[t("identity.rules.nowLegend"), t("identity.rules.thenLegend")]}
            bars={bars}
          />
        </section>
      )}
      {samples.length > 0 && (
        <section className="k-stack">
          <h3>{t("identity.rules.samples")}</h3>
          {samples.map((sample) => (
            <Sample key={sample.before.flat().map(nameOf).join(" ")} sample={sample} />
          ))}
        </section>
      )}
    </div>
  );
}

export function Figure({ name, value, unit }: { name: string; value: string; unit?: string }) {
  return (
    <div className={css.figure}>
      <dt>{name}</dt>
      <dd className="k-number">{value}</dd>
      {unit && <dd className={css.unit}>{unit}</dd>}
    </div>
  );
}

const TAGS_MAX = 5;

function Sample({ sample }: { sample: IdentitySample }) {
  return (
    <div className={css.sample}>
      {([["before", sample.before], ["after", sample.after]] as const).map(([when, persons]) => (
        <div key={when} className={css.persons}>
          <p className="k-tiny k-muted">{t(`identity.regroup.${when}`)}</p>
          {persons.map((person) => (
            <div key={person.map(nameOf).join(" ")} className={css.person}>
              {person.slice(0, TAGS_MAX).map((one) => (
                <IdentifierTag key={nameOf(one)} identifier={one} />
              ))}
              {person.length > TAGS_MAX && (
                <span className="k-tiny k-muted">
                  {t("identity.regroup.more", { count: person.length - TAGS_MAX })}
                </span>
              )}
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}
