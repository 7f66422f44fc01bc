import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import type { AffinitySpec, FeatureSpec } from "../../api/audience-wire.ts";
import { featurePreviewQuery } from "../../api/audiences.ts";
import { definitionQuery, type Versioned } from "../../api/definitions.ts";
import { FeatureForm } from "../../forms/feature.tsx";
import { formatFeature } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Avatar } from "../../parts/Avatar.tsx";
import { Card } from "../../parts/Card.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { isVisitor, personTitle } from "../../parts/IdentifierTag.tsx";
import { isByKey, KeyBars } from "../../parts/KeyBars.tsx";
import { saved } from "../../parts/saved.ts";
import { Waiting } from "../../parts/Waiting.tsx";
import { type EditedAggregate, useAggregate } from "../../rules/use-aggregate.ts";
import { Editor, EditorPage } from "../definitions/Editor.tsx";
import { JobCard } from "../definitions/Job.tsx";
import css from "./Feature.module.css";

const route = getRouteApi("/app/features/$id");
const NEW = "new";
const TYPING_PAUSE_MS = 350;

export function Feature() {
  const { id } = route.useParams();
  const isNew = id === NEW;
  const query = useQuery({ ...definitionQuery("feature", id), enabled: !isNew });
  return (
    <EditorPage
      kind="feature"
      list="/features"
      known={isNew ? null : query.data}
      error={query.error}
      onRetry={() => void query.refetch()}
    >
      {(known) => <Editing key={known?.etag ?? NEW} known={known} />}
    </EditorPage>
  );
}

function Editing({ known }: { known: Versioned<FeatureSpec> | null }) {
  const navigate = route.useNavigate();
  const spec = known?.definition.spec;
  const value = useAggregate(spec?.value ?? "");
  const [affinity, setAffinity] = useState<AffinitySpec | null>(spec?.affinity ?? null);
  return (
    <Editor
      wide
      form={
        <FeatureForm
          known={known}
          value={value}
          affinity={affinity}
          onAffinity={setAffinity}
          onSaved={(definition) => {
            saved(t("definitions.saved", { revision: definition.revision }));
            if (!known) void navigate({ params: { id: definition.id }, replace: true });
          }}
        />
      }
      preview={
        <div className="k-stack-loose">
          {known && <JobCard kind="feature" id={known.definition.id} />}
          <Values id={known?.definition.id ?? "draft"} value={value} affinity={affinity} />
        </div>
      }
    />
  );
}

interface ValuesProps {
  id: string;
  value: EditedAggregate;
  affinity: AffinitySpec | null;
}

function Values({ id, value, affinity: edited }: ValuesProps) {
  const [affinity] = useDebouncedValue(edited, TYPING_PAUSE_MS);
  const text = affinity ? "" : (value.value ?? "");
  const query = useQuery({
    ...featurePreviewQuery(id, { description: "", value: text, affinity, trait: "" }),
    enabled: affinity !== null || value.value !== null,
  });
  const answer = query.data;
  const timed = /^(first|last)\(/.test(value.value ?? "") && !/, of /.test(value.value ?? "");
  return (
    <Card title={t("features.preview.title")} note={t("features.preview.note")}>
      <div className="k-stack">
        {query.error && !query.isFetching && (
          <Failure error={query.error} onRetry={() => void query.refetch()} />
        )}
        {!answer && query.isFetching && <Waiting lines={6} height={22} />}
        {!answer && !query.isFetching && !query.error && (
          <Empty icon="feature" title={t("features.preview.nothing")} compact>
            {t("features.preview.nothingText")}
          </Empty>
        )}
        {answer && answer.warnings.length > 0 && (
          <ul className={css.warnings} aria-label={t("features.preview.warnings")}>
            {answer.warnings.map(({ message }) => (
              <li key={message}>{message}</li>
            ))}
          </ul>
        )}
        {answer && answer.values.length === 0 && (
          <p className="k-small k-muted">{t("features.preview.none")}</p>
        )}
        {answer && answer.values.length > 0 && (
          <table
            className={css.values}
            data-stale={(!affinity && value.value === null) || query.isPlaceholderData}
          >
            <thead>
              <tr>
                <th scope="col">{t("features.preview.person")}</th>
                <th scope="col">{t("features.preview.value")}</th>
              </tr>
            </thead>
            <tbody>
              {answer.values.map((person) => (
                <tr key={person.person_id}>
                  <td>
                    <Link
                      to="/profiles/$personId"
                      params={{ personId: person.person_id }}
                      target="_blank"
                      className={css.person}
                      aria-label={t("audiences.preview.newTab", { name: personTitle(person) })}
                    >
                      <Avatar
                        name={personTitle(person)}
                        id={person.person_id}
                        size={24}
                        visitor={isVisitor(person.identifiers)}
                      />
                      <span className="k-ellipsis">{personTitle(person)}</span>
                    </Link>
                  </td>
                  <td>
                    {isByKey(person.value) ? (
                      <KeyBars label={personTitle(person)} values={person.value} most={4} />
                    ) : (
                      formatFeature(timed ? "value_at" : "value", person.value)
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        <p className="k-tiny k-muted" role="status">
          {query.isFetching && answer ? t("features.preview.updating") : ""}
        </p>
      </div>
    </Card>
  );
}
