import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { sendTestEvent } from "../../api/collect.ts";
import { useEventStream } from "../../api/stream.ts";
import type { Definition, KithEvent, RejectedEvent, SourceSpec } from "../../api/types.ts";
import { Icon } from "../../icons/Icon.tsx";
import { formatAgo } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Failure } from "../../parts/Failure.tsx";
import { LinkButton } from "../../parts/LinkButton.tsx";
import css from "./Install.module.css";

interface FirstEventProps {
  source: Definition<SourceSpec> | undefined;
  writeKey: string | undefined;
  first: KithEvent | null;
  onFirst: (event: KithEvent) => void;
}

export function FirstEvent({ source, writeKey, first, onFirst }: FirstEventProps) {
  const [rejected, setRejected] = useState<RejectedEvent | null>(null);
  const state = useEventStream(
    { source: source?.id },
    {
      onEvent: (event) => {
        if (!first && event.source === source?.id) onFirst(event);
      },
      onRejected: (one) => {
        if (one.source === source?.id) setRejected(one);
      },
    },
    source !== undefined,
  );
  const test = useMutation({ mutationFn: (key: string) => sendTestEvent(key) });

  if (first) return <Arrived event={first} source={source} />;
  if (!source) return <p className="k-muted">{t("install.waitingNoSource")}</p>;
  const name = source.name || source.id;
  return (
    <>
      <div className={css.waiting} role="status">
        <span className={css.radar} aria-hidden="true" />
        <div>
          <p>{t("install.waiting", { source: name })}</p>
          <p className="k-small k-muted">
            {state === "lost" ? t("install.connectionLost") : t("install.waitingText")}
          </p>
        </div>
      </div>
      {rejected && (
        <p role="alert" className="k-wrap">
          {t("install.rejectedMeanwhile", { message: rejected.message })}
        </p>
      )}
      {test.error && <Failure error={test.error} />}
      <div className="k-row-wrap">
        <Button
          variant="default"
          disabled={!writeKey}
          loading={test.isPending}
          leftSection={<Icon name="bolt" size={16} />}
          onClick={() => writeKey && test.mutate(writeKey)}
        >
          {t("install.test")}
        </Button>
        {test.data && <span className="k-small k-muted">{t("install.testSent")}</span>}
      </div>
    </>
  );
}

interface ArrivedProps {
  event: KithEvent;
  source: Definition<SourceSpec> | undefined;
}

function Arrived({ event, source }: ArrivedProps) {
  const words = {
    name: event.name || event.type,
    source: source?.name || event.source,
    when: formatAgo(event.received_at, Date.now()),
  };
  return (
    <>
      <div className={css.arrived} role="status">
        <Confetti />
        <div>
          <p className={css.arrivedTitle}>{t("install.arrived")}</p>
          <p className="k-wrap">{t("install.arrivedText", words)}</p>
        </div>
        <div className="k-row-wrap">
          <LinkButton
            to="/events"
            search={{ source: event.source, open: event.message_id }}
            variant="white"
            color="dark"
            icon="pulse"
          >
            {t("install.openEvent")}
          </LinkButton>
          {event.person_id && (
            <LinkButton
              to="/profiles/$personId"
              params={{ personId: event.person_id }}
              variant="white"
              color="dark"
              icon="person"
            >
              {t("install.openPerson")}
            </LinkButton>
          )}
        </div>
      </div>
      <div className="k-spread">
        <p className="k-small k-soft">{t("install.next")}</p>
        <LinkButton to="/placements/$id" params={{ id: "new" }} variant="default" size="xs">
          {t("install.createPlacement")}
        </LinkButton>
      </div>
    </>
  );
}

const COLOURS = ["#f5b44a", "#9fe0cc", "#ffffff", "#ea7b71"];
const PIECES = 26;

/** Falls once, and not at all for those who asked for less motion. */
function Confetti() {
  return (
    <div className={css.confetti} aria-hidden="true">
      {Array.from({ length: PIECES }, (_, piece) => (
        <span
          key={piece}
          style={{
            left: `${(piece * 41) % 100}%`,
            background: COLOURS[piece % COLOURS.length],
            animationDelay: `${(piece * 67) % 700}ms`,
          }}
        />
      ))}
    </div>
  );
}
