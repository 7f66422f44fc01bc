import { Button, NumberInput, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import type { PlacementPolicy } from "../../api/policies.ts";
import type { PlacementSpec } from "../../api/types.ts";
import formCss from "../../forms/Form.module.css";
import { t } from "../../i18n/t.ts";
import { type Candidate, ownRanking } from "./compare.ts";
import css from "./Policies.module.css";

/** Offers whose weights can be changed here; the others keep theirs. */
const LEVERS_MAX = 8;

interface OwnRankingProps {
  spec: PlacementSpec;
  policy: PlacementPolicy;
  /** How many were made before. */
  count: number;
  onAdd: (candidate: Candidate) => void;
}

/** A ranking that is tried on the past before anybody saves it. */
export function OwnRanking({ spec, policy, count, onAdd }: OwnRankingProps) {
  const number = count + 1;
  const [name, setName] = useState("");
  const [formula, setFormula] = useState(spec.formula ?? "");
  const [levers, setLevers] = useState<Record<string, number>>({});
  const offers = policy.offers.slice(0, LEVERS_MAX).map(({ offer }) => offer);
  const leverOf = (offer: string) =>
    levers[offer] ?? spec.levers?.find((one) => one.offer === offer)?.lever ?? 1;

  return (
    <details className="k-small">
      <summary>{t("policies.compare.own")}</summary>
      <div className={css.own}>
        <p className={formCss.hint}>{t("policies.compare.ownNote")}</p>
        <TextInput
          size="xs"
          label={t("policies.compare.ownName")}
          placeholder={t("policies.compare.ownNameOf", { number })}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Textarea
          size="xs"
          label={t("policies.compare.formula")}
          description={t("policies.compare.formulaHint")}
          autosize
          minRows={1}
          spellCheck={false}
          classNames={{ input: formCss.code! }}
          value={formula}
          onChange={(event) => setFormula(event.currentTarget.value)}
        />
        {offers.length > 0 && (
          <div className={formCss.pair} role="group" aria-label={t("policies.compare.levers")}>
            {offers.map((offer) => (
              <NumberInput
                key={offer}
                size="xs"
                label={t("policies.compare.lever", { offer })}
                min={0}
                step={0.5}
                value={leverOf(offer)}
                onChange={(next) => setLevers({ ...levers, [offer]: Number(next) || 0 })}
              />
            ))}
          </div>
        )}
        <div>
          <Button
            size="xs"
            onClick={() => {
              const label = name.trim() || t("policies.compare.ownNameOf", { number });
              onAdd(ownRanking(spec, { key: `own:${number}`, label, formula, levers }));
              setName("");
            }}
          >
            {t("policies.compare.ownAdd")}
          </Button>
        </div>
      </div>
    </details>
  );
}
