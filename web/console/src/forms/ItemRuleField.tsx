import { ActionIcon, Autocomplete, Button, SegmentedControl, Select, Textarea, TextInput } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { itemsQuery } from "../api/catalog.ts";
import { Icon } from "../icons/Icon.tsx";
import { t } from "../i18n/t.ts";
import formCss from "./Form.module.css";
import {
  type Check,
  checksOf,
  type Condition,
  ITEM_FIELDS,
  type ItemField,
  type ItemRule,
  newCondition,
  readItemRule,
  writeItemRule,
} from "./item-rule.ts";
import css from "./Recipe.module.css";

interface ItemRuleFieldProps {
  /** What the rule is for, for assistive technology. */
  label: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  /** What no condition means. */
  none: string;
}

/** A rule over items, by choosing or as text. */
export function ItemRuleField({ label, value, onChange, error, none }: ItemRuleFieldProps) {
  const [rule, setRule] = useState<ItemRule | null>(() => readItemRule(value));
  // The form was reset, or the text came from elsewhere.
  const foreign = rule !== null && writeItemRule(rule) !== value.trim();
  const shown = foreign ? readItemRule(value) : rule;

  function change(next: ItemRule) {
    setRule(next);
    onChange(writeItemRule(next));
  }

  if (shown === null) {
    return (
      <AsText
        label={label}
        value={value}
        error={error}
        onChange={onChange}
        onBlocks={() => setRule(readItemRule(value))}
      />
    );
  }
  const set = (at: number, part: Partial<Condition>) =>
    change({
      ...shown,
      conditions: shown.conditions.map((one, place) => (place === at ? { ...one, ...part } : one)),
    });
  return (
    <fieldset className={css.plain} aria-label={label}>
      {shown.conditions.length > 1 && (
        <div>
          <SegmentedControl
            size="xs"
            aria-label={t("recipes.rule.join")}
            data={[
              { value: "and", label: t("recipes.rule.all") },
              { value: "or", label: t("recipes.rule.any") },
            ]}
            value={shown.join}
            onChange={(join) => change({ ...shown, join: join as ItemRule["join"] })}
          />
        </div>
      )}
      {shown.conditions.length === 0 && <p className={formCss.hint}>{none}</p>}
      {shown.conditions.map((condition, at) => (
        <ConditionRow
          key={at}
          condition={condition}
          onChange={(part) => set(at, part)}
          onRemove={() =>
            change({ ...shown, conditions: shown.conditions.filter((_, place) => place !== at) })
          }
        />
      ))}
      {error && (
        <p role="alert" className="k-small" style={{ color: "var(--k-bad-ink)" }}>
          {error}
        </p>
      )}
      <div className="k-row">
        <Button
          size="xs"
          variant="default"
          leftSection={<Icon name="plus" size={15} />}
          onClick={() => change({ ...shown, conditions: [...shown.conditions, newCondition()] })}
        >
          {t("recipes.rule.add")}
        </Button>
        <Button size="xs" variant="subtle" onClick={() => setRule(null)}>
          {t("recipes.rule.asText")}
        </Button>
      </div>
    </fieldset>
  );
}

interface AsTextProps {
  label: string;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
  onBlocks: () => void;
}

function AsText({ label, value, error, onChange, onBlocks }: AsTextProps) {
  const readable = readItemRule(value) !== null;
  return (
    <div className="k-stack-tight">
      <Textarea
        aria-label={label}
        description={readable ? t("recipes.rule.textHint") : t("recipes.rule.tooRich")}
        autosize
        minRows={2}
        maxRows={10}
        spellCheck={false}
        classNames={{ input: formCss.code! }}
        value={value}
        error={error}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {readable && (
        <div>
          <Button size="xs" variant="subtle" onClick={onBlocks}>
            {t("recipes.rule.asBlocks")}
          </Button>
        </div>
      )}
    </div>
  );
}

interface ConditionRowProps {
  condition: Condition;
  onChange: (part: Partial<Condition>) => void;
  onRemove: () => void;
}

function ConditionRow({ condition, onChange, onRemove }: ConditionRowProps) {
  const { field, attribute, check, value } = condition;
  const asks = check !== "exists" && check !== "missing";
  return (
    <div className={css.condition} data-attribute={field === "attribute"}>
      <Select
        size="xs"
        aria-label={t("recipes.rule.field")}
        data={ITEM_FIELDS.map((one) => ({
          value: one,
          label: t(`recipes.rule.${one}`),
        }))}
        value={field}
        allowDeselect={false}
        onChange={(next) => next && onChange(newCondition(next as ItemField))}
      />
      {field === "attribute" && (
        <TextInput
          size="xs"
          aria-label={t("recipes.rule.attributeName")}
          placeholder="margin"
          value={attribute}
          onChange={(event) => onChange({ attribute: event.currentTarget.value })}
        />
      )}
      <Select
        size="xs"
        aria-label={t("recipes.rule.check")}
        data={checksOf(field).map((one) => ({ value: one, label: t(`recipes.rule.${one}`) }))}
        value={check}
        allowDeselect={false}
        onChange={(next) => next && onChange({ check: next as Check })}
      />
      {asks ? (
        <ValueField field={field} value={value} onChange={(next) => onChange({ value: next })} />
      ) : (
        <span />
      )}
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={t("recipes.rule.remove")}
        onClick={onRemove}
      >
        <Icon name="close" size={16} />
      </ActionIcon>
    </div>
  );
}

interface ValueFieldProps {
  field: ItemField;
  value: string;
  onChange: (value: string) => void;
}

/** What the catalog has is offered; anything else may be written. */
function ValueField({ field, value, onChange }: ValueFieldProps) {
  const query = useInfiniteQuery({
    ...itemsQuery(""),
    enabled: field === "categories" || field === "brand",
  });
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  const known =
    field === "categories"
      ? items.flatMap(({ categories }) => categories)
      : field === "brand"
        ? items.flatMap(({ brand }) => brand ?? [])
        : [];
  return (
    <Autocomplete
      size="xs"
      aria-label={t("recipes.rule.value")}
      inputMode={field === "price" ? "decimal" : "text"}
      data={[...new Set(known)].sort()}
      value={value}
      onChange={onChange}
    />
  );
}
