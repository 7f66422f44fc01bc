import { Link } from "@tanstack/react-router";
import type { KithEvent } from "../../api/types.ts";
import { Icon } from "../../icons/Icon.tsx";
import { t } from "../../i18n/t.ts";

/** From what somebody saw or clicked to the decision that put it there. */
export function DecisionLink({ event }: { event: Pick<KithEvent, "properties"> }) {
  const { decision_id: id } = event.properties;
  if (typeof id !== "string" || !id) return null;
  return (
    <Link to="/decisions/$id" params={{ id }} className="k-row k-small">
      <Icon name="spark" size={15} />
      {t("decisions.openDecision")}
    </Link>
  );
}
