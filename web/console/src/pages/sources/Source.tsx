import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { definitionQuery } from "../../api/definitions.ts";
import { SourceForm } from "../../forms/source.tsx";
import { Icon } from "../../icons/Icon.tsx";
import { t } from "../../i18n/t.ts";
import { Failure } from "../../parts/Failure.tsx";
import { LinkButton } from "../../parts/LinkButton.tsx";
import { Page } from "../../parts/Page.tsx";
import { saved } from "../../parts/saved.ts";
import { Waiting } from "../../parts/Waiting.tsx";
import { Revisions } from "../definitions/Revisions.tsx";
import css from "./Source.module.css";
import { WriteKeys } from "./WriteKeys.tsx";

const route = getRouteApi("/app/sources/$id");
const NEW = "new";

export function Source() {
  const { id } = route.useParams();
  const navigate = route.useNavigate();
  const isNew = id === NEW;
  const { data, error, refetch } = useQuery({ ...definitionQuery("source", id), enabled: !isNew });
  const known = isNew ? null : data;
  const definition = known?.definition;
  return (
    <Page
      title={definition?.name || definition?.id || t(isNew ? "sources.newTitle" : "sources.title")}
      lede={definition && <code>{definition.id}</code>}
      above={
        <Link to="/sources" className="k-row k-small">
          <Icon name="back" size={15} />
          {t("sources.back")}
        </Link>
      }
      actions={
        definition && (
          <>
            <LinkButton
              to="/events"
              search={{ source: definition.id }}
              variant="default"
              icon="pulse"
            >
              {t("sources.liveEvents")}
            </LinkButton>
            <LinkButton
              to="/install"
              search={{ source: definition.id }}
              variant="default"
              icon="install"
            >
              {t("sources.install")}
            </LinkButton>
          </>
        )
      }
    >
      {error && known === undefined && <Failure error={error} onRetry={() => void refetch()} />}
      {known === undefined && !error && <Waiting lines={10} height={22} />}
      {known !== undefined && (
        <div className={css.columns}>
          <SourceForm
            key={known?.etag ?? NEW}
            known={known}
            onSaved={(written) => {
              saved(t("definitions.saved", { revision: written.revision }));
              if (isNew) void navigate({ params: { id: written.id }, replace: true });
            }}
          />
          {definition && (
            <div className="k-stack-loose">
              <WriteKeys source={definition.id} keys={definition.spec.keys ?? []} />
              <Revisions kind="source" id={definition.id} current={definition.revision} />
            </div>
          )}
        </div>
      )}
    </Page>
  );
}
