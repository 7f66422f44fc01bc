import {
  ActionIcon,
  Button,
  NumberInput,
  Select,
  Switch,
  TagsInput,
  TextInput,
} from "@mantine/core";
import type { AffinitySpec } from "../api/audience-wire.ts";
import { t } from "../i18n/t.ts";
import { Icon } from "../icons/Icon.tsx";
import { Card } from "../parts/Card.tsx";
import css from "./AffinityFields.module.css";
import form from "./Form.module.css";

const DIMENSIONS = ["category", "brand", "price", "attribute", "keyword"] as const;
const EVENTS_MAX = 20;

/** As a new one begins: what the server takes where nothing is said. */
export function newAffinity(): AffinitySpec {
  return {
    by: "category",
    attribute: "",
    bounds: [],
    half_life_days: 30,
    weights: [
      { event: "Product Viewed", weight: 1 },
      { event: "Product Added to Wishlist", weight: 2 },
      { event: "Product Added", weight: 3 },
      { event: "Order Completed", weight: 5 },
    ],
    once: null,
    gift: "",
  };
}

interface AffinityFieldsProps {
  value: AffinitySpec;
  onChange: (value: AffinitySpec) => void;
}

/** What somebody is drawn to: by which dimension, from which events, for how long. */
export function AffinityFields({ value, onChange }: AffinityFieldsProps) {
  const set = (part: Partial<AffinitySpec>) => onChange({ ...value, ...part });
  return (
    <Card title={t("features.affinity.title")} note={t("features.affinity.note")}>
      <div className="k-stack">
        <div className={form.pair}>
          <Select
            label={t("features.affinity.by")}
            data={DIMENSIONS.map((by) => ({ value: by, label: t(`features.affinity.${by}`) }))}
            value={value.by}
            allowDeselect={false}
            onChange={(by) => by && set({ by: by as AffinitySpec["by"], attribute: "", bounds: [] })}
          />
          <NumberInput
            label={t("features.affinity.halfLife")}
            description={t("features.affinity.halfLifeHint")}
            min={1}
            max={3650}
            allowDecimal={false}
            value={value.half_life_days}
            onChange={(days) => set({ half_life_days: Number(days) || 1 })}
          />
        </div>
        {(value.by === "attribute" || value.by === "keyword") && (
          <TextInput
            label={t("features.affinity.attributeName")}
            description={t(`features.affinity.${value.by}Hint`)}
            spellCheck={false}
            value={value.attribute}
            onChange={(event) => set({ attribute: event.currentTarget.value })}
          />
        )}
        {value.by === "price" && (
          <TagsInput
            label={t("features.affinity.bounds")}
            description={t("features.affinity.boundsHint")}
            value={value.bounds.map(String)}
            maxTags={EVENTS_MAX}
            onChange={(bounds) => set({ bounds: sorted(bounds) })}
          />
        )}
        <Weights weights={value.weights} onChange={(weights) => set({ weights })} />
        <Switch
          label={t("features.affinity.once")}
          description={t("features.affinity.onceHint")}
          checked={value.once !== null}
          onChange={(event) => set({ once: event.currentTarget.checked ? ONCE : null })}
        />
        {value.once && <Once once={value.once} onChange={(once) => set({ once })} />}
        <TextInput
          label={t("features.affinity.gift")}
          description={t("features.affinity.giftHint")}
          spellCheck={false}
          value={value.gift}
          onChange={(event) => set({ gift: event.currentTarget.value })}
        />
      </div>
    </Card>
  );
}

const ONCE: NonNullable<AffinitySpec["once"]> = {
  event: "Order Completed",
  percent: 10,
  repurchase_days: 0,
};

function sorted(bounds: string[]): number[] {
  const whole = bounds.map(Number).filter((bound) => Number.isInteger(bound) && bound > 0);
  return [...new Set(whole)].sort((a, b) => a - b);
}

function Weights({
  weights,
  onChange,
}: {
  weights: AffinitySpec["weights"];
  onChange: (weights: AffinitySpec["weights"]) => void;
}) {
  const change = (at: number, part: Partial<AffinitySpec["weights"][number]>) =>
    onChange(weights.map((one, index) => (index === at ? { ...one, ...part } : one)));
  return (
    <fieldset className={css.weights}>
      <legend>{t("features.affinity.weights")}</legend>
      {weights.map((one, at) => (
        <div key={at} className={css.weight}>
          <TextInput
            aria-label={t("features.affinity.event")}
            value={one.event}
            onChange={(event) => change(at, { event: event.currentTarget.value })}
          />
          <NumberInput
            aria-label={t("features.affinity.weightOf", { event: one.event })}
            min={1}
            max={1000}
            allowDecimal={false}
            value={one.weight}
            onChange={(weight) => change(at, { weight: Number(weight) || 1 })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t("features.affinity.removeEvent", { event: one.event })}
            disabled={weights.length === 1}
            onClick={() => onChange(weights.filter((_, index) => index !== at))}
          >
            <Icon name="close" />
          </ActionIcon>
        </div>
      ))}
      <Button
        variant="default"
        size="xs"
        disabled={weights.length >= EVENTS_MAX}
        onClick={() => onChange([...weights, { event: "", weight: 1 }])}
      >
        {t("features.affinity.addEvent")}
      </Button>
    </fieldset>
  );
}

type OnceSpec = NonNullable<AffinitySpec["once"]>;

function Once({ once, onChange }: { once: OnceSpec; onChange: (once: OnceSpec) => void }) {
  const set = (part: Partial<OnceSpec>) => onChange({ ...once, ...part });
  return (
    <div className={css.once}>
      <TextInput
        label={t("features.affinity.purchase")}
        value={once.event}
        onChange={(event) => set({ event: event.currentTarget.value })}
      />
      <NumberInput
        label={t("features.affinity.percent")}
        min={0}
        max={100}
        suffix=" %"
        allowDecimal={false}
        value={once.percent}
        onChange={(percent) => set({ percent: Number(percent) || 0 })}
      />
      <NumberInput
        label={t("features.affinity.repurchase")}
        description={t("features.affinity.repurchaseHint")}
        min={0}
        max={3650}
        allowDecimal={false}
        value={once.repurchase_days}
        onChange={(days) => set({ repurchase_days: Number(days) || 0 })}
      />
    </div>
  );
}
