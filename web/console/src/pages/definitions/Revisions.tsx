import { useQuery } from "@tanstack/react-query";
import { type EditableKind, revisionsQuery } from "../../api/definitions.ts";
import type { Definition } from "../../api/types.ts";
import { changedFields } from "../../forms/revision-changes.ts";
import { t } from "../../i18n/t.ts";
import { Badge } from "../../parts/Badge.tsx";
import { Card } from "../../parts/Card.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { JsonView } from "../../parts/JsonView.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { When } from "../../parts/When.tsx";
import css from "./Revisions.module.css";

interface RevisionsProps {
  kind: EditableKind;
  id: string;
  current: number;
}

export function Revisions({ kind, id, current }: RevisionsProps) {
  const { data, error, refetch } = useQuery(revisionsQuery(kind, id));
  const revisions = [...(data?.items ?? [])].sort(
    (a, b) => b.revision - a.revision,
  ) as Definition<object>[];
  return (
    <Card title={t("definitions.revisions")} note={t("definitions.revisionsNote")} flush>
      {error && <Failure error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Waiting lines={3} />}
      <ol>
        {revisions.map((revision, index) => (
          <li key={revision.revision} className={css.revision}>
            <details>
              <summary>
                <span className={css.number}>
                  {t("definitions.revision", { revision: revision.revision })}
                </span>
                {revision.revision === current && (
                  <Badge tone="good">{t("definitions.current")}</Badge>
                )}
                <span className={css.changes}>{changesOf(revision, revisions[index + 1])}</span>
                <span className={css.by}>
                  {t("definitions.revisionBy", {
                    author: revision.author ?? t("definitions.system"),
                  })}
                  {" · "}
                  <When at={revision.updated_at} />
                </span>
              </summary>
              <div className={css.body}>
                <JsonView
                  value={{ name: revision.name, spec: revision.spec }}
                  label={t("definitions.showRevision", { revision: revision.revision })}
                />
              </div>
            </details>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function changesOf(revision: Definition<object>, before: Definition<object> | undefined): string {
  if (!before) return revision.revision === 1 ? t("definitions.firstRevision") : "";
  const changed = changedFields(before, revision);
  return changed.length > 0 ? `${t("definitions.changes")}: ${changed.join(", ")}` : "";
}
