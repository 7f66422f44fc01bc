import { Button, Drawer } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { deleteItem, itemQuery } from "../../api/catalog.ts";
import type { CatalogItem } from "../../api/types.ts";
import { CatalogItemForm } from "../../forms/catalog-item.tsx";
import { Icon } from "../../icons/Icon.tsx";
import { t } from "../../i18n/t.ts";
import { Confirm } from "../../parts/Confirm.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { saved } from "../../parts/saved.ts";
import { Waiting } from "../../parts/Waiting.tsx";

interface ItemDrawerProps {
  itemId: string | undefined;
  adding: boolean;
  onClose: () => void;
}

export function ItemDrawer({ itemId, adding, onClose }: ItemDrawerProps) {
  const title = adding ? t("catalog.drawerNew") : t("catalog.column.item");
  return (
    <Drawer
      opened={adding || itemId !== undefined}
      onClose={onClose}
      size={560}
      title={title}
      closeButtonProps={{ "aria-label": t("parts.close") }}
    >
      {adding && <Editor onClose={onClose} />}
      {!adding && itemId !== undefined && <Loaded itemId={itemId} onClose={onClose} />}
    </Drawer>
  );
}

function Loaded({ itemId, onClose }: { itemId: string; onClose: () => void }) {
  const { data, error, refetch } = useQuery(itemQuery(itemId));
  if (error) return <Failure error={error} onRetry={() => void refetch()} />;
  if (!data) return <Waiting lines={10} />;
  return <Editor key={data.updated_at} item={data} onClose={onClose} />;
}

function Editor({ item, onClose }: { item?: CatalogItem; onClose: () => void }) {
  const [deleting, setDeleting] = useState(false);
  const queryClient = useQueryClient();

  async function done() {
    saved();
    onClose();
    await refresh();
  }
  const refresh = () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: ["items"] }),
      queryClient.invalidateQueries({ queryKey: ["item"] }),
      queryClient.invalidateQueries({ queryKey: ["overview"] }),
    ]);

  return (
    <>
      <CatalogItemForm {...(item && { item })} onDone={done} />
      {item && (
        <>
          <Button
            variant="subtle"
            color="danger"
            mt={14}
            leftSection={<Icon name="trash" size={16} />}
            onClick={() => setDeleting(true)}
          >
            {t("catalog.deleteItem")}
          </Button>
          <Confirm
            opened={deleting}
            title={t("catalog.deleteTitle")}
            action={t("catalog.deleteItem")}
            onClose={() => setDeleting(false)}
            onConfirm={async () => {
              await deleteItem(item.item_id);
              onClose();
              await refresh();
            }}
          >
            {t("catalog.deleteText", { title: item.title })}
          </Confirm>
        </>
      )}
    </>
  );
}
