import type { Webhook } from "../../api/webhooks.ts";
import { t } from "../../i18n/t.ts";
import { Badge, type Tone } from "../../parts/Badge.tsx";

const TONES: Record<Webhook["state"], Tone> = {
  active: "good",
  off: "neutral",
  gone: "bad",
  "no-secret": "warn",
};

export function WebhookStateBadge({ state }: Pick<Webhook, "state">) {
  return <Badge tone={TONES[state]}>{t(`webhooks.states.${state}`)}</Badge>;
}
