import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { definitionQuery } from "../../api/definitions.ts";
import { type Webhook as Shown, webhookQuery } from "../../api/webhooks.ts";
import { WebhookForm } from "../../forms/webhook.tsx";
import { Icon } from "../../icons/Icon.tsx";
import { formatInteger } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Card } from "../../parts/Card.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { Page } from "../../parts/Page.tsx";
import { saved } from "../../parts/saved.ts";
import { Waiting } from "../../parts/Waiting.tsx";
import { When } from "../../parts/When.tsx";
import { Archive } from "../definitions/Editor.tsx";
import { Revisions } from "../definitions/Revisions.tsx";
import { Deliveries } from "./Deliveries.tsx";
import { Secrets } from "./Secrets.tsx";
import { WebhookStateBadge } from "./State.tsx";
import { Test } from "./Test.tsx";
import css from "./Webhook.module.css";

const route = getRouteApi("/app/webhooks/$id");
const NEW = "new";

export function Webhook() {
  const { id } = route.useParams();
  const navigate = route.useNavigate();
  const isNew = id === NEW;
  const query = useQuery({ ...definitionQuery("webhook", id), enabled: !isNew });
  const standing = useQuery({ ...webhookQuery(id), enabled: !isNew });
  const known = isNew ? null : query.data;
  const definition = known?.definition;
  const title = definition?.name || definition?.id;
  return (
    <Page
      title={title ?? t(isNew ? "webhooks.newTitle" : "webhooks.title")}
      lede={
        definition && (
          <span className="k-row-wrap">
            <code>{definition.id}</code>
            {standing.data && <WebhookStateBadge state={standing.data.state} />}
          </span>
        )
      }
      above={
        <Link to="/webhooks" className="k-row k-small">
          <Icon name="back" size={15} />
          {t("webhooks.back")}
        </Link>
      }
      actions={
        definition?.status === "live" && (
          <Archive kind="webhook" list="/webhooks" id={definition.id} name={definition.name} />
        )
      }
    >
      {query.error && known === undefined && (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      )}
      {known === undefined && !query.error && <Waiting lines={10} height={22} />}
      {known !== undefined && (
        <div className={css.columns}>
          <WebhookForm
            key={known?.etag ?? NEW}
            known={known}
            onSaved={(written) => {
              saved(t("definitions.saved", { revision: written.revision }));
              if (isNew) void navigate({ params: { id: written.id }, replace: true });
            }}
          />
          {definition && (
            <div className="k-stack-loose">
              {standing.error && <Failure error={standing.error} />}
              {standing.data && <Standing webhook={standing.data} />}
              {standing.data && <Secrets webhook={standing.data} />}
              <Deliveries id={definition.id} />
              <Revisions kind="webhook" id={definition.id} current={definition.revision} />
            </div>
          )}
        </div>
      )}
    </Page>
  );
}

function Standing({ webhook }: { webhook: Shown }) {
  const figures = [
    ["delivered", t("webhooks.figures.delivered")],
    ["waiting", t("webhooks.figures.waiting")],
    ["dead", t("webhooks.figures.dead", { count: webhook.dead })],
    ["withheld", t("webhooks.figures.withheld")],
  ] as const;
  return (
    <Card tone={webhook.state === "gone" ? "bad" : "plain"}>
      <div className="k-stack">
        <div className={css.figures}>
          {figures.map(([name, label]) => (
            <p key={name}>
              <span className={css.big}>{formatInteger(webhook[name])}</span> {label}
            </p>
          ))}
        </div>
        {webhook.state === "gone" && (
          <p className="k-wrap">
            {t("webhooks.goneNote")} {t("webhooks.goneSince")} <When at={webhook.gone_at} />.
          </p>
        )}
        {webhook.state === "no-secret" && <p>{t("webhooks.noSecretNote")}</p>}
        {webhook.state === "off" && <p>{t("webhooks.offNote")}</p>}
        <Test id={webhook.webhook_id} disabled={webhook.state === "no-secret"} />
      </div>
    </Card>
  );
}
