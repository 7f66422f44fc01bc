import { TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useRef } from "react";
import { t } from "../i18n/t.ts";
import css from "./Form.module.css";
import { slugOf } from "./slug.ts";

/** Hints below, so that two inputs beside each other stay level. */
const ORDER: ("label" | "input" | "description" | "error")[] = [
  "label",
  "input",
  "description",
  "error",
];

interface IdFieldProps<Values> {
  form: UseFormReturnType<Values>;
  /** The object exists, so its id is fixed. */
  locked: boolean;
  idHint?: string;
}

/** Name and id; while the id is untouched it follows the name. */
export function IdField<Values extends { id: string; name: string }>(props: IdFieldProps<Values>) {
  const { form, locked, idHint = t("definitions.field.idHint") } = props;
  const touched = useRef(false);
  const name = form.getInputProps("name");
  const id = form.getInputProps("id");
  return (
    <div className={css.pair}>
      <TextInput
        label={t("definitions.field.name")}
        description={t("definitions.field.nameHint")}
        inputWrapperOrder={ORDER}
        {...name}
        onChange={(event) => {
          name.onChange(event);
          if (locked || touched.current) return;
          id.onChange(slugOf(event.currentTarget.value));
        }}
      />
      <TextInput
        label={t("definitions.field.id")}
        description={locked ? undefined : idHint}
        inputWrapperOrder={ORDER}
        readOnly={locked}
        spellCheck={false}
        classNames={{ input: css.code! }}
        {...id}
        onChange={(event) => {
          touched.current = true;
          id.onChange(event);
        }}
      />
    </div>
  );
}
