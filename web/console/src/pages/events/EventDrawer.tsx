import { Drawer, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { eventQuery } from "../../api/events.ts";
import type { JsonObject, KithEvent } from "../../api/types.ts";
import { formatExactTime, formatInteger, humanise } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Copy } from "../../parts/Copy.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { IdentifierTag } from "../../parts/IdentifierTag.tsx";
import { JsonView } from "../../parts/JsonView.tsx";
import { LinkButton } from "../../parts/LinkButton.tsx";
import { Properties } from "../../parts/Properties.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { DecisionLink } from "./DecisionLink.tsx";
import css from "./EventDrawer.module.css";
import { EventName } from "./EventName.tsx";
import { Fate } from "./Fate.tsx";

interface EventDrawerProps {
  messageId: string | undefined;
  onClose: () => void;
}

export function EventDrawer({ messageId, onClose }: EventDrawerProps) {
  return (
    <Drawer
      opened={messageId !== undefined}
      onClose={onClose}
      size={600}
      title={t("events.drawer")}
      closeButtonProps={{ "aria-label": t("parts.close") }}
    >
      {messageId !== undefined && <Loaded messageId={messageId} />}
    </Drawer>
  );
}

function Loaded({ messageId }: { messageId: string }) {
  const { data: event, error, refetch } = useQuery(eventQuery(messageId));
  if (error) return <Failure error={error} onRetry={() => void refetch()} />;
  if (!event) return <Waiting lines={10} />;
  return (
    <div className="k-stack-loose">
      <div className="k-spread">
        <div className={css.name}>
          <EventName event={event} />
        </div>
        {event.person_id ? (
          <LinkButton
            to="/profiles/$personId"
            params={{ personId: event.person_id }}
            variant="default"
            size="xs"
            icon="person"
          >
            {t("events.openPerson")}
          </LinkButton>
        ) : (
          <span className="k-small k-muted">{t("events.noPerson")}</span>
        )}
      </div>
      <Tabs defaultValue="formatted" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="formatted">{t("events.formatted")}</Tabs.Tab>
          <Tabs.Tab value="raw">{t("events.raw")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="formatted" className={css.panel}>
          <Formatted event={event} />
        </Tabs.Panel>
        <Tabs.Panel value="raw" className={css.panel}>
          <JsonView value={event} label={t("events.raw")} />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}

function Formatted({ event }: { event: KithEvent }) {
  return (
    <div className="k-stack-loose">
      <section>
        <h3 className={css.heading}>{t("events.fate")}</h3>
        <Fate fate={event.fate} />
      </section>
      <dl className={css.facts}>
        <dt>{t("events.facts.type")}</dt>
        <dd>{t(`events.types.${event.type}`) || event.type}</dd>
        <dt>{t("events.facts.source")}</dt>
        <dd>
          <Link to="/sources/$id" params={{ id: event.source }}>
            {event.source}
          </Link>
        </dd>
        <dt>{t("events.identifiers")}</dt>
        <dd className="k-row-wrap">
          {event.identifiers.map((identifier) => (
            <IdentifierTag
              key={`${identifier.namespace}:${identifier.value}`}
              identifier={identifier}
            />
          ))}
        </dd>
        <dt>{t("events.facts.occurred_at")}</dt>
        <dd>{formatExactTime(event.occurred_at)}</dd>
        <dt>{t("events.facts.received_at")}</dt>
        <dd>{formatExactTime(event.received_at)}</dd>
        {event.original_at && event.original_at !== event.occurred_at && (
          <>
            <dt>{t("events.facts.original_at")}</dt>
            <dd>{formatExactTime(event.original_at)}</dd>
          </>
        )}
        <dt>{t("events.facts.position")}</dt>
        <dd className="k-number">{formatInteger(event.position)}</dd>
        <dt>{t("events.facts.message_id")}</dt>
        <dd className="k-row">
          <code className="k-wrap">{event.message_id}</code>
          <Copy text={event.message_id} label={t("parts.copy")} />
        </dd>
      </dl>
      <DecisionLink event={event} />
      <Part title={t("events.properties")} values={event.properties} />
      <Part title={t("events.traits")} values={event.traits} />
      <Part title={t("events.enrichment")} values={(event.enrichment ?? {}) as JsonObject} />
      <Part title={t("events.context")} values={event.context} />
    </div>
  );
}

function Part({ title, values }: { title: string; values: JsonObject }) {
  const given = Object.entries(values).filter(([, value]) => value !== null);
  if (given.length === 0) return null;
  return (
    <section>
      <h3 className={css.heading}>{title}</h3>
      <Properties values={Object.fromEntries(given)} label={humanise(title)} />
    </section>
  );
}
