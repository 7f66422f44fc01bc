import { Button, Drawer } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { redrive } from "../../api/events.ts";
import { overviewQuery } from "../../api/overview.ts";
import type { RejectedEvent } from "../../api/types.ts";
import { Icon } from "../../icons/Icon.tsx";
import { formatDateTime, formatExactTime } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Badge } from "../../parts/Badge.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { JsonView } from "../../parts/JsonView.tsx";
import css from "./EventDrawer.module.css";
import own from "./RejectedDrawer.module.css";

interface RejectedDrawerProps {
  openId: string | undefined;
  rejected: RejectedEvent | undefined;
  onClose: () => void;
}

export function RejectedDrawer({ openId, rejected, onClose }: RejectedDrawerProps) {
  // Re-driven, it leaves the list of open ones, but its result must stay readable.
  const [last, setLast] = useState(rejected);
  if (rejected && rejected !== last) setLast(rejected);
  const shown = last?.id === openId ? last : undefined;
  return (
    <Drawer
      opened={shown !== undefined}
      onClose={onClose}
      size={600}
      title={t("events.rejectedDrawer")}
      closeButtonProps={{ "aria-label": t("parts.close") }}
    >
      {shown && <Details key={shown.id} rejected={shown} />}
    </Drawer>
  );
}

/** What came is kept as text, since it need not even be JSON. */
function readable(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
}

function Details({ rejected }: { rejected: RejectedEvent }) {
  const queryClient = useQueryClient();
  const attempt = useMutation({
    mutationFn: () => redrive(rejected.id),
    onSettled: () => {
      void queryClient.invalidateQueries({ queryKey: ["rejected"] });
      void queryClient.invalidateQueries({ queryKey: overviewQuery.queryKey });
    },
  });
  const done = attempt.data?.message_id;
  const redriven = done !== undefined || rejected.state === "redriven";
  return (
    <div className="k-stack-loose">
      <div className={own.reason}>
        <Badge tone="bad">{rejected.code}</Badge>
        <p className={own.message}>{rejected.message}</p>
      </div>
      <dl className={css.facts}>
        <dt>{t("events.field")}</dt>
        <dd>{rejected.field ? <code className="k-wrap">{rejected.field}</code> : "–"}</dd>
        <dt>{t("events.facts.source")}</dt>
        <dd>{rejected.source || "–"}</dd>
        <dt>{t("events.facts.received_at")}</dt>
        <dd>{formatExactTime(rejected.received_at)}</dd>
      </dl>
      {attempt.error && <Failure error={attempt.error} title={t("events.stillRejected")} />}
      {done !== undefined && (
        <div className={own.done} role="status">
          <Icon name="check" />
          <div className="k-grow">
            <p className={own.message}>{t("events.redriven")}</p>
            <p className="k-small">{t("events.redrivenText")}</p>
          </div>
          <Link to="/events" search={{ open: done }}>
            {t("events.openRedriven")}
          </Link>
        </div>
      )}
      {!redriven && (
        <div className="k-spread">
          <p className="k-small k-muted">{t("events.redriveNote")}</p>
          <Button
            onClick={() => attempt.mutate()}
            loading={attempt.isPending}
            leftSection={<Icon name="refresh" size={16} />}
          >
            {t("events.redrive")}
          </Button>
        </div>
      )}
      {rejected.redriven_at && done === undefined && (
        <p className="k-small k-soft">
          {t("events.redrivenOn", { when: formatDateTime(rejected.redriven_at) })}
        </p>
      )}
      <section>
        <h3 className={css.heading}>{t("events.rejectedRaw")}</h3>
        <JsonView value={readable(rejected.raw)} label={t("events.rejectedRaw")} />
      </section>
    </div>
  );
}
