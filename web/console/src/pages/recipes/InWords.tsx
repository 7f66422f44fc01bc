import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Fragment } from "react";
import { definitionsQuery } from "../../api/definitions.ts";
import type { RecipeSpec } from "../../api/types.ts";
import { sharesOf } from "../../forms/recipe-values.ts";
import { Icon } from "../../icons/Icon.tsx";
import { formatNumber, formatPercent } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Card } from "../../parts/Card.tsx";
import css from "./Recipes.module.css";
import { usePlacementsOf } from "./use-placements-of.ts";
import { orderInWords, ruleInWords } from "./words.ts";

/** What a recipe does, as one would tell a colleague. */
export function InWords({ id, name, spec }: { id: string; name: string; spec: RecipeSpec }) {
  const { include_when = "", exclude_when = "", boosts = [], fallbacks = [] } = spec;
  const shares = sharesOf(spec.ingredients);
  const order = orderInWords(spec);
  return (
    <Card title={t("recipes.words.title")} note={t(`recipes.goalText.${spec.goal ?? "discover"}`)}>
      <div className="k-stack-loose">
        {spec.description && <p className="k-soft k-wrap">{spec.description}</p>}
        <section className="k-stack-tight">
          <h3>{t("recipes.words.mix")}</h3>
          <ul className={css.list}>
            {spec.ingredients.map(({ model }, at) => (
              <li key={model}>
                <div className="k-spread">
                  <span>{t(`recipes.model.${model}`)}</span>
                  <span className="k-number k-small k-soft">
                    {t("recipes.words.share", { share: formatPercent(shares[at]!) })}
                  </span>
                </div>
                <p className="k-tiny k-muted">{t(`recipes.modelNote.${model}`)}</p>
                <div className={css.bar} aria-hidden="true">
                  <span style={{ width: `${100 * shares[at]!}%` }} />
                </div>
              </li>
            ))}
          </ul>
        </section>
        <section className="k-stack-tight">
          <h3>{t("recipes.words.kept")}</h3>
          <ul className={css.facts} data-tone="out">
            {include_when && <Ruled words="recipes.words.only" rule={include_when} />}
            {exclude_when && <Ruled words="recipes.words.never" rule={exclude_when} />}
            <li>{t("recipes.words.always")}</li>
          </ul>
        </section>
        <section className="k-stack-tight">
          <h3>{t("recipes.words.order")}</h3>
          <ul className={css.facts}>
            {boosts.map(({ when, factor }) => (
              <Ruled key={when} words="recipes.words.boost" rule={when} factor={factor} />
            ))}
            {order.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
            {boosts.length + order.length === 0 && <li>{t("recipes.words.nothing")}</li>}
          </ul>
        </section>
        <section className="k-stack-tight">
          <h3>{t("recipes.words.chain")}</h3>
          <Chain id={id} name={name} fallbacks={fallbacks} />
        </section>
        <section className="k-stack-tight">
          <h3>{t("recipes.words.used")}</h3>
          <Placements recipe={id} />
        </section>
      </div>
    </Card>
  );
}

interface RuledProps {
  words: "recipes.words.only" | "recipes.words.never" | "recipes.words.boost";
  rule: string;
  factor?: number;
}

function Ruled({ words, rule, factor = 1 }: RuledProps) {
  const said = ruleInWords(rule);
  const params = { factor: formatNumber(factor) };
  if (said) return <li className="k-wrap">{t(words, { ...params, rule: said })}</li>;
  const [before, after] = t(words, { ...params, rule: "\u0000" }).split("\u0000");
  return (
    <li className="k-wrap">
      {before}
      <code>{rule}</code>
      {after}
    </li>
  );
}

function Placements({ recipe }: { recipe: string }) {
  const placements = usePlacementsOf(recipe);
  if (placements.length === 0) return <p className="k-muted">{t("recipes.words.unused")}</p>;
  return (
    <div className={css.chain}>
      {placements.map(({ id, name }) => (
        <Link key={id} to="/placements/$id" params={{ id }} className={css.chip}>
          {name || id}
        </Link>
      ))}
    </div>
  );
}

function Chain({ id, name, fallbacks }: { id: string; name: string; fallbacks: string[] }) {
  const query = useInfiniteQuery({
    ...definitionsQuery("recipe"),
    enabled: fallbacks.length > 0,
  });
  const all = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className={css.chain}>
      <span className={css.chip} data-own="true">
        {name || id}
      </span>
      {fallbacks.map((other) => (
        <Fragment key={other}>
          <Icon name="arrow" size={15} />
          <Link to="/recipes/$id" params={{ id: other }} className={css.chip}>
            {all.find((one) => one.id === other)?.name || other}
          </Link>
        </Fragment>
      ))}
      <Icon name="arrow" size={15} />
      <span className={css.chip}>{t("recipes.words.chainEnd")}</span>
    </div>
  );
}
