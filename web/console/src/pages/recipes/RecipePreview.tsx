import { Loader, SegmentedControl, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useEffect, useEffectEvent, useState } from "react";
import { modelsQuery } from "../../api/recipes.ts";
import type { Choice, FieldError, JsonObject, Preview, RecipeSpec } from "../../api/types.ts";
import { formatMoney, formatNumber, formatPercent } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Badge } from "../../parts/Badge.tsx";
import { Card } from "../../parts/Card.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { Losers } from "../../parts/Losers.tsx";
import { PersonPicker } from "../../parts/PersonPicker.tsx";
import { Thumb } from "../../parts/Thumb.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { usePreview } from "../definitions/use-preview.ts";
import { CategoryPicker, ItemPicker, ItemsPicker } from "./CatalogPickers.tsx";
import css from "./Recipes.module.css";
import { usePlacementsOf } from "./use-placements-of.ts";

const route = getRouteApi("/app/recipes/$id");
const ABOUT = ["nothing", "item", "cart", "category"] as const;
type About = (typeof ABOUT)[number];
const ANY = "";

interface RecipePreviewProps {
  id: string;
  spec: RecipeSpec;
  /** It is being edited, so what is shown may not be saved. */
  draft?: boolean;
  onWarnings?: (warnings: FieldError[]) => void;
}

/** What the recipe recommends to somebody, here and now. */
export function RecipePreview({ id, spec, draft, onWarnings }: RecipePreviewProps) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const given = ABOUT.find((one) => one !== "nothing" && search[one] !== undefined);
  const [about, setAbout] = useState<About>(given ?? "nothing");
  const [placement, setPlacement] = useState(ANY);
  const using = usePlacementsOf(id);
  const cart = search.cart?.split(",") ?? [];
  const missing =
    (about === "item" && !search.item) ||
    (about === "cart" && cart.length === 0) ||
    (about === "category" && !search.category);

  const context: JsonObject = {
    ...(about === "item" && search.item && { item_id: search.item }),
    ...(about === "cart" && { cart }),
    ...(about === "category" && search.category && { category: search.category }),
  };
  const preview = usePreview("recipe", {
    id,
    spec,
    ...(placement !== ANY && { placement }),
    ...(search.as && { person_id: search.as }),
    context,
  });
  const { answer } = preview;
  const report = useEffectEvent((warnings: FieldError[]) => onWarnings?.(warnings));
  useEffect(() => report(answer?.warnings ?? []), [answer]);

  const set = (part: Partial<typeof search>) =>
    navigate({ search: (before) => ({ ...before, ...part }), replace: true, resetScroll: false });

  return (
    <Card
      title={t("recipes.preview.title")}
      note={draft ? t("recipes.preview.draft") : t("recipes.preview.note")}
    >
      <div className="k-stack">
        <PersonPicker
          label={t("parts.pickPerson")}
          nobody={t("parts.anonymousVisitor")}
          personId={search.as}
          onChange={(as) => set({ as })}
        />
        {using.length > 0 && (
          <Select
            label={t("recipes.preview.placement")}
            data={using.map((one) => ({ value: one.id, label: one.name || one.id }))}
            placeholder={using[0]!.name}
            value={placement || using[0]!.id}
            allowDeselect={false}
            onChange={(value) => setPlacement(value ?? ANY)}
          />
        )}
        <div className="k-stack-tight">
          <SegmentedControl
            fullWidth
            size="xs"
            aria-label={t("recipes.preview.about")}
            data={ABOUT.map((one) => ({
              value: one,
              label: t(`recipes.preview.aboutOf.${one}`),
            }))}
            value={about}
            onChange={(next) => {
              setAbout(next as About);
              void set({ item: undefined, cart: undefined, category: undefined });
            }}
          />
          {about === "item" && (
            <ItemPicker value={search.item} onChange={(item) => set({ item })} />
          )}
          {about === "cart" && (
            <ItemsPicker
              value={cart}
              onChange={(ids) => set({ cart: ids.join(",") || undefined })}
            />
          )}
          {about === "category" && (
            <CategoryPicker value={search.category} onChange={(category) => set({ category })} />
          )}
        </div>
        {missing ? (
          <p className="k-muted">{t(`recipes.preview.choose.${about}`)}</p>
        ) : (
          <Answer
            answer={answer}
            error={preview.error}
            updating={preview.updating}
            known={search.as !== undefined}
          />
        )}
      </div>
    </Card>
  );
}

interface AnswerProps {
  answer: Preview | undefined;
  error: Error | null;
  updating: boolean;
  /** Whether it is somebody, and not anybody. */
  known: boolean;
}

function Answer({ answer, error, updating, known }: AnswerProps) {
  if (error) return <Failure error={error} />;
  if (!answer) return <Waiting lines={8} />;
  const { decision, losers = [], warnings } = answer;
  const choices = decision?.choices ?? [];
  const most = Math.max(0, ...choices.map(({ score }) => score));
  return (
    <div className={`${css.previewing} k-stack`} aria-busy={updating}>
      {updating && <Loader size={14} role="img" aria-label={t("definitions.preview.updating")} />}
      {warnings.length > 0 && (
        <section>
          <h3>{t("recipes.preview.warnings")}</h3>
          <ul className="k-small">
            {warnings.map(({ field, message }) => (
              <li key={`${field}${message}`} className="k-wrap">
                {message}
              </li>
            ))}
          </ul>
        </section>
      )}
      {decision?.error && <p className="k-wrap">{decision.error.message}</p>}
      {decision?.fallback && choices.length > 0 && (
        <Badge tone="warn">{t("recipes.preview.fallback")}</Badge>
      )}
      {choices.length === 0 && !decision?.error && <Nothing known={known} />}
      {choices.length > 0 && (
        <ol className={css.items} aria-label={t("recipes.preview.list")}>
          {choices.map((choice) => (
            <Recommended key={choice.id} choice={choice} most={most} />
          ))}
        </ol>
      )}
      {losers.length > 0 && (
        <details>
          <summary className="k-small k-soft">
            {t("recipes.preview.lost", { count: losers.length })}
          </summary>
          <Losers losers={losers} />
        </details>
      )}
    </div>
  );
}

/** That models were never asked, or nobody was chosen, is not the recipe's fault. */
function Nothing({ known }: { known: boolean }) {
  const { data: models } = useQuery(modelsQuery);
  const words = models && !models.at_work ? "notAtWork" : known ? "empty" : "unknown";
  return (
    <Empty icon="recipe" title={t(`recipes.preview.${words}`)} compact>
      {t(`recipes.preview.${words}Text`)}
    </Empty>
  );
}

const wordOf = (value: unknown) => (typeof value === "string" && value ? value : undefined);

function Recommended({ choice, most }: { choice: Choice; most: number }) {
  const { content } = choice;
  const price = wordOf(content.price) ?? (typeof content.price === "number" ? content.price : null);
  return (
    <li>
      <Thumb src={wordOf(content.image_url) ?? wordOf(content.image)} size={52} kind="item" />
      <div className="k-grow">
        <p className={css.title}>
          <Link to="/catalog" search={{ item: choice.id }}>
            {wordOf(content.title) ?? choice.id}
          </Link>
        </p>
        <ul className="k-small k-soft" aria-label={t("persons.why")}>
          {choice.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
        {choice.propensity < 1 && (
          <p className="k-tiny k-muted">
            {t("recipes.preview.drawn", { share: formatPercent(choice.propensity) })}
          </p>
        )}
      </div>
      <div className={css.side}>
        {price !== null && (
          <p className="k-number">{formatMoney(price, wordOf(content.currency))}</p>
        )}
        <p className="k-tiny k-muted k-number">
          {t("recipes.preview.score", { score: formatNumber(choice.score) })}
        </p>
        <div className={css.bar} aria-hidden="true">
          <span style={{ width: `${most > 0 ? (100 * choice.score) / most : 0}%` }} />
        </div>
      </div>
    </li>
  );
}
