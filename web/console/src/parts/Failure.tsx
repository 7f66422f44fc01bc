import { Button } from "@mantine/core";
import { asApiError, UNREACHABLE } from "../api/problem.ts";
import { Icon } from "../icons/Icon.tsx";
import { t } from "../i18n/t.ts";
import css from "./Failure.module.css";

interface FailureProps {
  error: unknown;
  /** What was tried, in a few words. */
  title?: string | undefined;
  onRetry?: (() => void) | undefined;
}

/** A call failed: what the server said, field by field, and a way to try again. */
export function Failure({ error, title, onRetry }: FailureProps) {
  const { problem, fields } = asApiError(error);
  const unreachable = problem.code === UNREACHABLE;
  const heading = unreachable ? t("failure.unreachable") : problem.title;
  const detail = unreachable ? t("failure.unreachableDetail") : problem.detail;
  const repeated = detail === heading || fields.some((field) => field.message === detail);
  return (
    <div className={css.failure} role="alert">
      <span className={css.icon}>
        <Icon name="warning" />
      </span>
      <div className="k-stack-tight k-grow">
        <p className={css.title}>{title ?? heading}</p>
        {title && <p>{heading}</p>}
        {detail && !repeated && <p className="k-wrap">{detail}</p>}
        {fields.length > 0 && (
          <ul className={css.fields}>
            {fields.map((field) => (
              <li key={`${field.field}${field.message}`} className="k-wrap">
                {field.field && <code>{field.field}</code>} {field.message}
              </li>
            ))}
          </ul>
        )}
        {!unreachable && (
          <p className={css.code}>
            {t("failure.code", { status: problem.status, code: problem.code })}
          </p>
        )}
      </div>
      {onRetry && (
        <Button variant="default" size="xs" onClick={onRetry}>
          {t("failure.retry")}
        </Button>
      )}
    </div>
  );
}
