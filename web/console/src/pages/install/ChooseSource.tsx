import { Button, Select } from "@mantine/core";
import { useState } from "react";
import type { Definition, SourceSpec } from "../../api/types.ts";
import { QuickSourceForm } from "../../forms/quick-source.tsx";
import { Icon } from "../../icons/Icon.tsx";
import { t } from "../../i18n/t.ts";
import css from "./Install.module.css";

interface ChooseSourceProps {
  sources: Definition<SourceSpec>[];
  loading: boolean;
  chosen: string | null;
  onChoose: (id: string) => void;
}

export function ChooseSource({ sources, loading, chosen, onChoose }: ChooseSourceProps) {
  const [creating, setCreating] = useState(false);
  const none = !loading && sources.length === 0;
  if (creating || none) {
    return (
      <QuickSourceForm
        onDone={(id) => {
          setCreating(false);
          onChoose(id);
        }}
        {...(!none && { onCancel: () => setCreating(false) })}
      />
    );
  }
  return (
    <div className={css.choose}>
      <Select
        label={t("install.existing")}
        placeholder={t("install.pickSource")}
        data={sources.map((source) => ({
          value: source.id,
          label: source.name || source.id,
        }))}
        value={chosen}
        onChange={(id) => id && onChoose(id)}
        allowDeselect={false}
        searchable
      />
      <Button
        variant="default"
        leftSection={<Icon name="plus" size={16} />}
        onClick={() => setCreating(true)}
      >
        {t("install.createSource")}
      </Button>
    </div>
  );
}
