/** A link that shows what is being edited on the real page. */
import { Autocomplete, Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { eventsQuery } from "../../api/events.ts";
import { createPreviewLink, type PreviewLink, type PreviewLinkRequest } from "../../api/previews.ts";
import { asApiError } from "../../api/problem.ts";
import type { KithEvent } from "../../api/types.ts";
import { canonical } from "../../forms/revision-changes.ts";
import { Icon } from "../../icons/Icon.tsx";
import { formatExactTime } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Card } from "../../parts/Card.tsx";
import { CopyLarge } from "../../parts/Copy.tsx";
import { Failure } from "../../parts/Failure.tsx";
import css from "./OnThePage.module.css";

const SUGGESTED_MAX = 6;
/** The page of the last link, so that the next one needs no typing. */
const LAST_PAGE = "kith.previewPage";

interface OnThePageProps {
  /** What the link shows, without the page. */
  shows: Omit<PreviewLinkRequest, "url">;
}

export function OnThePage({ shows }: OnThePageProps) {
  const [page, setPage] = useState(() => localStorage.getItem(LAST_PAGE) ?? "");
  const [link, setLink] = useState<PreviewLink | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const pages = usePages();
  const now = canonical(shows);
  // What was edited since is not what the link shows.
  useEffect(() => setLink(null), [now]);

  async function make(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    try {
      setLink(await createPreviewLink({ ...shows, url: page.trim() }));
      localStorage.setItem(LAST_PAGE, page.trim());
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  }

  const refused = failure === null ? undefined : asApiError(failure);
  const ofPage = refused?.fields.find(({ field }) => field === "url");
  return (
    <Card title={t("definitions.onThePage.title")} note={t("definitions.onThePage.note")}>
      <form className="k-stack" onSubmit={(event) => void make(event)}>
        <div className={css.row}>
          <Autocomplete
            label={t("definitions.onThePage.page")}
            placeholder="https://shop.example.com/"
            inputMode="url"
            data={pages}
            limit={SUGGESTED_MAX}
            value={page}
            onChange={(value) => {
              setPage(value);
              setLink(null);
              setFailure(null);
            }}
            error={ofPage?.message}
          />
          <Button
            type="submit"
            variant="default"
            loading={busy}
            disabled={page.trim() === ""}
            leftSection={<Icon name="link" size={16} />}
          >
            {t("definitions.onThePage.make")}
          </Button>
        </div>
        {refused && !ofPage && <Failure error={refused} />}
        {link && (
          <div className={css.link} role="status">
            <p className="k-small">
              {t("definitions.onThePage.until", { time: formatExactTime(link.expires_at) })}
            </p>
            <div className="k-row">
              <Button
                component="a"
                size="xs"
                href={link.url}
                target="_blank"
                rel="noreferrer"
                rightSection={<Icon name="arrow" size={14} />}
              >
                {t("definitions.onThePage.open")}
              </Button>
              <CopyLarge text={link.url} label={t("definitions.onThePage.copy")} />
            </div>
          </div>
        )}
      </form>
    </Card>
  );
}

/** Addresses of pages that people viewed lately. */
function usePages(): string[] {
  const events = useInfiniteQuery(eventsQuery({}));
  const rows = events.data?.pages.flatMap((page) => page.items) ?? [];
  return [...new Set(rows.flatMap(pageOf))];
}

function pageOf({ context }: KithEvent): string[] {
  const page = context["page"] as { url?: unknown } | undefined;
  if (typeof page?.url !== "string" || !/^https?:\/\//.test(page.url)) return [];
  return [page.url.replace(/[?#].*/, "")];
}
