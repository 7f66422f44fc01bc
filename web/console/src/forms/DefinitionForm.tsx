import type { UseFormReturnType } from "@mantine/form";
import type { ReactNode } from "react";
import type { EditableKind, Specs, Versioned } from "../api/definitions.ts";
import type { ApiError } from "../api/problem.ts";
import { t } from "../i18n/t.ts";
import { Failure } from "../parts/Failure.tsx";
import { Conflict } from "./Conflict.tsx";
import type { Editing } from "./editing.ts";

interface DefinitionFormProps<Kind extends EditableKind, Values> {
  form: UseFormReturnType<Values>;
  /** What the form began with; `null` for a new definition. */
  known: Versioned<Specs[Kind]> | null;
  editing: Editing<Kind>;
  submission: { busy: boolean; error: ApiError | null };
  onSubmit: (values: Values) => void;
  children: ReactNode;
}

/** The form of any definition: what the server refuses stands above it, and who saved first. */
export function DefinitionForm<Kind extends EditableKind, Values>({
  form,
  known,
  editing,
  submission,
  onSubmit,
  children,
}: DefinitionFormProps<Kind, Values>) {
  const { conflict } = editing;
  return (
    <form
      onSubmit={form.onSubmit(conflict ? () => undefined : onSubmit)}
      noValidate
      className="k-stack-loose"
    >
      {submission.error && <Failure error={submission.error} title={t("definitions.notSaved")} />}
      {conflict && (
        <Conflict
          base={known?.definition}
          theirs={conflict.definition}
          busy={submission.busy}
          onKeepMine={() => onSubmit(form.values)}
          onTakeTheirs={editing.takeTheirs}
        />
      )}
      {children}
    </form>
  );
}
