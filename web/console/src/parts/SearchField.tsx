import { CloseButton, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";
import { Icon } from "../icons/Icon.tsx";
import { t } from "../i18n/t.ts";

interface SearchFieldProps {
  label: string;
  placeholder: string;
  value: string;
  onChange: (text: string) => void;
}

const TYPING_PAUSE_MS = 250;

/** Its text lives in the address; typing settles there when it rests. */
export function SearchField({ label, placeholder, value, onChange }: SearchFieldProps) {
  const [text, setText] = useState(value);
  const sent = useRef(value);
  const settle = useDebouncedCallback((typed: string) => {
    sent.current = typed.trim();
    onChange(typed.trim());
  }, TYPING_PAUSE_MS);
  useEffect(() => {
    // Only a change that did not come from here: back, forward, a link.
    if (value !== sent.current) setText(value);
    sent.current = value;
  }, [value]);

  return (
    <TextInput
      role="searchbox"
      aria-label={label}
      placeholder={placeholder}
      maw={520}
      leftSection={<Icon name="search" size={16} />}
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
              sent.current = "";
              onChange("");
            }}
          />
        )
      }
    />
  );
}
