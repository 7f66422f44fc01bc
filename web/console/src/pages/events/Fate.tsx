import type { FateStep, KithEvent } from "../../api/types.ts";
import { Icon } from "../../icons/Icon.tsx";
import { formatClock } from "../../i18n/format.ts";
import { t, tMaybe } from "../../i18n/t.ts";
import css from "./Fate.module.css";

/** The steps an event went through, in order, each with what happened there. */
export function Fate({ fate }: { fate: KithEvent["fate"] }) {
  return (
    <ol className={css.fate}>
      {fate.map(({ step, at, detail }) => (
        <li key={step} className={css.step} data-done={Boolean(at)}>
          <span className={css.mark}>{at && <Icon name="check" size={12} />}</span>
          <span className={css.words}>
            <span>{nameOf(step)}</span>
            {detail && <span className={css.detail}>{detail}</span>}
          </span>
          <span className={css.time}>
            {at ? formatClock(at) : detail ? "–" : t("events.pendingStep")}
          </span>
        </li>
      ))}
    </ol>
  );
}

function nameOf(step: FateStep): string {
  return tMaybe(`events.fateStep.${step}`) ?? step;
}
