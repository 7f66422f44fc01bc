/** Log-in, and what the shop keeps for somebody who is. */

import { accountOf, DEMO_PASSWORD, validEmail } from '../account.ts';
import type { Account } from '../account.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import * as kith from '../kith.ts';
import { formatMoney } from '../money.ts';
import { productById } from '../range.ts';
import { links } from '../router.ts';
import { store } from '../store.ts';
import { productCard } from './card.ts';
import { checkForm, fieldHtml } from './field.ts';
import type { Field } from './field.ts';
import type { Frame, Page } from './page.ts';

const FIELDS: readonly Field[] = [
  {
    name: 'email',
    title: 'E-mail',
    type: 'email',
    autocomplete: 'email',
    wide: true,
    hint: 'Any address will do. The same one on two devices makes them one person.',
    check: (value) => (validEmail(value) ? null : 'Enter an e-mail address such as ada@example.org.'),
  },
  { name: 'first_name', title: 'First name (if you like)', autocomplete: 'given-name', wide: true, check: () => null },
  {
    name: 'password',
    title: 'Password',
    type: 'password',
    autocomplete: 'off',
    wide: true,
    value: DEMO_PASSWORD,
    hint: `The demo password is “${DEMO_PASSWORD}”. It guards nothing.`,
    check: (value) => (value === DEMO_PASSWORD ? null : `The demo password is “${DEMO_PASSWORD}”.`),
  },
];

function logInPage(): Page {
  const wire = (element: HTMLElement, frame: Frame): void => {
    const form = element.querySelector<HTMLFormElement>('[data-login]');
    form?.addEventListener('submit', (event) => {
      event.preventDefault();
      const values = checkForm(form, FIELDS);
      if (values === null) return;
      const account = accountOf(values.get('email') ?? '', values.get('first_name') ?? '');
      store.logIn(account);
      kith.identify(account);
      frame.redraw('h1');
      frame.say('You are logged in.');
    });
  };
  return {
    title: 'Log in · Larkfell',
    content: html`
      <div class="login">
        <div class="login__art"><img src="/shop/images/scene-circle.svg" alt="" width="1040" height="720" /></div>
        <div class="login__copy">
          <h1 tabindex="-1">Join the Circle</h1>
          <p class="lead">Log in and the home page will know you on your next visit.</p>
          <form class="form" data-login novalidate>
            <div class="fields">${FIELDS.map(fieldHtml)}</div>
            <button class="button button--wide">Log in</button>
          </form>
        </div>
      </div>`,
    arrive: wire,
    redrawn: wire,
  };
}

function ordersHtml(account: Account): Html {
  const mine = store.orders.filter(({ user_id }) => user_id === null || user_id === account.user_id);
  if (mine.length === 0) return html`<p class="quiet">No orders on this device yet.</p>`;
  const day = new Intl.DateTimeFormat('en-IE', { dateStyle: 'long' });
  return html`
    <ul class="orders">
      ${mine.map(
        (order) => html`<li><a href="${links.order(order.order_id)}">${order.order_id}</a><span>${day.format(new Date(order.placed_at))}</span><span>${formatMoney(order.total)}</span></li>`,
      )}
    </ul>`;
}

function wishesHtml(): Html {
  const products = store.wishes.flatMap((id) => productById(id) ?? []);
  if (products.length === 0) return html`<p class="quiet">Press the heart on a product to keep it here.</p>`;
  return html`<ul class="grid grid--small">${products.map((product) => html`<li>${productCard(product, { heading: 'h3' })}</li>`)}</ul>`;
}

function memberPage(account: Account): Page {
  const wire = (element: HTMLElement, frame: Frame): void => {
    element.querySelector('[data-logout]')?.addEventListener('click', () => {
      store.logOut();
      kith.reset();
      frame.redraw('h1');
      frame.say('You are logged out. Kith starts with a new, unknown visitor.');
    });
  };
  return {
    title: 'Your account · Larkfell',
    content: html`
      <header class="page-head page-head--row">
        <div><h1 tabindex="-1">Hello${account.first_name !== null && html`, ${account.first_name}`}</h1>
        <p class="lead">${account.email} · customer number <code>${account.user_id}</code></p></div>
        <button type="button" class="button button--quiet" data-logout>Log out</button>
      </header>
      <p class="callout">The <a href="${links.home}">home page</a> has something for members now: Kith knows you from this moment on.</p>
      <section aria-labelledby="orders"><h2 class="section-title" id="orders">Orders</h2>${ordersHtml(account)}</section>
      <section aria-labelledby="wishes"><h2 class="section-title" id="wishes">Wish list</h2>${wishesHtml()}</section>`,
    arrive: wire,
    redrawn: wire,
  };
}

export function accountPage(): Page {
  return store.account === null ? logInPage() : memberPage(store.account);
}
