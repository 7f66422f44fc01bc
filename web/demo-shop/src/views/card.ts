/** A product as a card: on shelves, in lists and in the range for visitors without JavaScript. */

import type { Product } from '../catalog.ts';
import { priceOf } from '../catalog.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { formatMoney } from '../money.ts';

export interface CardOptions {
  readonly heading: 'h2' | 'h3';
  /** In sight at once: do not wait for scrolling. */
  readonly eager?: boolean;
  /** Kith's choice that this card shows; the tag reports when it was seen and clicked. */
  readonly choiceId?: string;
  /** Why Kith chose it. */
  readonly reason?: string;
}

export function stars(rating: number, reviews: number): Html | false {
  if (rating <= 0) return false;
  return html`<p class="stars"><span aria-hidden="true" class="stars__mark">★</span> <span class="visually-hidden">Rated </span>${rating.toFixed(1)}<span class="visually-hidden"> of 5 by</span> <span class="stars__count">(${reviews}<span class="visually-hidden"> people</span>)</span></p>`;
}

export function productCard(product: Product, options: CardOptions): Html {
  const { heading, eager, choiceId, reason } = options;
  const link = html`<a class="card__link" href="${product.url}">${product.title}</a>`;
  return html`
    <article class="card" ${choiceId !== undefined && html`data-kith-choice="${choiceId}"`}>
      <div class="card__picture">
        <img src="${product.image_url}" alt="" width="400" height="400" loading="${eager === true ? 'eager' : 'lazy'}" decoding="async" />
        ${!product.available && html`<span class="badge badge--out">Sold out</span>`}
      </div>
      <div class="card__copy">
      <p class="card__brand">${product.brand}</p>
      ${heading === 'h2' ? html`<h2 class="card__title">${link}</h2>` : html`<h3 class="card__title">${link}</h3>`}
      <div class="card__foot">
        <p class="card__price">${formatMoney(priceOf(product), product.currency)}</p>
        ${stars(product.attributes.rating, product.attributes.reviews)}
      </div>
      ${reason !== undefined && html`<p class="card__reason">${reason}</p>`}
      </div>
    </article>`;
}

/** The same boxes as a card, so that nothing moves when the products arrive. */
export function skeletonCard(): Html {
  return html`
    <div class="card card--skeleton">
      <div class="card__picture skeleton"></div>
      <div class="card__copy">
        <p class="card__brand"><span class="skeleton skeleton--short"></span></p>
        <p class="card__title"><span class="skeleton"></span></p>
        <p class="card__price"><span class="skeleton skeleton--short"></span></p>
      </div>
    </div>`;
}
