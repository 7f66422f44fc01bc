/** What went wrong with a call, in the server's own words where it gave any. */
import type { FieldError, Problem } from "./types.ts";

export class ApiError extends Error {
  readonly status: number;
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.name = "ApiError";
    this.status = problem.status;
    this.problem = problem;
  }

  get fields(): FieldError[] {
    return this.problem.errors ?? [];
  }
}

/** The server was not reached, so there is no status and no document. */
export const UNREACHABLE = "unreachable";

export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  const code = error instanceof TypeError ? UNREACHABLE : "unexpected";
  const type = `/errors/${code}`;
  return new ApiError({ type, title: code, status: 0, code, detail, errors: [] });
}

/** Accepts any body: a proxy in between may answer with HTML or nothing. */
export function problemOf(body: unknown, status: number, statusText: string): Problem {
  if (typeof body === "object" && body !== null && "title" in body && "code" in body) {
    return { ...(body as Problem), status };
  }
  const title = statusText || `HTTP ${status}`;
  const code = `http-${status}`;
  return { type: "about:blank", title, status, code, detail: "", errors: [] };
}

/**
 * Splits the server's field errors into those the form has an input for and the rest, which the
 * form shows above itself. A field matches the input of its longest known prefix:
 * `spec.content.cta` belongs to `spec.content` when there is no input of its own.
 */
export function placeFieldErrors(
  errors: FieldError[],
  inputs: readonly string[],
): { placed: Record<string, string>; rest: FieldError[] } {
  const placed: Record<string, string> = {};
  const rest: FieldError[] = [];
  for (const error of errors) {
    const input = inputs
      .filter((name) => error.field === name || error.field.startsWith(`${name}.`))
      .sort((a, b) => b.length - a.length)[0];
    if (input === undefined) rest.push(error);
    else placed[input] = placed[input] ? `${placed[input]} ${error.message}` : error.message;
  }
  return { placed, rest };
}
