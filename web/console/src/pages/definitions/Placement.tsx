import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { definitionQuery, type Versioned } from "../../api/definitions.ts";
import type { PlacementSpec } from "../../api/types.ts";
import { JsonField, objectOf } from "../../forms/JsonField.tsx";
import { PlacementForm } from "../../forms/placement.tsx";
import { specOf, valuesOf } from "../../forms/placement-values.ts";
import { t } from "../../i18n/t.ts";
import { Card } from "../../parts/Card.tsx";
import { PersonPicker } from "../../parts/PersonPicker.tsx";
import { saved } from "../../parts/saved.ts";
import { Editor, EditorPage } from "./Editor.tsx";
import { PlacementFunnelCard } from "./Funnel.tsx";
import { OnThePage } from "./OnThePage.tsx";
import { PreviewAnswer } from "./PreviewAnswer.tsx";
import { usePreview } from "./use-preview.ts";

const route = getRouteApi("/app/placements/$id");
const NEW = "new";

export function Placement() {
  const { id } = route.useParams();
  const isNew = id === NEW;
  const query = useQuery({ ...definitionQuery("placement", id), enabled: !isNew });
  return (
    <EditorPage
      kind="placement"
      list="/placements"
      known={isNew ? null : query.data}
      error={query.error}
      onRetry={() => void query.refetch()}
    >
      {(known) => (
        <>
          <Editing key={known?.etag ?? NEW} known={known} />
          {known?.definition.status === "live" && known.definition.spec.type === "offers" && (
            <PlacementFunnelCard placement={id} />
          )}
        </>
      )}
    </EditorPage>
  );
}

function Editing({ known }: { known: Versioned<PlacementSpec> | null }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [spec, setSpec] = useState(() => known?.definition.spec ?? specOf(valuesOf()));
  const [context, setContext] = useState("{}");
  const read = objectOf(context);
  const preview = usePreview("placement", {
    id: known?.definition.id ?? "draft",
    spec,
    ...(search.as && { person_id: search.as }),
    context: read.value ?? {},
  });

  return (
    <Editor
      form={
        <PlacementForm
          known={known}
          onSpec={setSpec}
          onSaved={(definition) => {
            saved(t("definitions.saved", { revision: definition.revision }));
            if (!known) {
              void navigate({ params: { id: definition.id }, search, replace: true });
            }
          }}
        />
      }
      preview={
        <div className="k-stack-loose">
          <Card title={t("definitions.preview.title")} note={t("definitions.preview.note")}>
            <div className="k-stack">
              <PersonPicker
                label={t("parts.pickPerson")}
                nobody={t("parts.anonymousVisitor")}
                personId={search.as}
                onChange={(as) => navigate({ search: { as }, replace: true, resetScroll: false })}
              />
              <JsonField
                label={t("definitions.preview.context")}
                description={t("definitions.preview.contextHint")}
                minRows={1}
                value={context}
                onChange={setContext}
                error={read.error}
              />
              <PreviewAnswer
                answer={preview.answer}
                error={preview.error}
                updating={preview.updating}
              />
            </div>
          </Card>
          {known && (
            <OnThePage
              shows={{
                kind: "placement",
                id: known.definition.id,
                spec,
                ...(search.as && { person_id: search.as }),
              }}
            />
          )}
        </div>
      }
    />
  );
}
