import { Modal } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { type KeyboardEvent, useId, useState } from "react";
import { definitionsQuery } from "../api/definitions.ts";
import { personsQuery } from "../api/persons.ts";
import type { Definition } from "../api/types.ts";
import { Icon } from "../icons/Icon.tsx";
import { t } from "../i18n/t.ts";
import css from "./Palette.module.css";
import { type Entry, entriesFor } from "./palette-search.ts";

const PERSONS_MAX = 6;
const DEFINITIONS_MAX = 40;
const SEARCH_DELAY_MS = 150;

export function Palette({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      withCloseButton={false}
      centered={false}
      yOffset="12vh"
      size={620}
      padding={0}
      attributes={{ content: { "aria-label": t("frame.palette.label") } }}
    >
      {opened && <Finder onClose={onClose} />}
    </Modal>
  );
}

function Finder({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const [searched] = useDebouncedValue(text.trim(), SEARCH_DELAY_MS);
  const router = useRouter();
  const list = useId();
  const entries = useEntries(text.trim(), searched);
  const current = entries[Math.min(active, entries.length - 1)];

  function go(entry: Entry) {
    onClose();
    const { to, params, search } = entry;
    void router.navigate({ to, params, search } as never);
  }

  function onKeyDown(event: KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && entries.length > 0) {
      event.preventDefault();
      setActive((active + step + entries.length) % entries.length);
    }
    if (event.key === "Enter" && current) go(current);
  }

  return (
    <div className={css.palette}>
      <div className={css.field}>
        <Icon name="search" />
        <input
          // The palette exists to be typed into, and the modal gives focus back when it closes.
          data-autofocus
          className={css.input}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
          placeholder={t("frame.palette.placeholder")}
          aria-label={t("frame.palette.placeholder")}
          role="combobox"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={current && `${list}-${current.id}`}
          aria-autocomplete="list"
        />
      </div>
      <Entries list={list} entries={entries} current={current} onPick={go} onPoint={setActive} />
      <p className="k-hidden" role="status">
        {t("frame.palette.results", { count: entries.length })}
      </p>
      {entries.length === 0 && (
        <p className={css.nothing}>{t("frame.palette.nothing", { text })}</p>
      )}
      <p className={css.hint} aria-hidden="true">
        {t("frame.palette.hint")}
      </p>
    </div>
  );
}

interface EntriesProps {
  list: string;
  entries: Entry[];
  current: Entry | undefined;
  onPick: (entry: Entry) => void;
  onPoint: (index: number) => void;
}

function Entries({ list, entries, current, onPick, onPoint }: EntriesProps) {
  const groups = [...new Set(entries.map((entry) => entry.group))];
  return (
    <div
      id={list}
      role="listbox"
      aria-label={t("frame.palette.label")}
      className={css.list}
      tabIndex={-1}
    >
      {groups.map((group) => (
        <div key={group} role="group" aria-label={t(`frame.palette.${group}`)}>
          <div className={css.group} aria-hidden="true">
            {t(`frame.palette.${group}`)}
          </div>
          {entries.map(
            (entry, index) =>
              entry.group === group && (
                <div
                  key={entry.id}
                  id={`${list}-${entry.id}`}
                  role="option"
                  aria-selected={entry === current}
                  className={css.entry}
                  ref={entry === current ? scrollIntoView : undefined}
                  onMouseMove={() => onPoint(index)}
                  onClick={() => onPick(entry)}
                >
                  <Icon name={entry.icon} size={17} />
                  <span className="k-ellipsis">{entry.label}</span>
                  <span className={css.detail}>{entry.detail}</span>
                </div>
              ),
          )}
        </div>
      ))}
    </div>
  );
}

function scrollIntoView(element: HTMLElement | null) {
  element?.scrollIntoView({ block: "nearest" });
}

/** Pages match at once; people and definitions follow when typing rests. */
function useEntries(text: string, searched: string): Entry[] {
  const enabled = searched.length >= 2;
  const persons = useInfiniteQuery({ ...personsQuery(searched, PERSONS_MAX), enabled });
  const offers = useInfiniteQuery({ ...definitionsQuery("offer", searched), enabled });
  const placements = useInfiniteQuery({ ...definitionsQuery("placement", searched), enabled });
  const audiences = useInfiniteQuery({ ...definitionsQuery("audience", searched), enabled });
  const features = useInfiniteQuery({ ...definitionsQuery("feature", searched), enabled });
  const sources = useInfiniteQuery({ ...definitionsQuery("source", searched), enabled });
  if (!enabled) return entriesFor(text, [], []);
  const definitions: Definition<unknown>[] = [
    ...(offers.data?.pages ?? []),
    ...(placements.data?.pages ?? []),
    ...(audiences.data?.pages ?? []),
    ...(features.data?.pages ?? []),
    ...(sources.data?.pages ?? []),
  ].flatMap((page): Definition<unknown>[] => page.items);
  const people = (persons.data?.pages[0]?.items ?? []).slice(0, PERSONS_MAX);
  return entriesFor(text, people, definitions.slice(0, DEFINITIONS_MAX));
}
