import { ActionIcon, Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { createWriteKey, deleteWriteKey } from "../../api/keys.ts";
import type { SourceSpec } from "../../api/types.ts";
import { Icon } from "../../icons/Icon.tsx";
import { t } from "../../i18n/t.ts";
import { Card } from "../../parts/Card.tsx";
import { Confirm } from "../../parts/Confirm.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { Secret } from "../../parts/Secret.tsx";
import { Table } from "../../parts/Table.tsx";
import { When } from "../../parts/When.tsx";
import css from "./Source.module.css";

interface WriteKeysProps {
  source: string;
  keys: NonNullable<SourceSpec["keys"]>;
}

export function WriteKeys({ source, keys }: WriteKeysProps) {
  const [deleting, setDeleting] = useState<string | null>(null);
  const queryClient = useQueryClient();
  const refresh = () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: ["definition", "source", source] }),
      queryClient.invalidateQueries({ queryKey: ["definitions", "source"] }),
    ]);
  const create = useMutation({ mutationFn: () => createWriteKey(source), onSuccess: refresh });

  return (
    <Card
      title={t("sources.keys")}
      note={t("sources.keysNote")}
      actions={
        <Button
          size="xs"
          variant="default"
          loading={create.isPending}
          leftSection={<Icon name="plus" size={14} />}
          onClick={() => create.mutate()}
        >
          {t("sources.createKey")}
        </Button>
      }
      flush
    >
      <div className="k-stack">
        {create.error && <Failure error={create.error} />}
        {create.data && (
          <div className={css.secret}>
            <Secret value={create.data.write_key} note={t("sources.keyOnce")} />
          </div>
        )}
        {keys.length === 0 ? (
          <p className={css.none}>{t("sources.noKeys")}</p>
        ) : (
          <Table
            label={t("sources.keys")}
            headers={[t("sources.keyColumn.prefix"), t("sources.keyColumn.created"), ""]}
          >
            {keys.map((key) => (
              <tr key={key.prefix}>
                <td>
                  <code>{key.prefix}…</code>
                </td>
                <td>
                  <When at={key.created_at} />
                </td>
                <td data-numeric>
                  <ActionIcon
                    variant="subtle"
                    color="danger"
                    aria-label={t("sources.deleteKey", { prefix: key.prefix })}
                    onClick={() => setDeleting(key.prefix)}
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
        opened={deleting !== null}
        title={t("sources.deleteKeyTitle")}
        action={t("sources.deleteKeyAction")}
        onClose={() => setDeleting(null)}
        onConfirm={async () => {
          await deleteWriteKey(source, deleting ?? "");
          await refresh();
        }}
      >
        {t("sources.deleteKeyText", { prefix: deleting ?? "" })}
      </Confirm>
    </Card>
  );
}
