import { notifications } from "@mantine/notifications";
import { t } from "../i18n/t.ts";

/** Says in the corner that a write went through. */
export function saved(message: string = t("parts.saved")): void {
  notifications.show({
    message,
    color: "kith",
    withBorder: true,
    closeButtonProps: { "aria-label": t("parts.close") },
  });
}
