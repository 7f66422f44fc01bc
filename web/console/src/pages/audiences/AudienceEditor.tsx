import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { AudienceSpec } from "../../api/audience-wire.ts";
import { definitionQuery, type Versioned } from "../../api/definitions.ts";
import type { Definition } from "../../api/types.ts";
import { AudienceForm } from "../../forms/audience.tsx";
import { Icon } from "../../icons/Icon.tsx";
import { t } from "../../i18n/t.ts";
import { Card } from "../../parts/Card.tsx";
import { saved } from "../../parts/saved.ts";
import { useKnown } from "../../rules/use-known.ts";
import { useRule } from "../../rules/use-rule.ts";
import { Editor, EditorPage } from "../definitions/Editor.tsx";
import { AudiencePreview } from "./AudiencePreview.tsx";
import { IdentifierEntry } from "./IdentifierEntry.tsx";
import { readIdentifiers } from "./identifiers.ts";
import { ListCard, Outcome } from "./ListCard.tsx";
import { useMembers } from "./use-members.ts";

const route = getRouteApi("/app/audiences/$id/edit");

export function AudienceNew() {
  return (
    <EditorPage
      kind="audience"
      list="/audiences"
      known={null}
      error={null}
      onRetry={() => undefined}
    >
      {() => <Editing known={null} />}
    </EditorPage>
  );
}

export function AudienceEditor() {
  const { id } = route.useParams();
  const query = useQuery(definitionQuery("audience", id));
  return (
    <EditorPage
      kind="audience"
      list="/audiences"
      above={
        <Link to="/audiences/$id" params={{ id }} className="k-row k-small">
          <Icon name="back" size={15} />
          {t("audiences.backToAudience")}
        </Link>
      }
      known={query.data}
      error={query.error}
      onRetry={() => void query.refetch()}
    >
      {(known) => <Editing key={known?.etag} known={known} />}
    </EditorPage>
  );
}

function Editing({ known }: { known: Versioned<AudienceSpec> | null }) {
  const navigate = useNavigate();
  const definition = known?.definition;
  const rule = useRule(definition?.spec.when ?? "");
  const facts = useKnown(definition?.id);
  const [type, setType] = useState<AudienceSpec["type"]>(definition?.spec.type ?? "rule");
  const [text, setText] = useState("");
  const read = useMemo(() => readIdentifiers(text), [text]);
  const members = useMembers();
  const [created, setCreated] = useState<string | null>(null);

  async function onSaved(written: Definition<AudienceSpec>) {
    saved(t("definitions.saved", { revision: written.revision }));
    if (known) return;
    const { id, spec } = written;
    if (spec.type === "list" && read.identifiers.length > 0) {
      const result = await members.send(id, "add", read);
      if (result === null || result.refused.length > 0) return setCreated(id);
    }
    await navigate({ to: "/audiences/$id", params: { id }, replace: true });
  }

  if (created !== null) {
    return <Outcome id={created} outcome={members.outcome} error={members.error} />;
  }
  return (
    <Editor
      wide={type === "rule"}
      form={
        <AudienceForm
          known={known}
          rule={rule}
          facts={facts}
          type={type}
          onType={setType}
          waiting={text.trim() !== ""}
          onSaved={onSaved}
        />
      }
      preview={
        type === "rule" ? (
          <AudiencePreview id={definition?.id ?? "draft"} rule={rule} />
        ) : known ? (
          <ListCard id={known.definition.id} />
        ) : (
          <Card title={t("audiences.file.title")} note={t("audiences.file.newNote")}>
            <IdentifierEntry text={text} read={read} onChange={setText} />
          </Card>
        )
      }
    />
  );
}
