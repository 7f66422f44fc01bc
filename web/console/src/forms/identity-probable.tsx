/** The parts of the identity rules about links that are probable only. */
import { NumberInput, SegmentedControl, Switch, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import type { LinkPolicy, ProbabilisticSpec } from "../api/identity.ts";
import { formatPercent } from "../i18n/format.ts";
import { t } from "../i18n/t.ts";
import { Card } from "../parts/Card.tsx";
import css from "./Identity.module.css";
import { type IdentityValues, specOf, zonesOf } from "./identity-values.ts";

const PERCENT_MIN = 50;
const PERCENT_MAX = 100;
/** Figures nearer than this, in percent of the scale, would touch. */
const TICK_ROOM = 12;
const POLICIES: LinkPolicy[] = ["exact", "strict", "loose"];

type Form = UseFormReturnType<IdentityValues>;

export function ProbableFields({ form }: { form: Form }) {
  const spec = specOf(form.values).probabilistic;
  const off = !spec.records && !spec.visitors;
  return (
    <Card
      title={<span id="probable">{t("identity.rules.probable.title")}</span>}
      note={t("identity.rules.probable.note")}
    >
      <div className="k-stack-loose">
        <div className="k-stack">
          {(["records", "visitors"] as const).map((flag) => (
            <Switch
              key={flag}
              label={t(`identity.rules.probable.${flag}`)}
              description={t(`identity.rules.probable.${flag}Hint`)}
              {...form.getInputProps(flag, { type: "checkbox" })}
            />
          ))}
        </div>
        <TextInput
          label={t("identity.rules.probable.consent")}
          description={t("identity.rules.probable.consentHint")}
          classNames={{ input: css.code }}
          {...form.getInputProps("consent")}
        />
        <div className="k-stack">
          <div className={css.thresholds}>
            {(["review", "loose", "strict"] as const).map((name) => (
              <NumberInput
                key={name}
                label={t(`identity.rules.probable.${name}`)}
                description={t(`identity.rules.probable.${name}Hint`)}
                suffix=" %"
                min={PERCENT_MIN}
                max={PERCENT_MAX}
                clampBehavior="blur"
                allowDecimal={false}
                {...form.getInputProps(`${name}Percent`)}
              />
            ))}
          </div>
          <Scale spec={spec} />
          {off && <p className="k-small k-muted">{t("identity.rules.probable.off")}</p>}
        </div>
      </div>
    </Card>
  );
}

/** What becomes of a link by its confidence. */
function Scale({ spec }: { spec: ProbabilisticSpec }) {
  const zones = zonesOf(spec);
  const bounds = ticksOf([0, ...zones.map((zone) => zone.to)]);
  const percent = (value: number) => formatPercent(value / 100);
  return (
    <figure className={css.scale} aria-label={t("identity.rules.probable.scale")}>
      <div className={css.zones} aria-hidden="true">
        {zones.map((zone) => (
          <span key={zone.name} data-zone={zone.name} style={{ flexGrow: zone.to - zone.from }} />
        ))}
      </div>
      <div className={css.ticks} aria-hidden="true">
        {bounds.map((bound) => (
          <span key={bound} style={{ left: `${bound}%` }} data-edge={edgeOf(bound)}>
            {percent(bound)}
          </span>
        ))}
      </div>
      <ul className={css.zoneNames}>
        {zones.map((zone) => (
          <li key={zone.name} data-zone={zone.name}>
            <span className={css.zoneName}>
              {t(`identity.rules.probable.zones.${zone.name}`)}
              <span className="k-muted k-number">
                {" "}
                {percent(zone.from)} – {percent(zone.to)}
              </span>
            </span>
            <span className="k-muted">{t(`identity.rules.probable.zones.${zone.name}Text`)}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
}

/** Those with room for their figure; thresholds before the ends of the scale. */
function ticksOf(bounds: number[]): number[] {
  const inner = [...new Set(bounds)].filter((bound) => bound > 0 && bound < 100);
  const isFree = (end: number) => inner.every((bound) => Math.abs(bound - end) >= TICK_ROOM);
  const kept = inner.filter((bound, at) => at === 0 || bound - inner[at - 1]! >= TICK_ROOM / 2);
  return [0, ...kept, ...(isFree(100) ? [100] : [])];
}

function edgeOf(bound: number): "start" | "end" | undefined {
  if (bound === 0) return "start";
  return bound === 100 ? "end" : undefined;
}

/** Whose data offers and recommendations look at. */
export function PolicyFields({ form }: { form: Form }) {
  return (
    <Card title={t("identity.rules.policies.title")} note={t("identity.rules.policies.note")}>
      <div className="k-stack-loose">
        {(["offers", "items"] as const).map((purpose) => (
          <div key={purpose} className="k-stack-tight">
            <p id={`policy-${purpose}`} className={css.label}>
              {t(`identity.rules.policies.${purpose}`)}
            </p>
            <p className="k-tiny k-muted">{t(`identity.rules.policies.${purpose}Hint`)}</p>
            <div>
              <SegmentedControl
                aria-labelledby={`policy-${purpose}`}
                data={POLICIES.map((value) => ({ value, label: t(`identity.policy.${value}`) }))}
                {...form.getInputProps(purpose)}
              />
            </div>
          </div>
        ))}
        <p className="k-small k-soft">{t("identity.rules.policies.explain")}</p>
      </div>
    </Card>
  );
}
