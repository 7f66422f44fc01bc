import { ActionIcon, Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { createSecret, revokeSecret, type Webhook } from "../../api/webhooks.ts";
import { Icon } from "../../icons/Icon.tsx";
import { formatDateTime } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Card } from "../../parts/Card.tsx";
import { Confirm } from "../../parts/Confirm.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { Secret } from "../../parts/Secret.tsx";
import { Table } from "../../parts/Table.tsx";
import { When } from "../../parts/When.tsx";
import css from "./Webhook.module.css";

export function Secrets({ webhook }: { webhook: Webhook }) {
  const [revoking, setRevoking] = useState<string | null>(null);
  const queryClient = useQueryClient();
  const { webhook_id: id, secrets } = webhook;
  // Each is a revision of its own, and the form must begin with the newest.
  const refresh = () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: ["webhook", id] }),
      queryClient.invalidateQueries({ queryKey: ["definition", "webhook", id] }),
    ]);
  const create = useMutation({ mutationFn: () => createSecret(id), onSuccess: refresh });
  return (
    <Card
      title={t("webhooks.secrets")}
      note={t("webhooks.secretsNote")}
      actions={
        <Button
          size="xs"
          variant="default"
          loading={create.isPending}
          leftSection={<Icon name="plus" size={14} />}
          onClick={() => create.mutate()}
        >
          {t("webhooks.createSecret")}
        </Button>
      }
      flush
    >
      <div className="k-stack">
        {create.error && <Failure error={create.error} />}
        {create.data && (
          <div className={css.padded}>
            <Secret value={create.data.secret} note={t("webhooks.secretOnce")} />
          </div>
        )}
        {secrets.length === 0 ? (
          <p className={`${css.padded} k-muted`}>{t("webhooks.noSecrets")}</p>
        ) : (
          <Table
            label={t("webhooks.secrets")}
            headers={[
              t("webhooks.secretColumn.id"),
              t("webhooks.secretColumn.created"),
              t("webhooks.secretColumn.expires"),
              "",
            ]}
          >
            {secrets.map((secret) => (
              <tr key={secret.secret_id}>
                <td>
                  <code>{secret.secret_id}</code>
                </td>
                <td>
                  <When at={secret.created_at} />
                </td>
                <td>
                  {secret.expires_at
                    ? formatDateTime(secret.expires_at)
                    : t("webhooks.secretNewest")}
                </td>
                <td data-numeric>
                  <ActionIcon
                    variant="subtle"
                    color="danger"
                    aria-label={t("webhooks.revokeSecret", { id: secret.secret_id })}
                    onClick={() => setRevoking(secret.secret_id)}
                  >
                    <Icon name="trash" size={16} />
                  </ActionIcon>
                </td>
              </tr>
            ))}
          </Table>
        )}
      </div>
      <Confirm
        opened={revoking !== null}
        title={t("webhooks.revokeTitle")}
        action={t("webhooks.revokeAction")}
        onClose={() => setRevoking(null)}
        onConfirm={async () => {
          await revokeSecret(id, revoking ?? "");
          await refresh();
        }}
      >
        {t("webhooks.revokeText")}
      </Confirm>
    </Card>
  );
}
