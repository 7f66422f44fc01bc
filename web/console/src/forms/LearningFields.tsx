import { Input, NumberInput, SegmentedControl, Switch, TagsInput, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { type CSSProperties, useState } from "react";
import { t } from "../i18n/t.ts";
import { Card } from "../parts/Card.tsx";
import css from "./Form.module.css";
import { CLICK, ORDER, type PlacementValues } from "./placement-values.ts";

const WINDOW_MAX = 90;
const MINUTES_MAX = 1440;
const FEATURES_MAX = 20;
const SUGGESTED = [
  "features.purchase_count",
  "features.cart_item_count",
  "features.product_view_count",
  "traits.country",
  "traits.plan",
  "local_hour",
];
const SHARES = ["floor", "trial", "holdout"] as const;

/** Whether a placement learns which of its offers works, and how it explores. */
export function LearningFields({ form }: { form: UseFormReturnType<PlacementValues> }) {
  const { learns, reward, minutes } = form.values;
  const [own, setOwn] = useState(reward !== CLICK && reward !== ORDER);
  const kind = own ? "own" : reward === ORDER ? "order" : "click";
  return (
    <Card title={t("policies.learning.title")} note={t("policies.learning.note")}>
      <div className="k-stack">
        <Switch
          label={t("policies.learning.on")}
          {...form.getInputProps("learns", { type: "checkbox" })}
        />
        {learns && (
          <>
            <div className="k-stack-tight">
              <Input.Label component="p" id="learning-reward">
                {t("policies.learning.reward")}
              </Input.Label>
              <div>
                <SegmentedControl
                  size="xs"
                  aria-labelledby="learning-reward"
                  data={(["click", "order", "own"] as const).map((value) => ({
                    value,
                    label: t(`policies.learning.rewards.${value}`),
                  }))}
                  value={kind}
                  onChange={(next) => {
                    setOwn(next === "own");
                    if (next !== "own") {
                      form.setFieldValue("reward", next === "order" ? ORDER : CLICK);
                    }
                  }}
                />
              </div>
              {kind === "own" && (
                <TextInput
                  aria-label={t("policies.learning.rewardOf")}
                  description={t("policies.learning.rewardHint")}
                  spellCheck={false}
                  classNames={{ input: css.code! }}
                  {...form.getInputProps("reward")}
                />
              )}
            </div>
            <div className={css.level} style={{ "--field": "220px" } as CSSProperties}>
              <NumberInput
                label={t("policies.learning.window")}
                description={t("policies.learning.windowHint")}
                min={1}
                max={WINDOW_MAX}
                allowDecimal={false}
                disabled={Number(minutes) > 0}
                {...form.getInputProps("window")}
              />
              <NumberInput
                label={t("policies.learning.minutes")}
                description={t("policies.learning.minutesHint")}
                min={0}
                max={MINUTES_MAX}
                allowDecimal={false}
                {...form.getInputProps("minutes")}
              />
              {SHARES.map((name) => (
                <NumberInput
                  key={name}
                  label={t(`policies.learning.${name}`)}
                  description={t(`policies.learning.${name}Hint`)}
                  suffix=" %"
                  min={0}
                  max={100}
                  decimalScale={3}
                  {...form.getInputProps(name)}
                />
              ))}
            </div>
            <TagsInput
              label={t("policies.learning.features")}
              description={t("policies.learning.featuresHint")}
              data={SUGGESTED}
              maxTags={FEATURES_MAX}
              {...form.getInputProps("features")}
            />
          </>
        )}
      </div>
    </Card>
  );
}
