/** The versions of a trained model, and which of them answers. */
import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import {
  type ModelVersion,
  serveModel,
  type TrainedKind,
  type TrainedModel,
} from "../../api/recipes.ts";
import { formatAgo, formatDateTime, formatFigure } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Badge } from "../../parts/Badge.tsx";
import { Card } from "../../parts/Card.tsx";
import { Confirm } from "../../parts/Confirm.tsx";
import { saved } from "../../parts/saved.ts";
import { Table } from "../../parts/Table.tsx";
import css from "./Recipes.module.css";

interface TrainedProps {
  kind: TrainedKind;
  model: TrainedModel | null;
}

export function Trained({ kind, model }: TrainedProps) {
  /** What is asked about: a version, null for the newest, undefined for nothing. */
  const [asked, setAsked] = useState<number | null | undefined>(undefined);
  const queryClient = useQueryClient();
  const name = t(`recipes.model.${kind}`);
  const versions = model?.versions ?? [];
  const newest = versions.find(({ problem }) => problem === null);

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
        model?.pinned && (
          <span className="k-row">
            <Pinned pin={model.pinned} serves={model.version} />
            <Button size="xs" onClick={() => setAsked(null)}>
              {t("recipes.modelsPage.newestAgain")}
            </Button>
          </span>
        )
      }
    >
      {!model && <p className="k-muted">{t("recipes.modelsPage.untrained")}</p>}
      {versions.length > 0 && (
        <Versions kind={kind} versions={versions} onGoBack={(version) => setAsked(version)} />
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

interface PinnedProps {
  pin: NonNullable<TrainedModel["pinned"]>;
  serves: number;
}

/** A pinned version that cannot serve is passed over, and somebody should know. */
function Pinned({ pin: { version, at, by }, serves }: PinnedProps) {
  const when = formatAgo(at, Date.now());
  return (
    <span title={formatDateTime(at)}>
      <Badge tone={version === serves ? "warn" : "bad"}>
        {version === serves
          ? t("recipes.modelsPage.pinned", { version, by, when })
          : t("recipes.modelsPage.pinnedDamaged", { version })}
      </Badge>
    </span>
  );
}

interface VersionsProps {
  kind: TrainedKind;
  versions: ModelVersion[];
  onGoBack: (version: number) => void;
}

const COLUMNS = ["version", "chosen", "score", "serves"] as const;

function Versions({ kind, versions, onGoBack }: VersionsProps) {
  const name = t(`recipes.model.${kind}`);
  return (
    <Table
      label={t("recipes.modelsPage.versions", { name })}
      headers={COLUMNS.map((column) => t(`recipes.modelsPage.column.${column}`))}
    >
      {versions.map((one, at) => (
        <tr key={one.version}>
          <td>
            <span className="k-row">
              <span className="k-number">{one.version}</span>
              {at === 0 && <Badge>{t("recipes.modelsPage.newest")}</Badge>}
            </span>
            {one.trained_at && (
              <p className="k-tiny k-muted">
                {t("recipes.modelsPage.trainedOf", {
                  when: formatDateTime(one.trained_at),
                  from: t(`recipes.modelsPage.from.${kind}`, { count: one.histories }),
                })}
              </p>
            )}
          </td>
          <td className="k-small">{one.problem ?? one.chosen}</td>
          <td className={css.whole}>
            <Score version={one} />
          </td>
          <td className={css.end}>
            <Standing version={one} onGoBack={onGoBack} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** How it did on what it never saw, beside what is popular. */
function Score({ version: { evaluation } }: { version: ModelVersion }) {
  if (!evaluation) return t("recipes.modelsPage.unmeasured");
  const { ndcg_at_10: own, popular_ndcg_at_10: popular } = evaluation;
  return (
    <>
      <span className="k-number">{formatFigure(own.value)}</span>{" "}
      <span className="k-tiny k-muted k-number">
        {t("recipes.modelsPage.between", {
          lower: formatFigure(own.lower),
          upper: formatFigure(own.upper),
        })}
      </span>
      <p className="k-tiny k-muted">
        {t("recipes.modelsPage.popular", { value: formatFigure(popular.value) })}
      </p>
    </>
  );
}

interface StandingProps {
  version: ModelVersion;
  onGoBack: (version: number) => void;
}

function Standing({ version: { version, serves, problem }, onGoBack }: StandingProps) {
  if (problem) return <Badge tone="bad">{t("recipes.modelsPage.damaged")}</Badge>;
  if (serves) return <Badge tone="good">{t("recipes.modelsPage.serves")}</Badge>;
  return (
    <Button
      size="xs"
      variant="default"
      aria-label={t("recipes.modelsPage.goBackTo", { version })}
      onClick={() => onGoBack(version)}
    >
      {t("recipes.modelsPage.goBack")}
    </Button>
  );
}
