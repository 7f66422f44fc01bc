/** Events from the page's markup: `data-kith-event` on elements, and opt-in click capture. */
import { clickProps, propsOf } from "../core/capture.ts";
import { whenSeen } from "./seen.ts";
import type { Tag } from "./tag.ts";

const EVENT = "data-kith-event";
const CLICKABLE = "a,button,summary,[role=button]";
/** Whatever is typed or chosen stays in the page. */
const TYPED = "input,textarea,select,[contenteditable]";

export function captureMarkup(tag: Tag): { scan(): void } {
  const viewed = new WeakSet<Element>();

  function send(element: Element): void {
    const event = element.getAttribute(EVENT);
    if (event) tag.call({ type: "track", event, properties: propsOf(element.attributes) });
  }

  for (const kind of ["click", "submit"]) {
    document.addEventListener(
      kind,
      ({ target }) => {
        const element = target instanceof Element && target.closest(`[${EVENT}]`);
        if (element && triggerOf(element) === kind) send(element);
      },
      true,
    );
  }

  return {
    scan() {
      for (const element of document.querySelectorAll(`[${EVENT}][data-kith-on=view]`)) {
        if (viewed.has(element)) continue;
        viewed.add(element);
        whenSeen(element, () => send(element));
      }
    },
  };
}

export function captureClicks(tag: Tag): void {
  document.addEventListener(
    "click",
    ({ target }) => {
      const element = target instanceof Element && target.closest(CLICKABLE);
      if (!element || element.closest(`[data-kith-ignore],[${EVENT}],${TYPED}`)) return;
      const secret = element.closest("[data-kith-private]") || element.querySelector(TYPED);
      const text = secret ? "" : element.textContent || "";
      const href = element instanceof HTMLAnchorElement ? element.href : "";
      const properties = clickProps({ tag: element.tagName, id: element.id, text, href });
      tag.call({ type: "track", event: "Element Clicked", properties });
    },
    true,
  );
}

function triggerOf(element: Element): string {
  return element.getAttribute("data-kith-on") || (element.tagName === "FORM" ? "submit" : "click");
}
