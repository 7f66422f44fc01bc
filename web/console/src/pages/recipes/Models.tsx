import "../../i18n/late.ts";
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Models as ModelsState, ModelVersion, TrainedModel } from "../../api/recipe-wire.ts";
import { modelsQuery, serveModel, type TrainedKind } from "../../api/recipes.ts";
import { Icon } from "../../icons/Icon.tsx";
import { formatAgo, formatDateTime, formatFigure, formatInteger } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Badge } from "../../parts/Badge.tsx";
import { Card } from "../../parts/Card.tsx";
import { Confirm } from "../../parts/Confirm.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { LinkButton } from "../../parts/LinkButton.tsx";
import { Page } from "../../parts/Page.tsx";
import { saved } from "../../parts/saved.ts";
import { Table } from "../../parts/Table.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
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
          <Stream stream={data.stream} />
          <Trained kind="linear" model={data.linear} />
          <Trained kind="content" model={data.content} />
        </div>
      )}
    </Page>
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

function Trained({ kind, model }: { kind: TrainedKind; model: TrainedModel | null }) {
  const [asked, setAsked] = useState<number | null | undefined>(undefined);
  const queryClient = useQueryClient();
  const name = t(`recipes.model.${kind}`);
  const versions = [...(model?.versions ?? [])].sort((one, other) => other.version - one.version);
  const newest = versions[0];
  const serving = versions.find(({ serves }) => serves);
  const pinned = serving !== undefined && newest !== undefined && serving !== newest;

  async function serve(version: number | null) {
    await serveModel(kind, version);
    await queryClient.invalidateQueries({ queryKey: ["models"] });
    saved(
      version === null
        ? t("recipes.modelsPage.doneNewest")
        : t("recipes.modelsPage.done", { version }),
    );
  }

  return (
    <Card
      flush={versions.length > 0}
      title={name}
      note={
        model
          ? t("recipes.modelsPage.trainedNote", {
              version: model.version,
              items: model.items,
              when: formatAgo(model.trained_at, Date.now()),
            })
          : t(`recipes.modelNote.${kind}`)
      }
      actions={
        pinned && (
          <span className="k-row">
            <Badge tone="warn">
              {t("recipes.modelsPage.pinned", { version: serving.version })}
            </Badge>
            <Button size="xs" onClick={() => setAsked(null)}>
              {t("recipes.modelsPage.newestAgain")}
            </Button>
          </span>
        )
      }
    >
      {!model && <p className="k-muted">{t("recipes.modelsPage.untrained")}</p>}
      {model && versions.length === 0 && (
        <p className="k-muted">{t("recipes.modelsPage.noVersions")}</p>
      )}
      {versions.length > 0 && (
        <Versions name={name} versions={versions} onGoBack={(version) => setAsked(version)} />
      )}
      <Confirm
        opened={asked !== undefined}
        title={
          asked === null
            ? t("recipes.modelsPage.newestTitle", { name })
            : t("recipes.modelsPage.goBackTitle", { version: asked ?? 0, name })
        }
        action={
          asked === null ? t("recipes.modelsPage.newestAgain") : t("recipes.modelsPage.goBack")
        }
        onClose={() => setAsked(undefined)}
        onConfirm={() => serve(asked ?? null)}
      >
        {asked === null
          ? t("recipes.modelsPage.newestText", { version: newest?.version ?? 0 })
          : t("recipes.modelsPage.goBackText")}
      </Confirm>
    </Card>
  );
}

interface VersionsProps {
  name: string;
  versions: ModelVersion[];
  onGoBack: (version: number) => void;
}

function Versions({ name, versions, onGoBack }: VersionsProps) {
  const columns = ["version", "trained", "histories", "chosen", "score", "serves"] as const;
  const newest = versions[0]?.version;
  return (
    <Table
      label={t("recipes.modelsPage.versions", { name })}
      headers={columns.map((column) => t(`recipes.modelsPage.column.${column}`))}
      numeric={[2, 4]}
    >
      {versions.map((one) => (
        <tr key={one.version}>
          <td>
            <span className="k-row">
              <span className="k-number">{one.version}</span>
              {one.version === newest && <Badge>{t("recipes.modelsPage.newest")}</Badge>}
            </span>
          </td>
          <td>{formatDateTime(one.trained_at)}</td>
          <td data-numeric>{formatInteger(one.histories)}</td>
          <td className="k-small">{one.chosen}</td>
          <td data-numeric>
            {one.ndcg_at_10 === null ? t("recipes.report.none") : formatFigure(one.ndcg_at_10)}
          </td>
          <td style={{ textAlign: "end" }}>
            {one.serves ? (
              <Badge tone="good">{t("recipes.modelsPage.serves")}</Badge>
            ) : (
              <Button
                size="xs"
                variant="default"
                aria-label={t("recipes.modelsPage.goBackTo", { version: one.version })}
                onClick={() => onGoBack(one.version)}
              >
                {t("recipes.modelsPage.goBack")}
              </Button>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}
