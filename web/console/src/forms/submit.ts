/** Sends a form and puts what the server refuses beside the inputs it is about. */
import type { UseFormReturnType } from "@mantine/form";
import { useState } from "react";
import { ApiError, asApiError, placeFieldErrors } from "../api/problem.ts";

interface Submission {
  busy: boolean;
  /** What no input shows. */
  error: ApiError | null;
  clear: () => void;
  /** True when it went through. */
  send: (action: () => Promise<unknown>) => Promise<boolean>;
}

/**
 * `inputs` are called in the API as in the form; `renamed` maps the API's names of the others to
 * the form's.
 */
export function useSubmission<Values>(
  form: UseFormReturnType<Values>,
  inputs: readonly string[],
  renamed: Record<string, string> = {},
): Submission {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);

  async function send(action: () => Promise<unknown>): Promise<boolean> {
    setBusy(true);
    setError(null);
    try {
      await action();
      return true;
    } catch (failure) {
      const refused = asApiError(failure);
      const known = [...inputs, ...Object.keys(renamed)];
      const { placed, rest } = placeFieldErrors(refused.fields, known);
      const entries = Object.entries(placed);
      form.setErrors(
        Object.fromEntries(entries.map(([name, text]) => [renamed[name] ?? name, text])),
      );
      const shown = refused.fields.length > 0 && rest.length === 0;
      if (!shown) setError(new ApiError({ ...refused.problem, errors: rest }));
      return false;
    } finally {
      setBusy(false);
    }
  }

  return { busy, error, clear: () => setError(null), send };
}
