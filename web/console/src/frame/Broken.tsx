import { Button } from "@mantine/core";
import type { ErrorComponentProps } from "@tanstack/react-router";
import { Link } from "@tanstack/react-router";
import { t } from "../i18n/t.ts";
import { Empty } from "../parts/Empty.tsx";
import { Failure } from "../parts/Failure.tsx";
import { Page } from "../parts/Page.tsx";

/** What Chromium, Firefox and Safari say when a chunk of an older build is gone. */
const STALE_CHUNK = /dynamically imported module|importing a module script failed/i;

/** A page threw while drawing or loading. */
export function Broken({ error, reset }: ErrorComponentProps) {
  if (error instanceof Error && STALE_CHUNK.test(error.message)) {
    return (
      <Page title={t("frame.broken")}>
        <Empty
          icon="refresh"
          title={t("frame.stale")}
          action={<Button onClick={() => location.reload()}>{t("frame.reload")}</Button>}
        />
      </Page>
    );
  }
  return (
    <Page title={t("frame.broken")}>
      <Failure error={error} onRetry={reset} />
    </Page>
  );
}

export function NotFound() {
  return (
    <Page title={t("frame.notFound")} titleHidden>
      <Empty
        icon="search"
        title={t("frame.notFound")}
        action={<Link to="/">{t("frame.goHome")}</Link>}
      >
        {t("frame.notFoundText")}
      </Empty>
    </Page>
  );
}
