import "../../i18n/late.ts";
import { Tabs } from "@mantine/core";
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
import { Policies } from "./Policies.tsx";
import css from "./Policies.module.css";
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
      {(known) =>
        known?.definition.status === "live" && known.definition.spec.type === "offers" ? (
          <Tabbed key={known.etag} known={known} />
        ) : (
          <Editing key={known?.etag ?? NEW} known={known} />
        )
      }
    </EditorPage>
  );
}

/** Of offers, there is more to say than how it is set up. */
function Tabbed({ known }: { known: Versioned<PlacementSpec> }) {
  const { tab = "set-up" } = route.useSearch();
  const navigate = route.useNavigate();
  const { id } = known.definition;
  // As the form writes it untouched, so that only a change is one.
  const [spec] = useState(() => specOf(valuesOf(known.definition), known.definition.spec));
  const [draft, setDraft] = useState(spec);
  const show = (value: string | null) =>
    navigate({
      search: (before) => ({ ...before, tab: value === "policies" ? "policies" : undefined }),
      replace: true,
      resetScroll: false,
    });
  return (
    // Effects go on under the hidden tab: leaving with unsaved changes still asks.
    <Tabs value={tab} onChange={show} keepMountedMode="display-none">
      <Tabs.List aria-label={t("policies.tabsLabel")}>
        <Tabs.Tab value="set-up">{t("policies.tabs.setUp")}</Tabs.Tab>
        <Tabs.Tab value="policies">{t("policies.tabs.works")}</Tabs.Tab>
      </Tabs.List>
      {/* What is typed stays while somebody looks at what works. */}
      <Tabs.Panel value="set-up" className={css.panel}>
        <div className="k-stack-loose">
          <Editing known={known} onDraft={setDraft} />
          {tab === "set-up" && <PlacementFunnelCard placement={id} />}
        </div>
      </Tabs.Panel>
      <Tabs.Panel value="policies" className={css.panel}>
        {tab === "policies" && (
          <Policies placement={id} spec={spec} draft={draft} onSetUp={() => void show(null)} />
        )}
      </Tabs.Panel>
    </Tabs>
  );
}

interface EditingProps {
  known: Versioned<PlacementSpec> | null;
  onDraft?: (spec: PlacementSpec) => void;
}

function Editing({ known, onDraft }: EditingProps) {
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
          onSpec={(next) => {
            setSpec(next);
            onDraft?.(next);
          }}
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
                onChange={(as) =>
                  navigate({
                    search: (before) => ({ ...before, as }),
                    replace: true,
                    resetScroll: false,
                  })
                }
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
