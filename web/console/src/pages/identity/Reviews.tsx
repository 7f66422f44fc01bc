/** Probable links that wait for somebody to decide, one pair at a time. */
import "../../i18n/late-identity.ts";
import { Progress } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { definitionQuery } from "../../api/definitions.ts";
import { RULES_ID } from "../../api/identity.ts";
import { asApiError } from "../../api/problem.ts";
import { type ProbableLink, REVIEWS_MAX, reviewsQuery } from "../../api/reviews.ts";
import { t } from "../../i18n/t.ts";
import { Card } from "../../parts/Card.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { personTitle } from "../../parts/IdentifierTag.tsx";
import { LinkButton } from "../../parts/LinkButton.tsx";
import { Page } from "../../parts/Page.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { Confidence } from "./Confidence.tsx";
import { Decide, Last } from "./Decide.tsx";
import { isMatching } from "./matching.ts";
import { PairTable } from "./PairTable.tsx";
import { inOrder, neighbourOf, placeOf } from "./queue.ts";
import css from "./Reviews.module.css";
import { Waterfall } from "./Waterfall.tsx";
import { Why } from "./Why.tsx";

const route = getRouteApi("/app/identity-reviews");
/** Pairs that are listed beside the open one. */
const LISTED_MAX = 30;

/** What was said of a pair while the page is open. */
export interface Said {
  link: ProbableLink;
  same: boolean;
}

export function Reviews() {
  const { data, error, refetch } = useQuery(reviewsQuery);
  const [said, setSaid] = useState<Said[]>([]);
  return (
    <Page
      title={t("identity.reviews.title")}
      lede={t("identity.reviews.lede")}
      actions={
        <LinkButton to="/identity" variant="default" icon="shield">
          {t("identity.rules.quality")}
        </LinkButton>
      }
    >
      {error && <Failure error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Waiting lines={10} height={22} />}
      {data?.length === 0 && <Nothing said={said} onSaid={setSaid} />}
      {data && data.length > 0 && <Queue items={data} said={said} onSaid={setSaid} />}
    </Page>
  );
}

interface QueueProps {
  items: ProbableLink[];
  said: Said[];
  onSaid: (said: Said[]) => void;
}

function Queue({ items, said, onSaid }: QueueProps) {
  const { pair } = route.useSearch();
  const navigate = route.useNavigate();
  const [skipped, setSkipped] = useState<string[]>([]);
  const order = inOrder(items, skipped);
  const at = placeOf(order, pair);
  const link = order[at]!;
  const open = (next: string | undefined) =>
    void navigate({ search: { pair: next }, replace: true, resetScroll: false });
  return (
    <div className="k-stack-loose">
      <Left left={items.length} decided={said.length} />
      <div className={css.columns}>
        <nav className={css.list} aria-label={t("identity.reviews.list")}>
          <ol>
            {order.slice(0, LISTED_MAX).map((one) => (
              <li key={one.edge_id}>
                <button
                  type="button"
                  className={css.entry}
                  data-row
                  aria-current={one === link || undefined}
                  onClick={() => open(one.edge_id)}
                >
                  <span className={css.names}>
                    <span className="k-ellipsis">{personTitle(one.from.person)}</span>
                    <span className="k-ellipsis">{personTitle(one.to.person)}</span>
                  </span>
                  <Confidence confidence={one.confidence} />
                </button>
              </li>
            ))}
          </ol>
          {order.length > LISTED_MAX && (
            <p className={css.more}>
              {t("identity.regroup.more", { count: order.length - LISTED_MAX })}
            </p>
          )}
        </nav>
        <Card title={t("identity.reviews.pair")}>
          <div className="k-stack-loose">
            <Why link={link} />
            <PairTable key={link.edge_id} link={link} />
          </div>
        </Card>
        <div className={css.side}>
          <Decide
            key={link.edge_id}
            link={link}
            place={{ at, count: order.length }}
            last={said.at(-1)}
            onSaid={(same) => {
              onSaid([...said, { link, same }]);
              open(neighbourOf(order, link.edge_id));
            }}
            onUndone={(edge_id) => {
              onSaid(said.slice(0, -1));
              open(edge_id);
            }}
            onBack={() => open(order[at - 1]?.edge_id ?? link.edge_id)}
            onSkip={() => {
              setSkipped([...skipped, link.edge_id]);
              open(neighbourOf(order, link.edge_id));
            }}
          />
          <Card title={t("identity.why.title")}>
            <Waterfall reasons={link.reasons} />
          </Card>
        </div>
      </div>
    </div>
  );
}

function Left({ left, decided }: { left: number; decided: number }) {
  const words =
    left >= REVIEWS_MAX
      ? t("identity.reviews.leftMany", { count: REVIEWS_MAX })
      : t("identity.reviews.left", { count: left });
  return (
    <div className={css.progress}>
      <p role="status">
        <strong className="k-number">{words}</strong>
        {decided > 0 && (
          <span className="k-muted"> · {t("identity.reviews.decided", { count: decided })}</span>
        )}
      </p>
      {decided > 0 && (
        <Progress
          value={(100 * decided) / (decided + left)}
          size="sm"
          aria-label={t("identity.reviews.decided", { count: decided })}
        />
      )}
    </div>
  );
}

/** Nobody waits: because nothing is compared, or because all is decided. */
function Nothing({ said, onSaid }: { said: Said[]; onSaid: (said: Said[]) => void }) {
  const { data, error, isPending } = useQuery({
    ...definitionQuery("identity", RULES_ID),
    retry: false,
  });
  if (isPending) return <Waiting lines={4} />;
  if (error && asApiError(error).status !== 404) return <Failure error={error} />;
  const on = isMatching(data?.definition.spec);
  const what = said.length > 0 ? "done" : on ? "empty" : "off";
  return (
    <Card>
      <Empty
        icon={what === "off" ? "link" : "check"}
        title={t(`identity.reviews.${what}`)}
        action={
          what === "off" ? (
            <LinkButton to="/identity-rules" hash="probable">
              {t("identity.reviews.switchOn")}
            </LinkButton>
          ) : (
            <LinkButton to="/identity" variant="default">
              {t("identity.reviews.toQuality")}
            </LinkButton>
          )
        }
      >
        <p>{t(`identity.reviews.${what}Text`, { count: said.length })}</p>
      </Empty>
      {said.length > 0 && (
        <Last last={said.at(-1)!} keys onUndone={() => onSaid(said.slice(0, -1))} />
      )}
    </Card>
  );
}
