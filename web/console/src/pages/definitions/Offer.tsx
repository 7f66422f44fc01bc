import { Select } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { definitionQuery, definitionsQuery, type Versioned } from "../../api/definitions.ts";
import { personQuery } from "../../api/persons.ts";
import type { OfferSpec, Preview } from "../../api/types.ts";
import { OfferForm } from "../../forms/offer.tsx";
import { isLimited, specOf, valuesOf } from "../../forms/offer-values.ts";
import { t } from "../../i18n/t.ts";
import { Card } from "../../parts/Card.tsx";
import { PersonPicker } from "../../parts/PersonPicker.tsx";
import { saved } from "../../parts/saved.ts";
import { Editor, EditorPage } from "./Editor.tsx";
import { OfferFunnelCard } from "./Funnel.tsx";
import { Grants } from "./Grants.tsx";
import { OnThePage } from "./OnThePage.tsx";
import { PreviewAnswer } from "./PreviewAnswer.tsx";
import { usePreview } from "./use-preview.ts";

const route = getRouteApi("/app/offers/$id");
const NEW = "new";

export function Offer() {
  const { id } = route.useParams();
  const isNew = id === NEW;
  const query = useQuery({ ...definitionQuery("offer", id), enabled: !isNew });
  return (
    <EditorPage
      kind="offer"
      list="/offers"
      known={isNew ? null : query.data}
      error={query.error}
      onRetry={() => void query.refetch()}
    >
      {(known) => (
        <>
          <Editing key={known?.etag ?? NEW} known={known} />
          {known?.definition.status === "live" && (
            <>
              {isLimited(valuesOf(known.definition)) && (
                <Grants offer={id} spec={known.definition.spec} />
              )}
              <OfferFunnelCard offer={id} placements={known.definition.spec.placements} />
            </>
          )}
        </>
      )}
    </EditorPage>
  );
}

const RULES = new Set([
  "spec.when",
  "spec.applicable_when",
  "spec.suitable_when",
  "spec.never_when",
]);

/** What is wrong with a rule stands beside the rule. */
function withoutRule(answer: Preview | undefined): Preview | undefined {
  if (!answer) return undefined;
  return { ...answer, warnings: answer.warnings.filter(({ field }) => !RULES.has(field)) };
}

function Editing({ known }: { known: Versioned<OfferSpec> | null }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [spec, setSpec] = useState(() => known?.definition.spec ?? specOf(valuesOf()));
  const [chosen, setChosen] = useState<string | null>(null);
  const placements = useInfiniteQuery(definitionsQuery("placement"));
  const existing = new Set(
    placements.data?.pages.flatMap((page) => page.items.map((item) => item.id)),
  );
  const candidates = spec.placements.filter((id) => existing.has(id));
  const placement = candidates.includes(chosen ?? "") ? chosen : (candidates[0] ?? null);
  const person = useQuery({ ...personQuery(search.as ?? ""), enabled: search.as !== undefined });

  const id = known?.definition.id ?? "draft";
  const preview = usePreview("offer", {
    id,
    spec,
    ...(placement && { placement }),
    ...(search.as && { person_id: search.as }),
    context: {},
  });

  return (
    <Editor
      form={
        <OfferForm
          known={known}
          warnings={preview.answer?.warnings ?? []}
          ruleChecked={preview.current && !preview.error}
          traits={person.data?.traits ?? {}}
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
              <Select
                label={t("definitions.preview.placement")}
                data={candidates}
                value={placement}
                onChange={setChosen}
                disabled={candidates.length === 0}
                allowDeselect={false}
              />
              {placement ? (
                <PreviewAnswer
                  answer={withoutRule(preview.answer)}
                  error={preview.error}
                  updating={preview.updating}
                  offerId={id}
                />
              ) : (
                <p className="k-muted">{t("definitions.preview.choosePlacement")}</p>
              )}
            </div>
          </Card>
          {placement && (
            <OnThePage
              shows={{
                kind: "offer",
                id,
                spec,
                placement,
                ...(search.as && { person_id: search.as }),
              }}
            />
          )}
        </div>
      }
    />
  );
}
