/** Puts the visitor's id on links to the listed domains, in the moment they are followed. */
import { decorate, listed } from "../core/link.ts";
import type { Tag } from "./tag.ts";

export function decorateLinks(tag: Tag): void {
  const { link_domains } = tag.config;
  const follow = ({ target }: Event) => {
    const link = target instanceof Element && target.closest("a");
    const id = tag.linkId();
    if (!link || !id || link.hostname === location.hostname) return;
    if (listed(link.hostname, link_domains)) link.href = decorate(link.href, id, Date.now());
  };
  for (const kind of ["click", "auxclick"]) document.addEventListener(kind, follow, true);
}
