/** Puts a decision's content into a slot, and takes it out again. Never runs script in it. */
import type { PlacementConfig, Props } from "../core/config.ts";
import type { Decision, DecisionChoice } from "../core/decision.ts";
import { fill, runsScript } from "../core/template.ts";

export const CHOICE = "data-kith-choice";

interface Policy {
  createHTML(html: string): string;
}

/** Pages that require Trusted Types allow the policy named `kith`. */
const policy = (
  window as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } }
).trustedTypes?.createPolicy("kith", { createHTML: (html) => html });

/** What the page itself wrote, kept for slots that outlive the page view. */
const originals = new WeakMap<Element, { decisionId: string; nodes: Node[] }>();

export function shownIn(slot: Element): string | undefined {
  return originals.get(slot)?.decisionId;
}

/** False when the decision has nothing to show here: the slot then keeps what it has. */
export function render(slot: Element, decision: Decision, config: PlacementConfig): boolean {
  const nodes = decision.choices.flatMap((choice) => draw(choice, config));
  if (!nodes.length) return false;
  const kept = originals.get(slot)?.nodes || Array.from(slot.childNodes);
  originals.set(slot, { decisionId: decision.decision_id, nodes: kept });
  slot.replaceChildren(...nodes);
  return true;
}

export function restore(slot: Element): void {
  const kept = originals.get(slot);
  if (!kept) return;
  originals.delete(slot);
  slot.replaceChildren(...kept.nodes);
}

function draw(choice: DecisionChoice, { mode, template }: PlacementConfig): Node[] {
  const content: Props = { ...choice, ...choice.content };
  if (mode === "text") {
    const text = content["text"] ?? content["title"];
    return text === undefined || text === null ? [] : [document.createTextNode(String(text))];
  }
  const html = mode === "template" ? fill(template || "", content) : content["html"];
  return typeof html === "string" ? parse(html, choice.id) : [];
}

function parse(html: string, choiceId: string): Node[] {
  const holder = document.createElement("template");
  holder.innerHTML = policy ? policy.createHTML(html) : html;
  for (const element of holder.content.querySelectorAll("*")) {
    for (const { name, value } of Array.from(element.attributes)) {
      if (/^on|^srcdoc$/i.test(name) || runsScript(value)) element.removeAttribute(name);
    }
  }
  for (const element of holder.content.querySelectorAll("script,base,object,embed")) {
    element.remove();
  }
  for (const root of holder.content.children) root.setAttribute(CHOICE, choiceId);
  return Array.from(holder.content.childNodes);
}
