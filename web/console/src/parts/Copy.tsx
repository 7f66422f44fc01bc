import { ActionIcon, Button, CopyButton, Tooltip } from "@mantine/core";
import { Icon } from "../icons/Icon.tsx";
import { t } from "../i18n/t.ts";

/** A small button that copies a text and says so. */
export function Copy({ text, label }: { text: string; label: string }) {
  return (
    <CopyButton value={text} timeout={1600}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? t("parts.copied") : label}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="md"
            onClick={copy}
            aria-label={copied ? t("parts.copied") : label}
          >
            <Icon name={copied ? "check" : "copy"} size={16} />
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

/** The same as a full button, where copying is the next step. */
export function CopyLarge({ text, label }: { text: string; label: string }) {
  return (
    <CopyButton value={text} timeout={1600}>
      {({ copied, copy }) => (
        <Button
          size="xs"
          variant={copied ? "filled" : "default"}
          onClick={copy}
          leftSection={<Icon name={copied ? "check" : "copy"} size={15} />}
        >
          {copied ? t("parts.copied") : label}
        </Button>
      )}
    </CopyButton>
  );
}
