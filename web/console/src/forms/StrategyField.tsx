import { ActionIcon, Button } from "@mantine/core";
import type { Strategy } from "../api/types.ts";
import { Icon } from "../icons/Icon.tsx";
import { t } from "../i18n/t.ts";
import { STRATEGIES } from "./placement-values.ts";
import css from "./StrategyField.module.css";

interface StrategyFieldProps {
  value: Strategy[];
  onChange: (value: Strategy[]) => void;
  error?: string | undefined;
}

/** An order, changed with buttons so that it needs no dragging. */
export function StrategyField({ value, onChange, error }: StrategyFieldProps) {
  const left = STRATEGIES.filter((strategy) => !value.includes(strategy));

  function move(from: number, to: number) {
    const next = [...value];
    const [moved] = next.splice(from, 1);
    next.splice(to, 0, moved!);
    onChange(next);
  }

  return (
    <fieldset className={css.field}>
      <legend className={css.legend}>{t("definitions.field.strategies")}</legend>
      <p className={css.note}>{t("definitions.field.strategiesHint")}</p>
      <ol className={css.list}>
        {value.map((strategy, index) => {
          const name = t(`definitions.strategy.${strategy}`);
          return (
            <li key={strategy} className={css.entry}>
              <span className={css.place}>{index + 1}</span>
              <span className="k-grow">
                <span className={css.name}>{name}</span>
                <span className={css.note}>{t(`definitions.strategyNote.${strategy}`)}</span>
              </span>
              <ActionIcon
                variant="subtle"
                color="gray"
                disabled={index === 0}
                aria-label={t("definitions.moveUp", { name })}
                onClick={() => move(index, index - 1)}
              >
                <Icon name="up" size={16} />
              </ActionIcon>
              <ActionIcon
                variant="subtle"
                color="gray"
                disabled={index === value.length - 1}
                aria-label={t("definitions.moveDown", { name })}
                onClick={() => move(index, index + 1)}
              >
                <Icon name="down" size={16} />
              </ActionIcon>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t("definitions.remove", { name })}
                onClick={() => onChange(value.filter((other) => other !== strategy))}
              >
                <Icon name="close" size={16} />
              </ActionIcon>
            </li>
          );
        })}
      </ol>
      <div className="k-row-wrap">
        {left.map((strategy) => (
          <Button
            key={strategy}
            size="xs"
            variant="default"
            leftSection={<Icon name="plus" size={14} />}
            onClick={() => onChange([...value, strategy])}
          >
            {t(`definitions.strategy.${strategy}`)}
          </Button>
        ))}
      </div>
      {error && (
        <p role="alert" className={css.error}>
          {error}
        </p>
      )}
    </fieldset>
  );
}
