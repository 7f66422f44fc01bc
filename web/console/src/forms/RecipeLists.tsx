/** What a recipe has several of: models, boosts, and recipes it falls back on. */
import { ActionIcon, Button, Menu, NumberInput } from "@mantine/core";
import type { RecipeModel } from "../api/types.ts";
import { Icon } from "../icons/Icon.tsx";
import { formatPercent } from "../i18n/format.ts";
import { t } from "../i18n/t.ts";
import { ItemRuleField } from "./ItemRuleField.tsx";
import css from "./Recipe.module.css";
import {
  BOOSTS_MAX,
  type BoostValues,
  freshKey,
  MODELS,
  type RecipeValues,
  sharesOf,
  WEIGHT_MAX,
} from "./recipe-values.ts";

interface IngredientsProps {
  value: RecipeValues["ingredients"];
  onChange: (value: RecipeValues["ingredients"]) => void;
  error: string | undefined;
}

export function Ingredients({ value, onChange, error }: IngredientsProps) {
  const shares = sharesOf(value);
  const left = MODELS.filter((model) => value.every((one) => one.model !== model));
  return (
    <div className="k-stack">
      <ul>
        {value.map(({ model, weight }, at) => {
          const name = t(`recipes.model.${model}`);
          return (
            <li key={model} className={css.row}>
              <div>
                <div className="k-spread">
                  <span>{name}</span>
                  <span className="k-number k-small k-soft">{formatPercent(shares[at]!)}</span>
                </div>
                <p className="k-tiny k-muted">{t(`recipes.modelNote.${model}`)}</p>
                <div className={css.bar} aria-hidden="true">
                  <span style={{ width: `${100 * shares[at]!}%` }} />
                </div>
              </div>
              <NumberInput
                size="xs"
                aria-label={t("recipes.form.weight", { name })}
                min={0}
                max={WEIGHT_MAX}
                step={0.5}
                decimalScale={3}
                value={weight}
                onChange={(next) =>
                  onChange(value.map((one, place) => (place === at ? { model, weight: next } : one)))
                }
              />
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t("recipes.form.remove", { name })}
                disabled={value.length === 1}
                onClick={() => onChange(value.filter((one) => one.model !== model))}
              >
                <Icon name="close" size={16} />
              </ActionIcon>
            </li>
          );
        })}
      </ul>
      {error && (
        <p role="alert" className="k-small" style={{ color: "var(--k-bad-ink)" }}>
          {error}
        </p>
      )}
      {left.length > 0 && (
        <div>
          <ModelMenu
            models={left}
            onChoose={(model) => onChange([...value, { model, weight: 1 }])}
          />
        </div>
      )}
    </div>
  );
}

function ModelMenu(props: { models: RecipeModel[]; onChoose: (model: RecipeModel) => void }) {
  return (
    <Menu position="bottom-start" width={340}>
      <Menu.Target>
        <Button size="xs" variant="default" leftSection={<Icon name="plus" size={15} />}>
          {t("recipes.form.addModel")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {props.models.map((model) => (
          <Menu.Item key={model} onClick={() => props.onChoose(model)}>
            <span className="k-stack-tight">
              <span>{t(`recipes.model.${model}`)}</span>
              <span className="k-tiny k-muted">{t(`recipes.modelNote.${model}`)}</span>
            </span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

interface BoostsProps {
  value: BoostValues[];
  onChange: (value: BoostValues[]) => void;
  errorOf: (at: number) => string | undefined;
}

export function Boosts({ value, onChange, errorOf }: BoostsProps) {
  const set = (at: number, part: Partial<BoostValues>) =>
    onChange(value.map((one, place) => (place === at ? { ...one, ...part } : one)));
  return (
    <div className="k-stack">
      {value.map((boost, at) => (
        <fieldset key={boost.key} className={css.boost}>
          <legend className="k-hidden">{t("recipes.form.boost", { number: at + 1 })}</legend>
          <div className="k-spread">
            <NumberInput
              size="xs"
              label={t("recipes.form.factor")}
              min={0}
              max={WEIGHT_MAX}
              step={0.1}
              decimalScale={3}
              prefix="× "
              value={boost.factor}
              onChange={(factor) => set(at, { factor })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t("recipes.form.removeBoost", { number: at + 1 })}
              onClick={() => onChange(value.filter((one) => one.key !== boost.key))}
            >
              <Icon name="trash" size={16} />
            </ActionIcon>
          </div>
          <ItemRuleField
            label={t("recipes.form.boost", { number: at + 1 })}
            none={t("recipes.form.boostEmpty")}
            value={boost.when}
            error={errorOf(at)}
            onChange={(when) => set(at, { when })}
          />
        </fieldset>
      ))}
      {value.length < BOOSTS_MAX && (
        <div>
          <Button
            size="xs"
            variant="default"
            leftSection={<Icon name="plus" size={15} />}
            onClick={() => onChange([...value, { key: freshKey(value), when: "", factor: 1.5 }])}
          >
            {t("recipes.form.addBoost")}
          </Button>
        </div>
      )}
    </div>
  );
}

interface ChainProps {
  value: string[];
  nameOf: (id: string) => string;
  onChange: (value: string[]) => void;
}

/** Recipes in their order, moved by buttons. */
export function Chain({ value, nameOf, onChange }: ChainProps) {
  function move(at: number, by: 1 | -1) {
    const next = [...value];
    [next[at], next[at + by]] = [next[at + by]!, next[at]!];
    onChange(next);
  }
  if (value.length === 0) return null;
  return (
    <ol>
      {value.map((id, at) => {
        const name = nameOf(id);
        const tools = [
          { icon: "up" as const, label: "recipes.form.up" as const, off: at === 0, by: -1 as const },
          {
            icon: "down" as const,
            label: "recipes.form.down" as const,
            off: at === value.length - 1,
            by: 1 as const,
          },
        ];
        return (
          <li key={id} className={css.chain}>
            <span className="k-number k-muted">{at + 1}</span>
            <span className="k-grow k-ellipsis">{name}</span>
            {tools.map(({ icon, label, off, by }) => (
              <ActionIcon
                key={icon}
                variant="subtle"
                color="gray"
                aria-label={t(label, { name })}
                disabled={off}
                onClick={() => move(at, by)}
              >
                <Icon name={icon} size={16} />
              </ActionIcon>
            ))}
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t("recipes.form.remove", { name })}
              onClick={() => onChange(value.filter((other) => other !== id))}
            >
              <Icon name="close" size={16} />
            </ActionIcon>
          </li>
        );
      })}
    </ol>
  );
}
