/** Search results. */

import { search } from '../catalog.ts';
import { searched } from '../events.ts';
import { html } from '../html.ts';
import * as kith from '../kith.ts';
import { PRODUCTS } from '../range.ts';
import { links } from '../router.ts';
import { grid } from './list.ts';
import type { Page } from './page.ts';

const IDEAS = ['wool', 'rain', 'lantern', 'Northpine', 'enamel', 'gift for a gardener'];

export function searchPage(words: string): Page {
  const query = words.trim();
  const found = search(PRODUCTS, query);
  const heading = query === '' ? 'Search' : `Results for “${query}”`;
  return {
    title: `${heading} · Larkfell`,
    content: html`
      <header class="page-head">
        <h1 tabindex="-1">${heading}</h1>
        ${query !== '' && html`<p class="lead">${found.length === 1 ? '1 product' : `${found.length} products`}</p>`}
      </header>
      ${
        found.length > 0
          ? grid(found, 'h2')
          : html`
            <div class="empty">
              <p>${query === '' ? 'What are you looking for?' : 'We have nothing by that name. Perhaps one of these?'}</p>
              <ul class="chips">${IDEAS.slice(0, 5).map((idea) => html`<li><a class="chip" href="${links.search(idea)}">${idea}</a></li>`)}</ul>
            </div>`
      }`,
    arrive() {
      if (query !== '') kith.track(searched(query, found.length));
    },
  };
}
