/** The checkout: an address and a payment that is none. */

import { validEmail } from '../account.ts';
import { totals, withoutEnded } from '../cart.ts';
import * as events from '../events.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import * as kith from '../kith.ts';
import { formatMoney } from '../money.ts';
import { productById } from '../range.ts';
import { links } from '../router.ts';
import { store } from '../store.ts';
import { sumsHtml } from './cart.ts';
import { checkForm, fieldHtml, required } from './field.ts';
import type { Field } from './field.ts';
import type { Frame, Page } from './page.ts';

function contactFields(): Field[] {
  const account = store.account;
  return [
    {
      name: 'email',
      title: 'E-mail',
      type: 'email',
      autocomplete: 'email',
      wide: true,
      value: account?.email ?? '',
      check: (value) => (validEmail(value) ? null : 'Enter an e-mail address such as ada@example.org.'),
    },
    {
      name: 'name',
      title: 'Name',
      autocomplete: 'name',
      wide: true,
      value: account?.first_name ?? '',
      check: required('your name'),
    },
    { name: 'street', title: 'Street and number', autocomplete: 'street-address', wide: true, check: required('your street') },
    { name: 'postcode', title: 'Postcode', autocomplete: 'postal-code', check: required('your postcode') },
    { name: 'city', title: 'Town', autocomplete: 'address-level2', check: required('your town') },
  ];
}

/** The demo card: filled in already, checked for form only, never sent anywhere. */
const CARD_FIELDS: readonly Field[] = [
  {
    name: 'card',
    title: 'Card number',
    inputmode: 'numeric',
    wide: true,
    value: '4242 4242 4242 4242',
    hint: 'A test number. It does not leave this page.',
    check: (value) => (/^\d{16}$/.test(value.replace(/\s/g, '')) ? null : 'A card number has 16 digits.'),
  },
  {
    name: 'expiry',
    title: 'Valid until',
    value: '12/34',
    check: (value) => (/^(0[1-9]|1[0-2])\/\d{2}$/.test(value.trim()) ? null : 'Write it as MM/YY.'),
  },
  {
    name: 'code',
    title: 'Security code',
    inputmode: 'numeric',
    value: '123',
    check: (value) => (/^\d{3,4}$/.test(value.trim()) ? null : 'Three or four digits.'),
  },
];

function packed(): Html {
  return html`
    <ul class="packed">
      ${store.cart.lines.map((line) => {
        const product = productById(line.item_id);
        return (
          product !== undefined &&
          html`<li><img src="${product.image_url}" alt="" width="56" height="56" /><span>${line.quantity} × ${product.title}${line.variant !== null && html`, ${line.variant}`}</span><span>${formatMoney(line.price * line.quantity)}</span></li>`
        );
      })}
    </ul>`;
}

function submit(form: HTMLFormElement, fields: readonly Field[], frame: Frame): void {
  const values = checkForm(form, fields);
  if (values === null) return frame.say('Some fields need another look.');
  // A coupon that ended while the form was filled in takes nothing off.
  const cart = withoutEnded(store.cart, Date.now());
  if (cart !== store.cart) {
    store.setCart(cart);
    frame.redraw('h1');
    return frame.say('Your coupon has ended. The sum has changed.');
  }
  if (store.account === null) kith.identifyGuest(values.get('email') ?? '', values.get('name') ?? '');
  kith.track(events.orderCompleted(cart, store.orderNumber(), productById));
  const order = store.placeOrder(totals(cart).total, new Date().toISOString());
  frame.go(links.order(order.order_id));
}

export function checkoutPage(): Page {
  if (store.cart.lines.length === 0) {
    return {
      title: 'Checkout · Larkfell',
      content: html`<div class="empty"><h1 tabindex="-1">Nothing to pay for</h1><p>Your cart is empty.</p><a class="button" href="${links.all}">See the whole range</a></div>`,
    };
  }
  const contact = contactFields();
  store.setCart(withoutEnded(store.cart, Date.now()));
  const fields = [...contact, ...CARD_FIELDS];
  const cart = store.cart;
  return {
    title: 'Checkout · Larkfell',
    content: html`
      <header class="page-head"><h1 tabindex="-1">Checkout</h1><p class="lead">A demo: nothing is charged, nothing is sent.</p></header>
      <div class="split">
        <form class="form" data-checkout novalidate>
          <fieldset><legend>Where shall it go?</legend><div class="fields">${contact.map(fieldHtml)}</div></fieldset>
          <fieldset><legend>Pretend payment</legend><div class="fields">${CARD_FIELDS.map(fieldHtml)}</div></fieldset>
          <button class="button button--wide">Place the order, ${formatMoney(totals(cart).total)}</button>
        </form>
        <section class="panel" aria-labelledby="packed"><h2 id="packed">In your parcel</h2>${packed()}${sumsHtml(cart)}</section>
      </div>`,
    arrive(element, frame) {
      kith.track(events.checkoutStarted(cart, store.orderNumber(), productById));
      const form = element.querySelector<HTMLFormElement>('[data-checkout]');
      form?.addEventListener('submit', (event) => {
        event.preventDefault();
        submit(form, fields, frame);
      });
    },
  };
}
