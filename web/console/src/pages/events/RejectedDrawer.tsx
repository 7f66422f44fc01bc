import { Drawer } from "@mantine/core";
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
import { JsonView } from "../../parts/JsonView.tsx";
import { Correction } from "./Correction.tsx";
import css from "./EventDrawer.module.css";
import { indented } from "./indented.ts";
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

function Details({ rejected }: { rejected: RejectedEvent }) {
  const queryClient = useQueryClient();
  const attempt = useMutation({
    mutationFn: (corrected: string | undefined) => redrive(rejected.id, corrected),
    onSettled: () => {
      void queryClient.invalidateQueries({ queryKey: ["rejected"] });
      void queryClient.invalidateQueries({ queryKey: overviewQuery.queryKey });
    },
  });
  const done = attempt.data?.message_id;
  const redriven = done !== undefined || rejected.state === "redriven";
  const corrected = attempt.data ? attempt.variables : rejected.redriven_raw;
  return (
    <div className="k-stack-loose">
      <div className={own.reason}>
        <Badge tone={redriven ? "neutral" : "bad"}>{rejected.code}</Badge>
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
      {done !== undefined && <Accepted messageId={done} />}
      {!redriven && (
        <Correction
          raw={rejected.raw}
          error={attempt.error}
          busy={attempt.isPending}
          onChange={() => attempt.reset()}
          onSend={(text) => attempt.mutate(text)}
        />
      )}
      {rejected.redriven_at && done === undefined && <AcceptedBefore rejected={rejected} />}
      {redriven && corrected && (
        <section>
          <h3 className={css.heading}>{t("events.corrected")}</h3>
          <JsonView value={corrected} label={t("events.corrected")} />
        </section>
      )}
      <section>
        <h3 className={css.heading}>{t("events.rejectedRaw")}</h3>
        <JsonView value={indented(rejected.raw)} label={t("events.rejectedRaw")} />
      </section>
    </div>
  );
}

function Accepted({ messageId }: { messageId: string }) {
  return (
    <div className={own.done} role="status">
      <Icon name="check" />
      <div className="k-grow">
        <p className={own.message}>{t("events.redriven")}</p>
        <p className="k-small">{t("events.redrivenText")}</p>
      </div>
      <Link to="/events" search={{ open: messageId }}>
        {t("events.openRedriven")}
      </Link>
    </div>
  );
}

function AcceptedBefore({ rejected }: { rejected: RejectedEvent }) {
  const when = formatDateTime(rejected.redriven_at ?? "");
  const who = rejected.redriven_by;
  return (
    <div className="k-spread">
      <p className="k-small k-soft">
        {who ? t("events.redrivenBy", { when, who }) : t("events.redrivenOn", { when })}
      </p>
      {rejected.message_id && (
        <Link to="/events" search={{ open: rejected.message_id }}>
          {t("events.openRedriven")}
        </Link>
      )}
    </div>
  );
}
