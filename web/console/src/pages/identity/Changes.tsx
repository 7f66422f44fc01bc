/** The log of who became whom, which values were learned to name nobody, and alarms. */
import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { changesQuery, type IdentityChange } from "../../api/identity.ts";
import { t } from "../../i18n/t.ts";
import { Badge, type Tone } from "../../parts/Badge.tsx";
import { Card } from "../../parts/Card.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { IdentifierTag } from "../../parts/IdentifierTag.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { When } from "../../parts/When.tsx";
import { type ChangeKind, changeWords, isShown, kindOf, SHOWN, type Shown } from "./changes.ts";
import css from "./Identity.module.css";

const route = getRouteApi("/app/identity");
const PERSONS_MAX = 3;
const TONES: Record<ChangeKind, Tone> = {
  merged: "good",
  split: "warn",
  renamed: "neutral",
  regrouped: "info",
  generic: "warn",
  personal: "plum",
  large: "bad",
};

export function Changes() {
  const { data, error, refetch } = useQuery(changesQuery);
  const { show } = route.useSearch();
  const navigate = route.useNavigate();
  const found = data?.filter((change) => isShown(change, show));
  return (
    <Card title={t("identity.quality.changes")} note={t("identity.quality.changesNote")} flush>
      <div className={css.filter}>
        <SegmentedControl
          size="xs"
          aria-label={t("identity.quality.show")}
          value={show ?? "all"}
          data={(["all", ...SHOWN] as const).map((value) => ({
            value,
            label: t(`identity.quality.shows.${value}`),
          }))}
          onChange={(value) =>
            void navigate({
              search: { show: value === "all" ? undefined : (value as Shown) },
              replace: true,
              resetScroll: false,
            })
          }
        />
      </div>
      {error && <Failure error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Waiting lines={6} />}
      {found?.length === 0 && (
        <Empty icon="history" compact title={t("identity.quality.changesEmpty")}>
          {t("identity.quality.changesEmptyText")}
        </Empty>
      )}
      {found && found.length > 0 && (
        <div
          className={css.changes}
          role="group"
          tabIndex={0}
          aria-label={t("identity.quality.changes")}
        >
          <ol>
            {found.map((change, at) => (
              <Change key={`${change.at}${change.before.join()}${at}`} change={change} />
            ))}
          </ol>
        </div>
      )}
    </Card>
  );
}

function Change({ change }: { change: IdentityChange }) {
  const { after, by, at, identifier, what } = change;
  const persons = after.length > 0 ? after : change.before;
  const byWhom = by || t(what === "regrouped" ? "identity.quality.byEvent" : "identity.quality.byKith");
  return (
    <li className={css.change}>
      <Badge tone={TONES[kindOf(change)]}>{changeWords(change)}</Badge>
      <span className={css.whom}>
        {identifier && <IdentifierTag identifier={identifier} />}
        {persons.slice(0, PERSONS_MAX).map((personId) => (
          <Link
            key={personId}
            to="/profiles/$personId"
            params={{ personId }}
            search={{ tab: "identity" }}
          >
            <code>{personId.slice(0, 8)}</code>
          </Link>
        ))}
        {persons.length > PERSONS_MAX && (
          <span className="k-muted">
            {t("identity.regroup.more", { count: persons.length - PERSONS_MAX })}
          </span>
        )}
      </span>
      <span className={css.byWhom}>{byWhom}</span>
      <span className="k-small k-muted">
        <When at={at} />
      </span>
    </li>
  );
}
