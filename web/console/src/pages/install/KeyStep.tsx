import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { createWriteKey } from "../../api/keys.ts";
import type { Definition, SourceSpec } from "../../api/types.ts";
import { Icon } from "../../icons/Icon.tsx";
import { t } from "../../i18n/t.ts";
import { Failure } from "../../parts/Failure.tsx";
import { Secret } from "../../parts/Secret.tsx";
import { isWriteKey } from "./snippets.ts";

interface KeyStepProps {
  source: Definition<SourceSpec> | undefined;
  value: string | undefined;
  onChange: (key: string) => void;
}

export function KeyStep({ source, value, onChange }: KeyStepProps) {
  const [pasting, setPasting] = useState(false);
  const queryClient = useQueryClient();
  const create = useMutation({
    mutationFn: (id: string) => createWriteKey(id),
    onSuccess: async (made) => {
      onChange(made.write_key);
      await queryClient.invalidateQueries({ queryKey: ["definitions", "source"] });
    },
  });

  if (pasting) {
    const wrong = value && !isWriteKey(value) ? t("install.keyWrong") : undefined;
    return (
      <TextInput
        label={t("install.keyInput")}
        description={t("install.keyInputHint")}
        value={value ?? ""}
        error={wrong}
        onChange={(event) => onChange(event.currentTarget.value.trim())}
        spellCheck={false}
        autoComplete="off"
      />
    );
  }
  if (value) return <Secret value={value} note={t("install.keyOnce")} />;
  return (
    <>
      {create.error && <Failure error={create.error} />}
      <div className="k-row-wrap">
        <Button
          disabled={!source}
          loading={create.isPending}
          leftSection={<Icon name="key" size={16} />}
          onClick={() => source && create.mutate(source.id)}
        >
          {t("install.createKey")}
        </Button>
        <Button
          variant="subtle"
          disabled={!source}
          onClick={() => {
            setPasting(true);
            onChange("");
          }}
        >
          {t("install.pasteKey")}
        </Button>
      </div>
    </>
  );
}
