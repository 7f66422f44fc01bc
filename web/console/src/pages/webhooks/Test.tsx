import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { sendTest, type WebhookTest } from "../../api/webhooks.ts";
import { Icon } from "../../icons/Icon.tsx";
import { t } from "../../i18n/t.ts";
import { Dot } from "../../parts/Badge.tsx";
import { Failure } from "../../parts/Failure.tsx";
import css from "./Webhook.module.css";

/** One message on demand, and what the endpoint says to it. */
export function Test({ id, disabled }: { id: string; disabled: boolean }) {
  const test = useMutation({ mutationFn: () => sendTest(id) });
  return (
    <div className="k-stack">
      <div className="k-row-wrap">
        <Button
          size="xs"
          variant="default"
          loading={test.isPending}
          disabled={disabled}
          leftSection={<Icon name="play" size={14} />}
          onClick={() => test.mutate()}
        >
          {t("webhooks.test")}
        </Button>
        <span className="k-small k-muted k-grow">{t("webhooks.testNote")}</span>
      </div>
      {test.error && <Failure error={test.error} />}
      <div role="status">{test.data && <Answer answer={test.data} />}</div>
    </div>
  );
}

function Answer({ answer }: { answer: WebhookTest }) {
  const { delivered, status, detail, took_ms: took } = answer;
  const told = status === null ? "testUnreached" : delivered ? "testDelivered" : "testRefused";
  return (
    <div className="k-small">
      <p className="k-row">
        <Dot tone={delivered ? "good" : "bad"} />
        {t(`webhooks.${told}`, { status: String(status), took })}
      </p>
      {detail && <p className={css.answer}>{detail}</p>}
    </div>
  );
}
