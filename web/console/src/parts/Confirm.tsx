import { Button, Modal } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { t } from "../i18n/t.ts";
import { Failure } from "./Failure.tsx";

interface ConfirmProps {
  opened: boolean;
  title: string;
  children: ReactNode;
  action: string;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}

/** Asks before something that cannot be taken back; stays open with the error when it fails. */
export function Confirm({ opened, title, children, action, onConfirm, onClose }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  async function confirm() {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onClose();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      closeButtonProps={{ "aria-label": t("parts.close") }}
    >
      <div className="k-stack">
        <div className="k-soft k-wrap">{children}</div>
        {error !== null && <Failure error={error} />}
        <div className="k-row" style={{ justifyContent: "flex-end" }}>
          <Button variant="default" onClick={onClose}>
            {t("parts.cancel")}
          </Button>
          <Button color="danger" loading={busy} onClick={confirm}>
            {action}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
