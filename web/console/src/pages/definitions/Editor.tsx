import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { archiveDefinition, type Versioned } from "../../api/definitions.ts";
import { Icon } from "../../icons/Icon.tsx";
import { t } from "../../i18n/t.ts";
import { Badge } from "../../parts/Badge.tsx";
import { Confirm } from "../../parts/Confirm.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { Page } from "../../parts/Page.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import css from "./Editor.module.css";
import { Revisions } from "./Revisions.tsx";

const WORDS = {
  offer: "offers",
  placement: "placements",
  recipe: "recipes",
  audience: "audiences",
  feature: "features",
  webhook: "webhooks",
} as const;
type EditorKind = keyof typeof WORDS;
type ListPath = "/offers" | "/placements" | "/recipes" | "/audiences" | "/features" | "/webhooks";

interface EditorPageProps<Spec> {
  kind: EditorKind;
  list: ListPath;
  /** In place of the way back to the list. */
  above?: ReactNode;
  /** Null: a new one. Undefined: not loaded yet. */
  known: Versioned<Spec> | null | undefined;
  error: Error | null;
  onRetry: () => void;
  children: (known: Versioned<Spec> | null) => ReactNode;
}

/** What the pages of all definitions share: loading, the way back, archiving, revisions. */
export function EditorPage<Spec>(props: EditorPageProps<Spec>) {
  const { kind, list, above, known, error, onRetry, children } = props;
  const words = WORDS[kind];
  const definition = known?.definition;
  const title = definition?.name || definition?.id || t(`definitions.${words}.newTitle`);
  return (
    <Page
      title={known === undefined ? t(`definitions.${words}.title`) : title}
      lede={
        definition && (
          <span className="k-row-wrap">
            <code>{definition.id}</code>
            {definition.status === "archived" && <Badge>{t("definitions.archived")}</Badge>}
          </span>
        )
      }
      above={
        above ?? (
          <Link to={list} className="k-row k-small">
            <Icon name="back" size={15} />
            {t(`definitions.${words}.back`)}
          </Link>
        )
      }
      actions={
        definition?.status === "live" && (
          <Archive kind={kind} list={list} id={definition.id} name={definition.name} />
        )
      }
    >
      {error && known === undefined && <Failure error={error} onRetry={onRetry} />}
      {known === undefined && !error && <Waiting lines={10} height={22} />}
      {known !== undefined && children(known)}
      {definition && <Revisions kind={kind} id={definition.id} current={definition.revision} />}
    </Page>
  );
}

interface ArchiveProps {
  kind: EditorKind;
  list: ListPath;
  id: string;
  name: string;
}

export function Archive({ kind, list, id, name }: ArchiveProps) {
  const [asking, setAsking] = useState(false);
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  return (
    <>
      <Button
        variant="default"
        leftSection={<Icon name="trash" size={16} />}
        onClick={() => setAsking(true)}
      >
        {t("definitions.archive")}
      </Button>
      <Confirm
        opened={asking}
        title={t("definitions.archiveTitle", { name: name || id })}
        action={t("definitions.archiveAction")}
        onClose={() => setAsking(false)}
        onConfirm={async () => {
          await archiveDefinition(kind, id);
          await queryClient.invalidateQueries({ queryKey: ["definitions", kind] });
          if (kind === "audience") await queryClient.invalidateQueries({ queryKey: ["audiences"] });
          if (kind === "webhook") await queryClient.invalidateQueries({ queryKey: ["webhooks"] });
          queryClient.removeQueries({ queryKey: ["definition", kind, id] });
          await navigate({ to: list });
        }}
      >
        {t(`definitions.archiveText.${kind}`)}
      </Confirm>
    </>
  );
}

interface EditorProps {
  form: ReactNode;
  preview: ReactNode;
  /** The form needs what width there is. */
  wide?: boolean;
}

/** The form beside its preview, which stays in sight while the form scrolls. */
export function Editor({ form, preview, wide }: EditorProps) {
  return (
    <div className={css.columns} data-wide={wide}>
      <div className={css.form}>{form}</div>
      <div className={css.preview}>{preview}</div>
    </div>
  );
}
