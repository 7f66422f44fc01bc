import type { Definition } from "../../api/types.ts";
import { t } from "../../i18n/t.ts";
import { Badge } from "../../parts/Badge.tsx";
import css from "./NameCell.module.css";

export function NameCell({ definition }: { definition: Definition<unknown> }) {
  return (
    <span className={css.names}>
      <span className={css.name}>
        <span className="k-ellipsis">{definition.name || definition.id}</span>
        {definition.status === "archived" && <Badge>{t("definitions.archived")}</Badge>}
      </span>
      <span className={css.id}>{definition.id}</span>
    </span>
  );
}
