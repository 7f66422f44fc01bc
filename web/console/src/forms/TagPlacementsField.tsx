import { ActionIcon, Autocomplete, Button, Select, Textarea, TextInput } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { definitionsQuery } from "../api/definitions.ts";
import type { TagPlacement } from "../api/types.ts";
import { Icon } from "../icons/Icon.tsx";
import { t } from "../i18n/t.ts";
import formCss from "./Form.module.css";
import css from "./TagPlacementsField.module.css";

const MODES = ["html", "text", "template", "event"] as const;

interface TagPlacementsFieldProps {
  value: TagPlacement[];
  onChange: (value: TagPlacement[]) => void;
  error?: string | undefined;
}

/** Which placement the tag renders at which place of the page, and how. */
export function TagPlacementsField({ value, onChange, error }: TagPlacementsFieldProps) {
  const placements = useInfiniteQuery(definitionsQuery("placement"));
  const ids = placements.data?.pages.flatMap((page) => page.items.map((item) => item.id)) ?? [];

  function change(index: number, changed: Partial<TagPlacement>) {
    onChange(value.map((one, at) => (at === index ? { ...one, ...changed } : one)));
  }

  return (
    <fieldset className={css.field}>
      <legend className={css.legend}>{t("sources.field.tagPlacements")}</legend>
      <p className={formCss.hint}>{t("sources.field.tagPlacementsHint")}</p>
      {value.map((one, index) => (
        // Rows have no identity of their own: two may hold the same placement while editing.
        <div key={index} className={css.row}>
          <div className={css.inputs}>
            <Autocomplete
              label={t("sources.field.placement")}
              data={ids}
              value={one.placement}
              onChange={(placement) => change(index, { placement })}
            />
            <TextInput
              label={t("sources.field.selector")}
              value={one.selector}
              classNames={{ input: formCss.code! }}
              onChange={(event) => change(index, { selector: event.currentTarget.value })}
            />
            <Select
              label={t("sources.field.mode")}
              data={MODES.map((mode) => ({ value: mode, label: t(`sources.modes.${mode}`) }))}
              value={one.mode}
              allowDeselect={false}
              onChange={(mode) => change(index, { mode: mode as TagPlacement["mode"] })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size={34}
              aria-label={t("sources.field.removePlacement", { name: one.placement })}
              onClick={() => onChange(value.filter((_, at) => at !== index))}
            >
              <Icon name="trash" size={16} />
            </ActionIcon>
          </div>
          {one.mode === "template" && (
            <Textarea
              label={t("sources.field.template")}
              value={one.template ?? ""}
              autosize
              minRows={2}
              maxRows={10}
              spellCheck={false}
              placeholder={'<a href="{{url}}">{{title}}</a>'}
              classNames={{ input: formCss.code! }}
              onChange={(event) => change(index, { template: event.currentTarget.value })}
            />
          )}
        </div>
      ))}
      {error && (
        <p role="alert" className={css.error}>
          {error}
        </p>
      )}
      <div>
        <Button
          size="xs"
          variant="default"
          leftSection={<Icon name="plus" size={14} />}
          onClick={() => onChange([...value, { placement: "", selector: "", mode: "template" }])}
        >
          {t("sources.field.addPlacement")}
        </Button>
      </div>
    </fieldset>
  );
}
