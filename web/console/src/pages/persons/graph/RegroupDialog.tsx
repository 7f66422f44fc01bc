/** Shows what a merge or a split would do, asks why, does it, and offers the way back. */
import { Button, Modal, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { Regrouping, Wish } from "../../../api/identity.ts";
import { asApiError } from "../../../api/problem.ts";
import type { PersonRow } from "../../../api/types.ts";
import { Icon } from "../../../icons/Icon.tsx";
import { t } from "../../../i18n/t.ts";
import { Avatar } from "../../../parts/Avatar.tsx";
import { Failure } from "../../../parts/Failure.tsx";
import { IdentifierTag, isVisitor, personTitle } from "../../../parts/IdentifierTag.tsx";
import { saved } from "../../../parts/saved.ts";
import { Waiting } from "../../../parts/Waiting.tsx";
import { changesNothing, figures, regroup } from "./regroup.ts";
import css from "./RegroupDialog.module.css";

const REASON_MAX_CHARS = 500;
const UNDO_STAYS_MS = 30_000;
const TAGS_MAX = 6;
const ROWS_MAX = 5;

export interface Plan {
  /** Different for different plans; the preview is read again. */
  key: string;
  persons: string[];
  act: (wish: Wish) => Promise<Regrouping>;
}

interface RegroupDialogProps {
  title: string;
  text: string;
  action: string;
  /** Said when a preview changes nothing. */
  nothing?: string;
  /** What happened, for the notice. */
  done: (found: Regrouping) => string;
  /** Null while something is still to be chosen in `children`. */
  plan: Plan | null;
  children?: ReactNode;
  onDone?: (found: Regrouping) => void;
  onUndone?: () => void;
  onClose: () => void;
}

export function RegroupDialog(props: RegroupDialogProps) {
  const { title, text, action, nothing, done, plan, children, onDone, onUndone, onClose } = props;
  const queryClient = useQueryClient();
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const preview = useQuery({
    queryKey: ["regroup", plan?.key],
    queryFn: () => plan!.act({ reason: "", preview: true }),
    enabled: plan !== null,
    retry: false,
    staleTime: 0,
    gcTime: 0,
  });
  const unchanged = nothing !== undefined && preview.data !== undefined && changesNothing(preview.data);

  async function confirm() {
    if (!plan) return;
    setBusy(true);
    setError(null);
    try {
      const wish = { reason: reason.trim(), preview: false };
      const { found, undo } = await regroup(plan.persons, () => plan.act(wish));
      await refresh(queryClient);
      offerUndo(done(found), async () => {
        await undo();
        await refresh(queryClient);
        onUndone?.();
      });
      onClose();
      onDone?.(found);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      size="xl"
      closeButtonProps={{ "aria-label": t("parts.close") }}
    >
      <div className="k-stack">
        <p className="k-soft">{text}</p>
        {children}
        {plan && preview.isFetching && <Waiting lines={4} />}
        {plan && !preview.isFetching && preview.error && (
          <Failure error={preview.error} title={t("identity.regroup.failed")} />
        )}
        {plan && !preview.isFetching && preview.data && <BeforeAfter found={preview.data} />}
        {unchanged && <p role="status">{nothing}</p>}
        <Textarea
          label={t("identity.regroup.reason")}
          description={t("identity.regroup.reasonHint")}
          value={reason}
          maxLength={REASON_MAX_CHARS}
          autosize
          minRows={1}
          maxRows={4}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {error !== null && <Failure error={error} title={t("identity.regroup.failed")} />}
        <div className="k-row" style={{ justifyContent: "flex-end" }}>
          <Button variant="default" onClick={onClose}>
            {t("parts.cancel")}
          </Button>
          <Button loading={busy} disabled={!preview.data || unchanged} onClick={confirm}>
            {action}
          </Button>
        </div>
      </div>
    </Modal>
  );
}

/** All that may say something else after a merge or a split. */
export async function refresh(queryClient: QueryClient): Promise<void> {
  const keys = [["person"], ["persons"], ["identity"], ["audiences"], ["audience"]];
  await Promise.all(keys.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
}

function offerUndo(message: string, undo: () => Promise<void>): void {
  const id = notifications.show({
    autoClose: UNDO_STAYS_MS,
    color: "kith",
    withBorder: true,
    closeButtonProps: { "aria-label": t("parts.close") },
    message: (
      <span className="k-spread">
        <span>{message}</span>
        <Button
          size="xs"
          variant="default"
          leftSection={<Icon name="undo" size={14} />}
          onClick={() => {
            notifications.hide(id);
            undo().then(
              () => saved(t("identity.regroup.undone")),
              (failure) => {
                const { problem } = asApiError(failure);
                const detail = problem.detail || problem.title;
                notifications.show({
                  color: "danger",
                  withBorder: true,
                  autoClose: false,
                  message: t("identity.regroup.undoFailed", { detail }),
                  closeButtonProps: { "aria-label": t("parts.close") },
                });
              },
            );
          }}
        >
          {t("identity.regroup.undo")}
        </Button>
      </span>
    ),
  });
}

function BeforeAfter({ found }: { found: Regrouping }) {
  return (
    <div className={css.sides}>
      <Side title={t("identity.regroup.before")} rows={found.before} />
      <span className={css.arrow}>
        <Icon name="arrow" size={18} />
      </span>
      <Side title={t("identity.regroup.after")} rows={found.after} />
    </div>
  );
}

function Side({ title, rows }: { title: string; rows: PersonRow[] }) {
  const sum = figures(rows);
  return (
    <section className={css.side} aria-label={title}>
      <div>
        <h3>{title}</h3>
        <p className="k-small k-muted">
          {t("identity.regroup.persons", { count: sum.persons })} ·{" "}
          {t("identity.regroup.events", { count: sum.events })}
        </p>
      </div>
      {rows.slice(0, ROWS_MAX).map((row) => (
        <div key={row.person_id} className={css.person}>
          <Avatar
            name={personTitle(row)}
            id={row.person_id}
            size={30}
            visitor={isVisitor(row.identifiers)}
          />
          <div className="k-stack-tight k-grow">
            <p className="k-ellipsis">{personTitle(row)}</p>
            <p className="k-tiny k-muted">
              {t("identity.regroup.events", { count: row.event_count })} ·{" "}
              {t("identity.regroup.identifiers", { count: row.identifiers.length })}
            </p>
            <div className={css.tags}>
              {row.identifiers.slice(0, TAGS_MAX).map((one) => (
                <IdentifierTag key={`${one.namespace}:${one.value}`} identifier={one} />
              ))}
              {row.identifiers.length > TAGS_MAX && (
                <span className="k-tiny k-muted">
                  {t("identity.regroup.more", { count: row.identifiers.length - TAGS_MAX })}
                </span>
              )}
            </div>
          </div>
        </div>
      ))}
      {rows.length > ROWS_MAX && (
        <p className="k-small k-muted">
          {t("identity.regroup.more", { count: rows.length - ROWS_MAX })}
        </p>
      )}
    </section>
  );
}
