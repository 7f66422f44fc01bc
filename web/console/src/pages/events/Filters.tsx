import { CloseButton, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { definitionsQuery } from "../../api/definitions.ts";
import { t } from "../../i18n/t.ts";
import { PersonPicker } from "../../parts/PersonPicker.tsx";
import css from "./Events.module.css";

const route = getRouteApi("/app/events");
const TYPING_PAUSE_MS = 350;

export function Filters() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data } = useInfiniteQuery(definitionsQuery("source"));
  const sources = data?.pages.flatMap((page) => page.items) ?? [];

  const change = (changed: Partial<typeof search>) =>
    navigate({ search: { ...search, ...changed, open: undefined }, replace: true });

  return (
    <>
      <Typed
        label={t("events.filterName")}
        placeholder={t("events.filterNamePlaceholder")}
        value={search.name}
        onChange={(name) => change({ name })}
      />
      <PersonPicker
        className={css.filter}
        label={t("events.filterPerson")}
        nobody={t("events.filterPersonPlaceholder")}
        personId={search.person}
        onChange={(person) => change({ person })}
      />
      <Select
        className={css.filter}
        label={t("events.filterSource")}
        placeholder={t("events.filterSourcePlaceholder")}
        data={sources.map((source) => ({ value: source.id, label: source.name || source.id }))}
        value={search.source ?? null}
        onChange={(source) => change({ source: source ?? undefined })}
        clearable
        clearButtonProps={{ "aria-label": t("parts.clear") }}
        searchable
      />
    </>
  );
}

interface TypedProps {
  label: string;
  placeholder: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

/** Takes effect when typing rests; follows the address when that changes by other means. */
function Typed({ label, placeholder, value, onChange }: TypedProps) {
  const [text, setText] = useState(value ?? "");
  const settle = useDebouncedCallback(
    (typed: string) => onChange(typed.trim() || undefined),
    TYPING_PAUSE_MS,
  );
  useEffect(() => setText(value ?? ""), [value]);
  return (
    <TextInput
      className={css.filter}
      label={label}
      placeholder={placeholder}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        settle(event.currentTarget.value);
      }}
      rightSection={
        text && (
          <CloseButton
            size="sm"
            aria-label={t("parts.clear")}
            onClick={() => {
              setText("");
              onChange(undefined);
            }}
          />
        )
      }
    />
  );
}
