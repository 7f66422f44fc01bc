import type { Delivery } from "../../api/webhooks.ts";
import { t } from "../../i18n/t.ts";

/** What a delivery tells of its person. */
export function deliveryWords({
  event,
  audience_id,
  changed,
}: Pick<Delivery, "event" | "audience_id" | "changed">): string {
  if (changed) {
    const { name, old_value: from, new_value: to } = changed;
    return t("webhooks.traitChanged", { name, from, to });
  }
  return t(event === "entered" ? "webhooks.entered" : "webhooks.left", {
    audience: audience_id ?? "",
  });
}
