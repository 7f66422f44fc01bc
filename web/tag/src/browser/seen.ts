/** Tells when an element was really seen: half of it, or half of the window when it is taller. */

const SEEN_SHARE = 0.5;

const waiting = new Map<Element, (() => void)[]>();
let observer: IntersectionObserver | undefined;

/** Calls back once. */
export function whenSeen(element: Element, run: () => void): void {
  if (typeof IntersectionObserver !== "function") return;
  observer ??= new IntersectionObserver(check, { threshold: [0.05, 0.1, 0.2, 0.35, SEEN_SHARE] });
  const runs = waiting.get(element);
  if (runs) runs.push(run);
  else waiting.set(element, [run]);
  // Observing anew makes the browser report the present state also for a known element.
  observer.unobserve(element);
  observer.observe(element);
}

function check(entries: IntersectionObserverEntry[]): void {
  for (const entry of entries) {
    const { target, isIntersecting, intersectionRatio, intersectionRect, rootBounds } = entry;
    const tall = rootBounds && intersectionRect.height >= rootBounds.height * SEEN_SHARE;
    if (!isIntersecting || !(intersectionRatio >= SEEN_SHARE || tall)) continue;
    const runs = waiting.get(target) || [];
    waiting.delete(target);
    observer?.unobserve(target);
    for (const run of runs) run();
  }
}
