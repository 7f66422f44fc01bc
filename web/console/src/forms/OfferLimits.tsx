import { Checkbox, NumberInput, SegmentedControl, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { t } from "../i18n/t.ts";
import { Card } from "../parts/Card.tsx";
import css from "./Form.module.css";
import { isLimited, type OfferValues } from "./offer-values.ts";

interface OfferLimitsProps {
  form: UseFormReturnType<OfferValues>;
}

/** How often an offer may be granted, what goes with a grant, and how long it lasts. */
export function OfferLimits({ form }: OfferLimitsProps) {
  const { values } = form;
  return (
    <Card title={t("definitions.limits.title")} note={t("definitions.limits.note")}>
      <div className="k-stack">
        <div className={css.pair}>
          <NumberInput
            label={t("definitions.limits.perPerson")}
            description={t("definitions.limits.anyNumber")}
            min={1}
            max={1000}
            allowDecimal={false}
            {...form.getInputProps("perPerson")}
          />
          {values.perPerson !== "" && (
            <NumberInput
              label={t("definitions.limits.perPersonDays")}
              description={t("definitions.limits.perPersonDaysHint")}
              min={1}
              max={3650}
              allowDecimal={false}
              {...form.getInputProps("perPersonDays")}
            />
          )}
          <NumberInput
            label={t("definitions.limits.stock")}
            description={t("definitions.limits.anyNumber")}
            min={0}
            allowDecimal={false}
            {...form.getInputProps("stock")}
          />
        </div>
        <div className={css.pair}>
          <NumberInput
            label={t("definitions.limits.budget")}
            description={t("definitions.limits.budgetHint")}
            min={0}
            {...form.getInputProps("budget")}
          />
          {values.budget !== "" && (
            <NumberInput
              label={t("definitions.limits.cost")}
              description={t("definitions.limits.costHint")}
              min={0}
              {...form.getInputProps("cost")}
            />
          )}
        </div>
        {values.budget !== "" && (
          <Checkbox
            label={t("definitions.limits.paced")}
            description={t("definitions.limits.pacedHint")}
            {...form.getInputProps("paced", { type: "checkbox" })}
          />
        )}
        <div>
          <SegmentedControl
            aria-label={t("definitions.limits.codes")}
            data={(["none", "generated", "uploaded"] as const).map((codes) => ({
              value: codes,
              label: t(`definitions.limits.codesOf.${codes}`),
            }))}
            {...form.getInputProps("codes")}
          />
        </div>
        {values.codes === "generated" && (
          <TextInput
            label={t("definitions.limits.prefix")}
            description={t("definitions.limits.prefixHint")}
            maxLength={20}
            {...form.getInputProps("prefix")}
          />
        )}
        {values.codes === "uploaded" && (
          <p className={css.hint}>{t("definitions.limits.uploadHint")}</p>
        )}
        {isLimited(values) && (
          <div className={css.pair}>
            <NumberInput
              label={t("definitions.limits.keepDays")}
              description={t("definitions.limits.keepDaysHint")}
              min={1}
              max={3650}
              allowDecimal={false}
              {...form.getInputProps("keepDays")}
            />
            <TextInput
              label={t("definitions.limits.usedBy")}
              description={t("definitions.limits.usedByHint")}
              {...form.getInputProps("usedBy")}
            />
          </div>
        )}
      </div>
    </Card>
  );
}
