import { Combobox, InputBase, useCombobox } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { personQuery, personsQuery } from "../api/persons.ts";
import { Icon } from "../icons/Icon.tsx";
import { t } from "../i18n/t.ts";
import { Avatar } from "./Avatar.tsx";
import { bestIdentifier, isVisitor, personTitle } from "./IdentifierTag.tsx";
import css from "./PersonPicker.module.css";

const FOUND_MAX = 8;
const TYPING_PAUSE_MS = 200;
/** In the place of a person id. */
const NOBODY = "";

interface PersonPickerProps {
  label: string;
  /** What stands there, and can be chosen again, when no person is. */
  nobody: string;
  personId: string | undefined;
  className?: string | undefined;
  onChange: (personId: string | undefined) => void;
}

export function PersonPicker(props: PersonPickerProps) {
  const { label, nobody, personId, className, onChange } = props;
  const [text, setText] = useState("");
  const [searched] = useDebouncedValue(text, TYPING_PAUSE_MS);
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      setText("");
    },
    onDropdownOpen: () => combobox.focusSearchInput(),
  });
  const chosen = useQuery({ ...personQuery(personId ?? ""), enabled: personId !== undefined });
  const found = useInfiniteQuery({
    ...personsQuery(searched, FOUND_MAX),
    enabled: combobox.dropdownOpened,
  });
  const people = (found.data?.pages[0]?.items ?? []).slice(0, FOUND_MAX);
  const title = chosen.data ? personTitle(chosen.data) : (personId ?? nobody);

  return (
    <Combobox
      store={combobox}
      onOptionSubmit={(value) => {
        onChange(value === NOBODY ? undefined : value);
        combobox.closeDropdown();
      }}
    >
      <Combobox.Target targetType="button">
        <InputBase
          component="button"
          type="button"
          label={label}
          className={className}
          pointer
          leftSection={
            <Avatar
              name={title}
              id={personId ?? ""}
              size={22}
              visitor={isVisitor(chosen.data?.identifiers ?? [])}
            />
          }
          rightSection={<Icon name="down" size={15} />}
          rightSectionPointerEvents="none"
          onClick={() => combobox.toggleDropdown()}
        >
          <span className={css.chosen}>{title}</span>
        </InputBase>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            combobox.updateSelectedOptionIndex();
          }}
          placeholder={t("parts.pickPersonHint")}
          aria-label={t("parts.pickPersonHint")}
        />
        <Combobox.Options aria-label={label} className={css.options}>
          <Combobox.Option value={NOBODY}>{nobody}</Combobox.Option>
          {people.map((person) => {
            const identifier = bestIdentifier(person.identifiers);
            return (
              <Combobox.Option key={person.person_id} value={person.person_id}>
                <span className={css.option}>
                  <Avatar
                    name={personTitle(person)}
                    id={person.person_id}
                    size={26}
                    visitor={isVisitor(person.identifiers)}
                  />
                  <span className={css.names}>
                    <span>{personTitle(person)}</span>
                    {identifier && (
                      <span className={css.identifier}>
                        {identifier.namespace}:{identifier.value}
                      </span>
                    )}
                  </span>
                </span>
              </Combobox.Option>
            );
          })}
        </Combobox.Options>
        {found.data && people.length === 0 && (
          <p className={css.empty}>{t("parts.pickPersonEmpty")}</p>
        )}
      </Combobox.Dropdown>
    </Combobox>
  );
}
