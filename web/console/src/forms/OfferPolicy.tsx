import { NumberInput, Textarea } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { t } from "../i18n/t.ts";
import { Card } from "../parts/Card.tsx";
import css from "./Form.module.css";
import type { PlacementValues } from "./placement-values.ts";

interface OfferPolicyProps {
  form: UseFormReturnType<PlacementValues>;
}

/** What a placement demands of its offers, and how it ranks them. */
export function OfferPolicy({ form }: OfferPolicyProps) {
  return (
    <Card title={t("definitions.policy.title")} note={t("definitions.policy.note")}>
      <div className="k-stack">
        <Textarea
          label={t("definitions.policy.silence")}
          description={t("definitions.policy.silenceHint")}
          autosize
          minRows={1}
          maxRows={6}
          spellCheck={false}
          classNames={{ input: css.code! }}
          {...form.getInputProps("silence")}
        />
        <NumberInput
          label={t("definitions.policy.silenceBelow")}
          description={t("definitions.policy.silenceBelowHint")}
          {...form.getInputProps("silenceBelow")}
        />
        <Textarea
          label={t("definitions.policy.formula")}
          description={t("definitions.policy.formulaHint")}
          autosize
          minRows={1}
          maxRows={6}
          spellCheck={false}
          classNames={{ input: css.code! }}
          {...form.getInputProps("formula")}
        />
      </div>
    </Card>
  );
}
