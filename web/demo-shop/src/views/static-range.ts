/** The range as plain HTML, put into the page at build time for visitors without JavaScript. */

import { CATEGORIES, select, NO_FILTER } from '../catalog.ts';
import type { Product } from '../catalog.ts';
import { html } from '../html.ts';
import { productCard } from './card.ts';

export function staticRange(products: readonly Product[]): string {
  return html`
    <div class="static">
      <header class="static__head">
        <p class="static__name">Larkfell</p>
        <p>Gear for the hills and things for the house. The cart, search and product pages need JavaScript; this is what we sell.</p>
      </header>
      ${CATEGORIES.map(
        (category) => html`
          <section>
            <h2>${category.title}</h2>
            <ul class="grid">
              ${select(products, { ...NO_FILTER, category: category.id }).map(
                (product) => html`<li>${productCard(product, { heading: 'h3' })}</li>`,
              )}
            </ul>
          </section>`,
      )}
    </div>`.text;
}
