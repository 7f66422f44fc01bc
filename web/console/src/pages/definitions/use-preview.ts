import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type PreviewKind, type PreviewRequest, previewQuery } from "../../api/definitions.ts";
import { canonical } from "../../forms/revision-changes.ts";

const TYPING_PAUSE_MS = 350;
const NOTHING: PreviewRequest = { id: "", spec: {} };

/** Asks the server what would be decided, when typing rests. Null: there is nothing to ask yet. */
export function usePreview(kind: PreviewKind, request: PreviewRequest | null) {
  const now = canonical(request);
  const [settled] = useDebouncedValue(now, TYPING_PAUSE_MS);
  const asked = JSON.parse(settled) as PreviewRequest | null;
  const query = useQuery({
    ...previewQuery(kind, asked ?? NOTHING),
    enabled: asked !== null,
    placeholderData: keepPreviousData,
  });
  const current = now === settled && !query.isPlaceholderData && !query.isFetching;
  return { answer: query.data, error: query.error, current, updating: !current };
}
