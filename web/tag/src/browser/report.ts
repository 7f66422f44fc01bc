/** Reports what became of decisions: seen, clicked, or too late. Each once a page view. */
import type { Props } from "../core/config.ts";
import { reportProps, type Decision, type DecisionChoice } from "../core/decision.ts";
import { CHOICE } from "./render.ts";
import { whenSeen } from "./seen.ts";
import type { Tag } from "./tag.ts";

export interface Reports {
  shown(slot: Element, decision: Decision): void;
  timedOut(placement: string): void;
  moved(): void;
}

export function reportDecision(tag: Tag): Reports {
  const slots = new Map<Element, Decision>();
  const reported = new Set<string>();

  function send(name: string, properties: Props): void {
    tag.call({ type: "track", event: `Decision ${name}`, properties });
  }

  function shown(slot: Element, decision: Decision): void {
    slots.set(slot, decision);
    for (const choice of decision.choices) {
      whenSeen(elementOf(slot, choice), () => {
        const once = `${decision.decision_id} ${choice.id}`;
        // Seen too late: the slot moved on to another page view or decision.
        if (slots.get(slot) !== decision || reported.has(once)) return;
        reported.add(once);
        send("Viewed", reportProps(decision, choice));
      });
    }
  }

  document.addEventListener(
    "click",
    ({ target }) => {
      if (!(target instanceof Element)) return;
      for (const [slot, decision] of slots) {
        if (!slot.contains(target)) continue;
        const id = target.closest(`[${CHOICE}]`)?.getAttribute(CHOICE);
        const { choices } = decision;
        const clicked = choices.find((choice) => choice.id === id);
        const choice = clicked || (choices.length === 1 ? choices[0] : undefined);
        if (choice) send("Clicked", reportProps(decision, choice));
      }
    },
    true,
  );

  return {
    shown,
    timedOut: (placement) => send("Timed Out", { placement }),
    moved() {
      reported.clear();
      slots.clear();
    },
  };
}

/** The element drawn for one choice, or the whole slot when choices have none of their own. */
function elementOf(slot: Element, choice: DecisionChoice): Element {
  const drawn = Array.from(slot.querySelectorAll(`[${CHOICE}]`));
  return drawn.find((element) => element.getAttribute(CHOICE) === choice.id) || slot;
}
