import { Button, SegmentedControl } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { deliveriesQuery, type Delivery, type DeliveryState, resend } from "../../api/webhooks.ts";
import { formatDateTime } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Badge, type Tone } from "../../parts/Badge.tsx";
import { Card } from "../../parts/Card.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { saved } from "../../parts/saved.ts";
import { Waiting } from "../../parts/Waiting.tsx";
import { When } from "../../parts/When.tsx";
import { deliveryWords } from "./delivery-words.ts";
import css from "./Webhook.module.css";

const route = getRouteApi("/app/webhooks/$id");
const STATES = ["delivered", "waiting", "dead"] as const;
const TONES: Record<DeliveryState, Tone> = { delivered: "good", waiting: "warn", dead: "bad" };

export function Deliveries({ id }: { id: string }) {
  const { show } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(deliveriesQuery(id, show));
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  const again = useResend(id);
  return (
    <Card title={t("webhooks.deliveries")} note={t("webhooks.deliveriesNote")} flush>
      <div className={`${css.padded} k-row-wrap`}>
        <SegmentedControl
          size="xs"
          aria-label={t("webhooks.filterLabel")}
          value={show ?? "all"}
          data={["all" as const, ...STATES].map((value) => ({
            value,
            label: t(`webhooks.filter.${value}`),
          }))}
          onChange={(value) =>
            navigate({
              search: { show: value === "all" ? undefined : (value as DeliveryState) },
              replace: true,
              resetScroll: false,
            })
          }
        />
        {show === "dead" && rows.length > 0 && (
          <Button size="xs" variant="default" loading={again.isPending} onClick={() => again.mutate(undefined)}>
            {t("webhooks.resendAll")}
          </Button>
        )}
      </div>
      {again.error && <Failure error={again.error} />}
      {query.error && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Waiting lines={4} height={22} />}
      {query.data && rows.length === 0 && (
        <Empty icon="webhook" title={t("webhooks.deliveriesEmpty")} compact>
          {show ? t("webhooks.deliveriesEmptyFilter") : t("webhooks.deliveriesEmptyText")}
        </Empty>
      )}
      {rows.length > 0 && (
        <ol className={css.deliveries} aria-label={t("webhooks.deliveriesLabel")}>
          {rows.map((delivery) => (
            <li key={delivery.delivery_id} className={css.delivery}>
              <Row
                delivery={delivery}
                busy={again.isPending}
                onResend={() => again.mutate([delivery.delivery_id])}
              />
            </li>
          ))}
        </ol>
      )}
      {query.hasNextPage && (
        <div className={css.padded}>
          <Button
            size="xs"
            variant="subtle"
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {t("webhooks.more")}
          </Button>
        </div>
      )}
    </Card>
  );
}

function useResend(id: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (ids: string[] | undefined) => resend(id, ids),
    onSuccess: ({ resent }) => {
      saved(t("webhooks.resent", { count: resent }));
      return queryClient.invalidateQueries({ queryKey: ["webhook", id] });
    },
  });
}

interface RowProps {
  delivery: Delivery;
  busy: boolean;
  onResend: () => void;
}

function Row({ delivery, busy, onResend }: RowProps) {
  const { state, attempts } = delivery;
  return (
    <details>
      <summary>
        <Badge tone={TONES[state]}>{t(`webhooks.deliveryStates.${state}`)}</Badge>
        <span className="k-grow k-wrap">
          <strong>{delivery.display_name}</strong>{" "}
          {deliveryWords(delivery)}
        </span>
        <span className="k-tiny k-muted">
          {t("webhooks.attempts", { count: attempts.length })} · <When at={delivery.at} />
        </span>
      </summary>
      <div className={css.detail}>
        <p className="k-small k-wrap">
          {t("webhooks.messageId")}: <code>{delivery.message_id}</code>
        </p>
        <ol className={css.attempts}>
          {attempts.map((attempt) => (
            <li key={`${attempt.at}${attempt.status}`} className={css.attempt}>
              <When at={attempt.at} />
              <span>{attempt.status ?? t("webhooks.noAnswer")}</span>
              <span className="k-number k-muted">{t("webhooks.took", { took: attempt.took_ms })}</span>
              {attempt.detail && <span className={css.answer}>{attempt.detail}</span>}
            </li>
          ))}
        </ol>
        {delivery.next_at && (
          <p className="k-small">{t("webhooks.next", { when: formatDateTime(delivery.next_at) })}</p>
        )}
        <div className="k-row-wrap">
          {state === "dead" && (
            <Button size="xs" loading={busy} onClick={onResend}>
              {t("webhooks.resend")}
            </Button>
          )}
          <Link
            to="/profiles/$personId"
            params={{ personId: delivery.person_id }}
            className="k-small"
          >
            {t("webhooks.profile", { name: delivery.display_name })}
          </Link>
        </div>
      </div>
    </details>
  );
}
