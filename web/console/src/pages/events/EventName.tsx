import type { KithEvent } from "../../api/types.ts";
import { Icon } from "../../icons/Icon.tsx";
import { iconOf, nameOf } from "./describe.ts";
import css from "./Events.module.css";

export function EventName({ event }: { event: Pick<KithEvent, "type" | "name"> }) {
  return (
    <span className={css.event}>
      <span className={css.icon} data-type={event.type}>
        <Icon name={iconOf(event)} size={14} />
      </span>
      <span className="k-ellipsis">{nameOf(event)}</span>
    </span>
  );
}
