import { Button } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";
import { t } from "../i18n/t.ts";
import { Confirm } from "../parts/Confirm.tsx";
import css from "./SaveBar.module.css";

interface SaveBarProps {
  dirty: boolean;
  busy: boolean;
  isNew: boolean;
  /** Another question has to be answered before saving. */
  blocked: boolean;
  /** What to say while there is nothing to save. */
  rest?: string;
  onDiscard: () => void;
}

/** Stays in sight under a long form, and keeps changes from being lost by leaving. */
export function SaveBar({ dirty, busy, isNew, blocked, rest, onDiscard }: SaveBarProps) {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && !busy && current.pathname !== next.pathname,
    enableBeforeUnload: () => dirty,
    withResolver: true,
  });
  return (
    <div className={css.bar}>
      <span className="k-small k-muted k-grow" role="status">
        {dirty ? t("definitions.unsaved") : rest}
      </span>
      {dirty && !isNew && (
        <Button variant="subtle" color="gray" onClick={onDiscard}>
          {t("definitions.discard")}
        </Button>
      )}
      <Button type="submit" loading={busy} disabled={blocked || (!dirty && !isNew)}>
        {isNew ? t("definitions.create") : t("definitions.save")}
      </Button>
      <Confirm
        opened={blocker.status === "blocked"}
        title={t("definitions.leaveTitle")}
        action={t("definitions.leave")}
        onConfirm={async () => blocker.proceed?.()}
        onClose={() => blocker.reset?.()}
      >
        {t("definitions.leaveText")}
      </Confirm>
    </div>
  );
}
