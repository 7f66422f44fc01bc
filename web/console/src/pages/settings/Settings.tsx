import { ActionIcon, Button, Modal } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { deleteSecretKey, secretKeysQuery } from "../../api/keys.ts";
import type { SecretKey, SecretKeyCreated } from "../../api/types.ts";
import { SecretKeyForm } from "../../forms/secret-key.tsx";
import { Icon } from "../../icons/Icon.tsx";
import { t } from "../../i18n/t.ts";
import { Badge } from "../../parts/Badge.tsx";
import { Card } from "../../parts/Card.tsx";
import { Confirm } from "../../parts/Confirm.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { Page } from "../../parts/Page.tsx";
import { Secret } from "../../parts/Secret.tsx";
import { Table } from "../../parts/Table.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { When } from "../../parts/When.tsx";

export function Settings() {
  const { data, error, refetch } = useQuery(secretKeysQuery);
  const [creating, setCreating] = useState(false);
  const [deleting, setDeleting] = useState<SecretKey | null>(null);
  const queryClient = useQueryClient();
  const refresh = () => queryClient.invalidateQueries({ queryKey: secretKeysQuery.queryKey });
  return (
    <Page title={t("settings.title")} lede={t("settings.lede")}>
      <Card
        title={t("settings.secretKeys")}
        note={t("settings.secretKeysNote")}
        flush
        actions={
          <Button leftSection={<Icon name="plus" size={16} />} onClick={() => setCreating(true)}>
            {t("settings.create")}
          </Button>
        }
      >
        {error && <Failure error={error} onRetry={() => void refetch()} />}
        {!data && !error && <Waiting lines={4} />}
        {data?.items.length === 0 && (
          <Empty icon="key" title={t("settings.empty")}>
            {t("settings.emptyText")}
          </Empty>
        )}
        {data && data.items.length > 0 && <Keys keys={data.items} onDelete={setDeleting} />}
      </Card>
      <Modal
        opened={creating}
        onClose={() => setCreating(false)}
        title={t("settings.create")}
        closeButtonProps={{ "aria-label": t("parts.close") }}
      >
        {creating && <Create onMade={refresh} onClose={() => setCreating(false)} />}
      </Modal>
      <Confirm
        opened={deleting !== null}
        title={t("settings.deleteTitle")}
        action={t("settings.deleteAction")}
        onClose={() => setDeleting(null)}
        onConfirm={async () => {
          await deleteSecretKey(deleting!.key_id);
          await refresh();
        }}
      >
        {t("settings.deleteText", { name: deleting?.name ?? "" })}
      </Confirm>
    </Page>
  );
}

function Create({ onMade, onClose }: { onMade: () => void; onClose: () => void }) {
  const [made, setMade] = useState<SecretKeyCreated | null>(null);
  if (!made) {
    return (
      <SecretKeyForm
        onDone={(key) => {
          setMade(key);
          onMade();
        }}
      />
    );
  }
  return (
    <div className="k-stack">
      <p role="status">{t("settings.createdTitle")}</p>
      <Secret value={made.secret_key} note={t("settings.once")} />
      <div>
        <Button onClick={onClose}>{t("settings.done")}</Button>
      </div>
    </div>
  );
}

interface KeysProps {
  keys: SecretKey[];
  onDelete: (key: SecretKey) => void;
}

function Keys({ keys, onDelete }: KeysProps) {
  return (
    <Table
      label={t("settings.secretKeys")}
      headers={[
        t("settings.column.name"),
        t("settings.column.prefix"),
        t("settings.column.scopes"),
        t("settings.column.created"),
        "",
      ]}
    >
      {keys.map((key) => (
        <tr key={key.key_id}>
          <td>{key.name}</td>
          <td>
            <code>{key.prefix}…</code>
          </td>
          <td>
            <span className="k-row-wrap">
              {key.scopes.map((scope) => (
                <Badge key={scope} tone={scope === "write" ? "warn" : "neutral"}>
                  {t(`settings.${scope}`)}
                </Badge>
              ))}
            </span>
          </td>
          <td>
            <When at={key.created_at} />
          </td>
          <td data-numeric>
            <ActionIcon
              variant="subtle"
              color="danger"
              aria-label={t("settings.deleteKey", { name: key.name })}
              onClick={() => onDelete(key)}
            >
              <Icon name="trash" size={16} />
            </ActionIcon>
          </td>
        </tr>
      ))}
    </Table>
  );
}
