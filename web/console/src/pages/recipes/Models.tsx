import "../../i18n/late.ts";
import { Progress } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ModelTraining, modelsQuery, type Models as ModelsState } from "../../api/recipes.ts";
import { Icon } from "../../icons/Icon.tsx";
import { formatAgo, formatClock, formatInteger, formatPercent } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Badge } from "../../parts/Badge.tsx";
import { Card } from "../../parts/Card.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { LinkButton } from "../../parts/LinkButton.tsx";
import { Page } from "../../parts/Page.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { Trained } from "./ModelVersions.tsx";
import css from "./Recipes.module.css";

/** The models behind the recipes, and which version of each answers. */
export function Models() {
  const { data, error, refetch } = useQuery(modelsQuery);
  return (
    <Page
      title={t("recipes.modelsPage.title")}
      lede={t("recipes.modelsPage.lede")}
      above={
        <Link to="/recipes" className="k-row k-small">
          <Icon name="back" size={15} />
          {t("recipes.modelsPage.back")}
        </Link>
      }
    >
      {error && !data && <Failure error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Waiting lines={8} height={22} />}
      {data && !data.at_work && (
        <Empty
          icon="recipe"
          title={t("recipes.modelsPage.resting")}
          action={
            <LinkButton to="/recipes/$id" params={{ id: "new" }} icon="plus">
              {t("recipes.modelsPage.createRecipe")}
            </LinkButton>
          }
        />
      )}
      {data?.at_work && (
        <div className="k-stack-loose">
          {data.training && <Training training={data.training} />}
          <Trained kind="linear" model={data.linear} />
          <Trained kind="content" model={data.content} />
          <Stream stream={data.stream} />
        </div>
      )}
    </Page>
  );
}

/** The training under way, or how the last one ended. */
function Training({ training }: { training: ModelTraining }) {
  const { state, progress, eta_at, started_at, finished_at, error } = training;
  const share = formatPercent(progress);
  if (state === "running") {
    const words = eta_at ? "runningUntil" : "running";
    const params = { share, ...(eta_at && { time: formatClock(eta_at) }) };
    return (
      <div className="k-stack-tight" role="status">
        <p className="k-small">{t(`recipes.modelsPage.training.${words}`, params)}</p>
        <Progress value={100 * progress} aria-label={t("recipes.modelsPage.training.label")} />
      </div>
    );
  }
  const when = formatAgo(finished_at ?? started_at, Date.now());
  if (!error) {
    return <p className="k-small k-soft">{t("recipes.modelsPage.training.done", { when })}</p>;
  }
  return (
    <p className="k-row k-small k-wrap" role="status">
      <Badge tone="bad">{t("recipes.modelsPage.training.failed", { when })}</Badge>
      {error}
    </p>
  );
}

function Stream({ stream }: { stream: ModelsState["stream"] }) {
  return (
    <Card title={t("recipes.modelsPage.stream")} note={t("recipes.modelsPage.streamNote")}>
      <dl className={css.figures}>
        {(["events", "items", "visits", "pairs"] as const).map((name) => (
          <div key={name}>
            <dt>{t(`recipes.modelsPage.${name}`)}</dt>
            <dd>{formatInteger(stream[name])}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
