import { Button } from "@mantine/core";
import type { Definition } from "../api/types.ts";
import { Icon } from "../icons/Icon.tsx";
import { formatDateTime } from "../i18n/format.ts";
import { t } from "../i18n/t.ts";
import css from "./Conflict.module.css";
import { changedFields } from "./revision-changes.ts";

interface ConflictProps {
  base: Definition<object> | undefined;
  theirs: Definition<object>;
  busy: boolean;
  onKeepMine: () => void;
  onTakeTheirs: () => void;
}

/** Somebody saved first: what they changed, and the two ways on. */
export function Conflict({ base, theirs, busy, onKeepMine, onTakeTheirs }: ConflictProps) {
  const changed = changedFields(base, theirs);
  return (
    <div className={css.conflict} role="alert">
      <span className={css.icon}>
        <Icon name="warning" />
      </span>
      <div className="k-stack k-grow">
        <div className="k-stack-tight">
          <p className={css.title}>{t("definitions.conflictTitle")}</p>
          <p>{t("definitions.conflictText")}</p>
          <p className="k-small">
            {t("definitions.conflictBy", {
              revision: theirs.revision,
              author: theirs.author ?? t("definitions.system"),
              when: formatDateTime(theirs.updated_at),
            })}{" "}
            {changed.length > 0 && `${t("definitions.changes")}: ${changed.join(", ")}`}
          </p>
        </div>
        <div className="k-row-wrap">
          <Button size="xs" onClick={onKeepMine} loading={busy}>
            {t("definitions.keepMine")}
          </Button>
          <Button size="xs" variant="default" onClick={onTakeTheirs}>
            {t("definitions.takeTheirs")}
          </Button>
        </div>
      </div>
    </div>
  );
}
