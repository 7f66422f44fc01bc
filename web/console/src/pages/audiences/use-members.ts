/** Sends identifiers to a list, step by step, and tells which were refused. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { writeMembers } from "../../api/audiences.ts";
import type { BadRow, ReadIdentifiers } from "./identifiers.ts";

const CHUNK_IDENTIFIERS = 1_000;

export interface MembersOutcome {
  action: "add" | "remove";
  accepted: number;
  refused: BadRow[];
}

export function useMembers() {
  const queryClient = useQueryClient();
  const [done, setDone] = useState<number | null>(null);
  const [outcome, setOutcome] = useState<MembersOutcome | null>(null);
  const [error, setError] = useState<unknown>(null);

  async function send(id: string, action: "add" | "remove", read: ReadIdentifiers) {
    const result: MembersOutcome = { action, accepted: 0, refused: [] };
    setError(null);
    setDone(0);
    try {
      for (let from = 0; from < read.identifiers.length; from += CHUNK_IDENTIFIERS) {
        const chunk = read.identifiers.slice(from, from + CHUNK_IDENTIFIERS);
        const { accepted, rejected } = await writeMembers(id, action, chunk);
        result.accepted += accepted;
        result.refused.push(
          ...rejected.map(({ index, message }) => ({
            row: read.rows[from + index] ?? from + index + 1,
            value: chunk[index] ?? "",
            message,
          })),
        );
        setDone(from + chunk.length);
      }
      return result;
    } catch (failure) {
      setError(failure);
      return null;
    } finally {
      if (result.accepted > 0 || result.refused.length > 0) setOutcome(result);
      setDone(null);
      await queryClient.invalidateQueries({ queryKey: ["audience", id] });
      await queryClient.invalidateQueries({ queryKey: ["audiences"] });
    }
  }

  return { send, done, outcome, error, clear: () => setOutcome(null) };
}
