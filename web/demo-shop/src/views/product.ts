/** One product: picture, facts, sizes, into the cart. */

import * as cart from '../cart.ts';
import { categoryOf, CATEGORIES, priceOf, staffPicks } from '../catalog.ts';
import type { Product } from '../catalog.ts';
import * as events from '../events.ts';
import { label } from '../format.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { icon } from '../icons.ts';
import * as kith from '../kith.ts';
import { formatMoney } from '../money.ts';
import { PRODUCTS, productById } from '../range.ts';
import { links } from '../router.ts';
import { store } from '../store.ts';
import { stars } from './card.ts';
import { recentlyViewed } from './home.ts';
import { missingPage } from './missing.ts';
import type { Frame, Page } from './page.ts';
import { openShelves, shelfHtml } from './shelf.ts';
import type { Shelf } from './shelf.ts';

function sizes(product: Product): Html | false {
  const all = product.attributes.sizes;
  if (all === undefined) return false;
  const middle = Math.floor((all.length - 1) / 2);
  return html`
    <fieldset class="sizes"><legend>Size</legend>
      ${all.map(
        (size, index) => html`
          <label class="size"><input type="radio" name="variant" value="${size}" ${index === middle && html`checked`} /><span>${size}</span></label>`,
      )}
    </fieldset>`;
}

function buy(product: Product): Html {
  const wished = store.wishes.includes(product.item_id);
  return html`
    <form class="buy" data-buy>
      ${sizes(product)}
      <div class="buy__row">
        <label class="select select--quantity"><span class="visually-hidden">Quantity</span>
          <select name="quantity" ${!product.available && html`disabled`}>
            ${Array.from({ length: cart.QUANTITY_MAX }, (_, index) => html`<option>${index + 1}</option>`)}
          </select>
        </label>
        <button class="button button--wide" ${!product.available && html`disabled`}>${product.available ? 'Put in the cart' : 'Sold out for now'}</button>
        <button type="button" class="button button--round ${wished && 'button--held'}" data-wish aria-pressed="${wished ? 'true' : 'false'}" aria-label="On my wish list">${icon('heart')}</button>
      </div>
    </form>`;
}

function facts(product: Product): Html {
  const { colour, material } = product.attributes;
  return html`
    <dl class="facts">
      <div><dt>Colour</dt><dd>${label(colour)}</dd></div>
      <div><dt>Made of</dt><dd>${label(material)}</dd></div>
      <div><dt>Brand</dt><dd>${product.brand}</dd></div>
      <div><dt>Delivery</dt><dd>${product.available ? 'Two to three days' : 'Back in six weeks'}</dd></div>
    </dl>`;
}

function wire(element: HTMLElement, frame: Frame, product: Product): void {
  const form = element.querySelector<HTMLFormElement>('[data-buy]');
  form?.addEventListener('submit', (event) => {
    event.preventDefault();
    const given = new FormData(form);
    const variant = given.get('variant');
    const line: cart.CartLine = {
      item_id: product.item_id,
      variant: typeof variant === 'string' ? variant : null,
      quantity: Number(given.get('quantity') ?? 1),
      price: priceOf(product),
    };
    store.setCart(cart.add(store.cart, line));
    kith.track(events.added(store.cart, line, product));
    frame.say(`${product.title} is in your cart.`);
  });
  const heart = element.querySelector<HTMLButtonElement>('[data-wish]');
  heart?.addEventListener('click', () => {
    const now = store.toggleWish(product.item_id);
    heart.setAttribute('aria-pressed', String(now));
    heart.classList.toggle('button--held', now);
    kith.track(now ? events.wished(product) : events.unwished(product));
    frame.say(now ? `${product.title} is on your wish list.` : 'Taken off your wish list.');
  });
}

export function productPage(id: string): Page {
  const product = productById(id);
  if (product === undefined) return missingPage();
  const category = CATEGORIES.find((each) => each.id === categoryOf(product));
  const alsoLike: Shelf = {
    placement: 'also_like',
    title: 'You may also like',
    count: 4,
    own: staffPicks(PRODUCTS, { near: product, count: 4 }),
    ownNote: 'More from the same corner of the shop',
  };
  const shelves = [alsoLike, recentlyViewed()];
  const { rating, reviews, description } = product.attributes;
  return {
    title: `${product.title} · Larkfell`,
    content: html`
      <nav aria-label="Breadcrumb"><ol class="crumbs">
        <li><a href="${links.home}">Shop</a></li>
        ${category !== undefined && html`<li><a href="${links.category(category.id)}">${category.title}</a></li>`}
        <li aria-current="page">${product.title}</li>
      </ol></nav>
      <article class="product" data-kith-item="${product.item_id}">
        <div class="product__picture"><img src="${product.image_url}" alt="Illustration: ${product.title}, ${product.attributes.colour}" width="400" height="400" /></div>
        <div class="product__copy">
          <p class="card__brand">${product.brand}</p>
          <h1 tabindex="-1">${product.title}</h1>
          ${stars(rating, reviews)}
          <p class="product__price">${formatMoney(priceOf(product), product.currency)}</p>
          <p class="product__text">${description}</p>
          ${buy(product)}
          ${facts(product)}
        </div>
      </article>
      ${shelves.map(shelfHtml)}`,
    arrive(element, frame) {
      wire(element, frame, product);
      kith.track(events.productViewed(product));
      openShelves(element, shelves);
    },
  };
}
