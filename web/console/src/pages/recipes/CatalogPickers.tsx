/** What a recommendation is about, chosen from the catalog. */
import { MultiSelect, Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useInfiniteQuery, useQueries } from "@tanstack/react-query";
import { useState } from "react";
import { itemQuery, itemsQuery } from "../../api/catalog.ts";
import { t } from "../../i18n/t.ts";

const TYPING_PAUSE_MS = 200;
const LISTED_MAX = 50;
const CART_MAX = 10;

interface Option {
  value: string;
  label: string;
}

/** Items that fit a text, and those chosen already. */
function useItems(text: string, chosen: string[]): Option[] {
  const [searched] = useDebouncedValue(text, TYPING_PAUSE_MS);
  const found = useInfiniteQuery(itemsQuery(searched));
  const known = useQueries({ queries: chosen.map((id) => itemQuery(id)) });
  const options = new Map<string, Option>();
  for (const [at, { data }] of known.entries()) {
    options.set(chosen[at]!, { value: chosen[at]!, label: data?.title || chosen[at]! });
  }
  for (const item of (found.data?.pages[0]?.items ?? []).slice(0, LISTED_MAX)) {
    if (!options.has(item.item_id)) {
      options.set(item.item_id, { value: item.item_id, label: item.title || item.item_id });
    }
  }
  return [...options.values()];
}

/** The server has searched; what it found is not searched again. */
const asFound = ({ options }: { options: unknown[] }) => options as never;

interface ItemPickerProps {
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

export function ItemPicker({ value, onChange }: ItemPickerProps) {
  const [text, setText] = useState("");
  const options = useItems(text, value ? [value] : []);
  return (
    <Select
      aria-label={t("recipes.preview.item")}
      placeholder={t("recipes.preview.search")}
      nothingFoundMessage={t("recipes.preview.noItem")}
      searchable
      clearable
      clearButtonProps={{ "aria-label": t("parts.clear") }}
      data={options}
      filter={asFound}
      value={value ?? null}
      onSearchChange={(next) => {
        const chosen = options.find((one) => one.value === value)?.label;
        setText(next === chosen ? "" : next);
      }}
      onChange={(next) => onChange(next ?? undefined)}
    />
  );
}

export function ItemsPicker(props: { value: string[]; onChange: (value: string[]) => void }) {
  const { value, onChange } = props;
  const [text, setText] = useState("");
  const options = useItems(text, value);
  return (
    <MultiSelect
      aria-label={t("recipes.preview.cart")}
      placeholder={value.length === 0 ? t("recipes.preview.search") : ""}
      nothingFoundMessage={t("recipes.preview.noItem")}
      searchable
      hidePickedOptions
      maxValues={CART_MAX}
      data={options}
      filter={asFound}
      value={value}
      onSearchChange={setText}
      onChange={onChange}
    />
  );
}

export function CategoryPicker({ value, onChange }: ItemPickerProps) {
  const query = useInfiniteQuery(itemsQuery(""));
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  const categories = new Set(items.flatMap((item) => item.categories));
  if (value) categories.add(value);
  return (
    <Select
      aria-label={t("recipes.preview.category")}
      placeholder={t("recipes.preview.category")}
      searchable
      data={[...categories].sort()}
      value={value ?? null}
      onChange={(next) => onChange(next ?? undefined)}
    />
  );
}
