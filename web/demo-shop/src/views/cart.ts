/** The cart: lines, voucher, sums, and the offer that Kith puts there. */

import * as cart from '../cart.ts';
import type { CartLine } from '../cart.ts';
import { staffPicks } from '../catalog.ts';
import { couponOf } from '../coupon.ts';
import type { Coupon } from '../coupon.ts';
import * as events from '../events.ts';
import { heard } from '../heard.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { icon } from '../icons.ts';
import * as kith from '../kith.ts';
import { formatMoney } from '../money.ts';
import { PRODUCTS, productById } from '../range.ts';
import { links } from '../router.ts';
import { cartOfferSlot } from '../slots.ts';
import { store } from '../store.ts';
import { picks } from './home.ts';
import type { Frame, Page } from './page.ts';
import { openShelves, shelfHtml } from './shelf.ts';
import type { Shelf } from './shelf.ts';

function keyOf(line: CartLine): string {
  return `${line.item_id}|${line.variant ?? ''}`;
}

function lineHtml(line: CartLine): Html | false {
  const product = productById(line.item_id);
  if (product === undefined) return false;
  return html`
    <li class="line" data-line="${keyOf(line)}">
      <a class="line__picture" href="${product.url}" tabindex="-1" aria-hidden="true"><img src="${product.image_url}" alt="" width="400" height="400" /></a>
      <div class="line__copy">
        <h2 class="line__title"><a href="${product.url}">${product.title}</a></h2>
        <p class="line__facts">${product.brand}${line.variant !== null && html` · size ${line.variant}`}</p>
        <p class="line__price">${formatMoney(line.price * line.quantity)}</p>
      </div>
      <div class="line__tools">
        <label class="select select--quantity"><span class="visually-hidden">Quantity of ${product.title}</span>
          <select data-quantity>
            ${Array.from({ length: cart.QUANTITY_MAX }, (_, index) => html`<option ${index + 1 === line.quantity && html`selected`}>${index + 1}</option>`)}
          </select>
        </label>
        <button type="button" class="icon-button" data-remove aria-label="Remove ${product.title}">${icon('bin')}</button>
      </div>
    </li>`;
}

export function sumsHtml(held: cart.Cart): Html {
  const sums = cart.totals(held);
  const voucher = cart.voucherOf(held);
  return html`
    <dl class="sums">
      <div><dt>Goods</dt><dd>${formatMoney(sums.subtotal)}</dd></div>
      ${voucher !== undefined && html`<div class="sums__voucher"><dt>${voucher.code}: ${voucher.says}</dt><dd>−${formatMoney(sums.discount)}</dd></div>`}
      <div><dt>Shipping</dt><dd>${sums.shipping === 0 ? 'free' : formatMoney(sums.shipping)}</dd></div>
      <div class="sums__total"><dt>Total</dt><dd>${formatMoney(sums.total)}</dd></div>
    </dl>`;
}

function voucherForm(): Html {
  return html`
    <form class="voucher" data-voucher novalidate>
      <label for="voucher">Voucher code</label>
      <div class="voucher__row">
        <input id="voucher" name="code" autocomplete="off" spellcheck="false" maxlength="60" aria-describedby="voucher-error" />
        <button class="button button--quiet">Apply</button>
      </div>
      <p class="field__error" id="voucher-error" data-voucher-error></p>
    </form>`;
}

function emptyHtml(): Html {
  return html`
    <div class="empty">
      <img src="/shop/images/scene-parcel.svg" alt="" width="1040" height="720" />
      <h1 tabindex="-1">Your cart is empty</h1>
      <p>Nothing packed yet. The hills can wait a little.</p>
      <a class="button" href="${links.all}">See the whole range</a>
    </div>`;
}

function fullHtml(held: cart.Cart): Html {
  const { count } = cart.totals(held);
  return html`
    <header class="page-head"><h1 tabindex="-1">Your cart</h1><p class="lead">${count} ${count === 1 ? 'thing' : 'things'} packed</p></header>
    <div class="split">
      <div>
        ${cartOfferSlot()}
        <ul class="lines">${held.lines.map(lineHtml)}</ul>
      </div>
      <section class="panel" aria-labelledby="sums">
        <h2 id="sums">Sum</h2>
        <div data-sums>${sumsHtml(held)}</div>
        ${voucherForm()}
        <a class="button button--wide" href="${links.checkout}">To the checkout</a>
        <p class="small">A demo: nothing is charged, nothing is sent.</p>
      </section>
    </div>`;
}

function changeLine(line: CartLine, quantity: number, frame: Frame): void {
  const product = productById(line.item_id);
  const added = quantity - line.quantity;
  store.setCart(cart.setQuantity(store.cart, line.item_id, line.variant, quantity));
  if (product === undefined) return;
  if (quantity === 0) {
    kith.track(events.removed(store.cart, line, product));
    frame.say(`${product.title} was removed.`);
  } else if (added > 0) {
    kith.track(events.added(store.cart, { ...line, quantity: added }, product));
  }
}

/** Redraws only what changed, so that Kith's offer stays where it is. */
function refresh(element: HTMLElement, frame: Frame): void {
  const held = store.cart;
  if (held.lines.length === 0) return frame.redraw('h1');
  const list = element.querySelector('.lines');
  const sums = element.querySelector('[data-sums]');
  const { count } = cart.totals(held);
  const lead = element.querySelector('.page-head .lead');
  if (list !== null) list.innerHTML = html`${held.lines.map(lineHtml)}`.text;
  if (sums !== null) sums.innerHTML = sumsHtml(held).text;
  if (lead !== null) lead.textContent = `${count} ${count === 1 ? 'thing' : 'things'} packed`;
  const slot = element.querySelector('#kith-cart-offer');
  if (slot !== null) markApplied(slot);
}

function lineOf(target: Element): CartLine | undefined {
  const key = target.closest<HTMLElement>('[data-line]')?.dataset['line'];
  return store.cart.lines.find((line) => keyOf(line) === key);
}

/** The coupon that Kith granted to this person, as this page was told. */
function granted(): Coupon | null {
  const decision = heard.decisions.find(({ placement }) => placement === 'cart_offer');
  return decision === undefined ? null : couponOf(decision, Date.now());
}

/** The button beside a code says whether it counts already; without a code there is none. */
function markApplied(slot: Element): void {
  const button = slot.querySelector<HTMLButtonElement>('[data-apply]');
  if (button === null) return;
  const applied = button.dataset['apply'] !== '' && button.dataset['apply'] === store.cart.voucher;
  const text = applied ? '✓ Applied' : 'Apply';
  button.disabled = applied;
  if (button.textContent !== text) button.textContent = text;
}

/** The tag draws the offer when its decision arrives, and again when the slot is new. */
function watchOffer(element: HTMLElement): void {
  const slot = element.querySelector('#kith-cart-offer');
  if (slot === null) return;
  new MutationObserver(() => markApplied(slot)).observe(slot, { childList: true });
  markApplied(slot);
}

function wire(element: HTMLElement, frame: Frame): void {
  watchOffer(element);
  element.addEventListener('change', (event) => {
    const target = event.target as HTMLSelectElement;
    const line = target.matches('[data-quantity]') ? lineOf(target) : undefined;
    if (line === undefined) return;
    changeLine(line, Number(target.value), frame);
    refresh(element, frame);
    element.querySelector<HTMLElement>(`[data-line="${CSS.escape(keyOf(line))}"] select`)?.focus();
  });
  element.addEventListener('click', (event) => {
    const target = event.target as Element;
    const code = target.closest<HTMLElement>('[data-apply]')?.dataset['apply'];
    if (code !== undefined) take(element, code, frame);
    const button = target.closest('[data-remove]');
    const line = button === null ? undefined : lineOf(button);
    if (line === undefined) return;
    changeLine(line, 0, frame);
    refresh(element, frame);
    element.querySelector<HTMLElement>('h1')?.focus();
  });
  const form = element.querySelector<HTMLFormElement>('[data-voucher]');
  form?.addEventListener('submit', (event) => {
    event.preventDefault();
    applyVoucher(element, form, frame);
  });
}

/** Takes a code into the cart: the person's own coupon, or a voucher of the shop. */
function take(element: HTMLElement, code: string, frame: Frame): boolean {
  const coupon = granted();
  const own = coupon !== null && coupon.code === code.trim().toUpperCase();
  const voucher = cart.findVoucher(code);
  if (own) store.setCart(cart.applyCoupon(store.cart, coupon));
  else if (voucher !== undefined) store.setCart({ ...store.cart, voucher: voucher.code });
  else return false;
  kith.track(events.couponApplied(store.cart, store.orderNumber()));
  refresh(element, frame);
  frame.say(`Voucher ${store.cart.voucher} applied.`);
  return true;
}

function applyVoucher(element: HTMLElement, form: HTMLFormElement, frame: Frame): void {
  const code = String(new FormData(form).get('code') ?? '').trim();
  const input = form.querySelector('input');
  const error = form.querySelector('[data-voucher-error]');
  input?.toggleAttribute('aria-invalid', false);
  if (error !== null) error.textContent = '';
  if (take(element, code, frame)) return form.reset();
  if (error !== null) error.textContent = code === '' ? 'Enter a code first.' : 'We do not know this code.';
  input?.setAttribute('aria-invalid', 'true');
  input?.focus();
  if (code !== '') kith.track(events.couponDenied(store.cart, code));
}

function goesWithIt(held: cart.Cart): Shelf {
  const inside = new Set(held.lines.map(({ item_id }) => item_id));
  return {
    placement: 'cart_recommendations',
    title: 'Goes well with it',
    count: 4,
    own: staffPicks(PRODUCTS.filter(({ item_id }) => !inside.has(item_id)), { count: 4 }),
    ownNote: 'The best rated things in the shop',
  };
}

export function cartPage(): Page {
  const held = cart.withoutEnded(store.cart, Date.now());
  if (held !== store.cart) store.setCart(held);
  const shelf = held.lines.length === 0 ? picks() : goesWithIt(held);
  const wired = (element: HTMLElement, frame: Frame): void => {
    wire(element, frame);
    openShelves(element, [shelf]);
  };
  return {
    title: 'Cart · Larkfell',
    content: html`${held.lines.length === 0 ? emptyHtml() : fullHtml(held)}${shelfHtml(shelf)}`,
    arrive(element, frame) {
      wired(element, frame);
      kith.track(events.cartViewed(held, productById));
    },
    redrawn: wired,
  };
}
