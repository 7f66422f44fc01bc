import { Drawer, Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import type { Explanation, TestExplained } from "../../api/audience-wire.ts";
import { explainQuery } from "../../api/audiences.ts";
import { definitionQuery, definitionsQuery } from "../../api/definitions.ts";
import type { Person } from "../../api/types.ts";
import { Icon } from "../../icons/Icon.tsx";
import { formatDateTime } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Failure } from "../../parts/Failure.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { When } from "../../parts/When.tsx";
import css from "./Explain.module.css";

const route = getRouteApi("/app/profiles/$personId");
const FOUND_MAX = 50;
const TYPING_PAUSE_MS = 200;

/** Why somebody is in an audience, or is not: test by test. */
export function ExplainDrawer({ person, name }: { person: Person; name: string }) {
  const { explain } = route.useSearch();
  const navigate = route.useNavigate();
  const [text, setText] = useState("");
  const [searched] = useDebouncedValue(text, TYPING_PAUSE_MS);
  const chosen = useQuery({
    ...definitionQuery("audience", explain ?? ""),
    enabled: explain !== undefined,
    retry: false,
  });
  const title = chosen.data?.definition.name || explain || "";
  const found = useInfiniteQuery({
    ...definitionsQuery("audience", searched === title ? "" : searched),
    enabled: explain !== undefined,
    placeholderData: keepPreviousData,
  });
  const choices = (found.data?.pages[0]?.items ?? []).map(({ id, name: label }) => ({
    value: id,
    label: label || id,
  }));
  const listed = choices.some(({ value }) => value === explain);
  const go = (audience: string | undefined) =>
    navigate({
      search: (before) => ({ ...before, explain: audience }),
      replace: true,
      resetScroll: false,
    });
  return (
    <Drawer
      opened={explain !== undefined}
      onClose={() => void go(undefined)}
      size={560}
      title={t("explain.title")}
      closeButtonProps={{ "aria-label": t("parts.close") }}
    >
      <div className="k-stack-loose">
        <Select
          label={t("explain.audience")}
          placeholder={t("explain.choose")}
          searchable
          allowDeselect={false}
          limit={FOUND_MAX}
          data={explain && !listed ? [{ value: explain, label: title }, ...choices] : choices}
          value={explain ?? null}
          onSearchChange={setText}
          onChange={(value) => value && void go(value)}
        />
        {explain && <Explained person={person} name={name} audience={explain} title={title} />}
      </div>
    </Drawer>
  );
}

interface ExplainedProps {
  person: Person;
  name: string;
  audience: string;
  title: string;
}

function Explained({ person, name, audience, title }: ExplainedProps) {
  const { data, error, refetch } = useQuery(explainQuery(person.person_id, audience));
  if (error) return <Failure error={error} onRetry={() => void refetch()} />;
  if (!data) return <Waiting lines={6} height={22} />;
  const words = { name, audience: title };
  return (
    <>
      <div className={css.verdict} data-member={data.member}>
        <span className={css.mark}>
          <Icon name={data.member ? "check" : "close"} size={18} />
        </span>
        <div className="k-stack-tight k-grow">
          <p className={css.title}>
            {data.member ? t("explain.member", words) : t("explain.notMember", words)}
          </p>
          {data.since && (
            <p className="k-small">{t("explain.since", { at: formatDateTime(data.since) })}</p>
          )}
        </div>
      </div>
      {data.in_words && <p className="k-wrap">{data.in_words}</p>}
      {data.tests.length > 0 ? (
        <section>
          <h3 className={css.heading}>{t("explain.tests")}</h3>
          <ol className={css.tests}>
            {data.tests.map((test) => (
              <Test key={test.text} test={test} />
            ))}
          </ol>
        </section>
      ) : (
        <p className="k-small k-muted">{t("explain.list")}</p>
      )}
      {data.tests.length > 0 && <Next explanation={data} />}
    </>
  );
}

function Test({ test }: { test: TestExplained }) {
  return (
    <li className={css.test}>
      <span className={css.sign} data-holds={test.holds}>
        <Icon name={test.holds ? "check" : "close"} size={14} />
        <span className="k-hidden">{test.holds ? t("explain.holds") : t("explain.fails")}</span>
      </span>
      <div className="k-stack-tight k-grow">
        <p className="k-wrap">{test.reason}</p>
        <code className={css.text}>{test.text}</code>
        {test.changes_at && (
          <p className={css.changes}>
            <Icon name="clock" size={14} />
            <span>
              {t("explain.changes", { at: formatDateTime(test.changes_at) })} (
              <When at={test.changes_at} />)
            </span>
          </p>
        )}
      </div>
    </li>
  );
}

function Next({ explanation }: { explanation: Explanation }) {
  const { next_change_at } = explanation;
  return (
    <p className={css.next}>
      <Icon name="clock" size={15} />
      {next_change_at
        ? t("explain.next", { at: formatDateTime(next_change_at) })
        : t("explain.steady")}
    </p>
  );
}
