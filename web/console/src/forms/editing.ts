/** Saving a definition under optimistic locking, and what to do when somebody was faster. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import {
  definitionQuery,
  type EditableKind,
  putDefinition,
  type Specs,
  type Versioned,
} from "../api/definitions.ts";
import { asApiError } from "../api/problem.ts";
import type { Definition } from "../api/types.ts";

export interface Editing<Kind extends EditableKind> {
  /** What is on the server now, when that is not what the form began with. */
  conflict: Versioned<Specs[Kind]> | null;
  /** Writes over the version the form began with, or over the one in conflict. */
  save: (
    id: string,
    written: { name: string; spec: Specs[Kind] },
  ) => Promise<Definition<Specs[Kind]> | "conflict">;
  /** Forgets the form's changes and shows what is on the server. */
  takeTheirs: () => Promise<void>;
}

export function useEditing<Kind extends EditableKind>(
  kind: Kind,
  known: Versioned<Specs[Kind]> | null,
): Editing<Kind> {
  const queryClient = useQueryClient();
  const [conflict, setConflict] = useState<Versioned<Specs[Kind]> | null>(null);

  async function save(id: string, written: { name: string; spec: Specs[Kind] }) {
    const etag = (conflict ?? known)?.etag ?? null;
    try {
      const definition = await putDefinition(kind, id, written, etag);
      setConflict(null);
      await queryClient.invalidateQueries({ queryKey: ["definitions", kind] });
      await queryClient.invalidateQueries({ queryKey: ["definition", kind, id] });
      return definition;
    } catch (failure) {
      // Without a version to begin with, 412 means the id is taken: that is the form's to show.
      if (asApiError(failure).status !== 412 || etag === null) throw failure;
      const query = definitionQuery(kind, id);
      const theirs = await queryClient.fetchQuery({
        ...query,
        queryKey: [...query.queryKey, "theirs"],
      });
      setConflict(theirs as Versioned<Specs[Kind]>);
      return "conflict";
    }
  }

  async function takeTheirs() {
    if (!conflict) return;
    await queryClient.invalidateQueries({
      queryKey: ["definition", kind, conflict.definition.id],
    });
    setConflict(null);
  }

  return { conflict, save, takeTheirs };
}
