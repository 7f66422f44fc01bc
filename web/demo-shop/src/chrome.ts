/** What surrounds every page: header, footer, and the line that says how the shop runs. */

import { totals } from './cart.ts';
import { CATEGORIES } from './catalog.ts';
import { privacySignal } from './consent.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { icon, LOGO } from './icons.ts';
import * as kith from './kith.ts';
import { links } from './router.ts';
import type { Route } from './router.ts';
import { store } from './store.ts';

function statusHtml(): Html | false {
  switch (kith.status()) {
    case 'off':
      return html`<div class="notice" role="status"><p><strong>This shop runs without Kith.</strong> The server put no write key into the page, so nothing is recorded, and everybody sees the same.</p></div>`;
    case 'failed':
      return html`<div class="notice notice--late" role="status"><p><strong>Kith’s tag could not be loaded.</strong> The shop works, but nothing is recorded, and everybody sees the same.</p></div>`;
    default:
      return false;
  }
}

function header(): Html {
  return html`
    <a class="skip" href="#main">Skip to the content</a>
    <header>
    <div data-status>${statusHtml()}</div>
    <div class="strip"><div class="strip__in">
      <p>Free shipping from €80<span class="strip__more"> · 100 days to return · mended for life</span></p>
      <button type="button" class="strip__button" data-action="open-drawer" aria-haspopup="dialog">${icon('eye')}<span>What Kith knows about me</span></button>
    </div></div>
    <div class="head"><div class="head__in">
      <a class="logo" href="${links.home}" aria-label="Larkfell, home page">${LOGO}<span>Larkfell</span></a>
      <form class="find" role="search" action="${links.home}search" data-search>
        <label class="visually-hidden" for="q">Search the shop</label>
        <input id="q" name="q" type="search" placeholder="Boots, wool, lantern …" maxlength="200" autocomplete="off" />
        <button aria-label="Search">${icon('search')}</button>
      </form>
      <div class="head__tools">
        <a class="tool" href="${links.account}" data-account></a>
        <a class="tool" href="${links.cart}" data-cart></a>
      </div>
    </div>
    <nav class="nav" aria-label="Categories"><ul>
      ${CATEGORIES.map(({ id, title }) => html`<li><a href="${links.category(id)}" data-category="${id}">${title}</a></li>`)}
      <li><a href="${links.all}" data-category="">Everything</a></li>
    </ul></nav></div></header>`;
}

function footer(): Html {
  return html`
    <footer class="foot"><div class="foot__in">
      <div><p class="foot__name">Larkfell</p><p>Gear for the hills and things for the house. A demo shop: the goods are drawn, the money is not real, the decisions are.</p></div>
      <nav aria-label="Footer"><ul>
        <li><a href="${links.all}">The whole range</a></li>
        <li><a href="${links.account}">Account</a></li>
        <li><a href="${links.privacy}">Privacy</a></li>
        <li><button type="button" class="link" data-action="open-consent">Change my consent</button></li>
      </ul></nav>
      <p class="foot__signal">${privacySignal() && html`${icon('shield')} Global Privacy Control is on and honoured.`}</p>
    </div></footer>`;
}

export function frameHtml(): Html {
  return html`${header()}<main id="main"></main>${footer()}<div class="toast" role="status" aria-live="polite" data-toast></div>`;
}

/** Cart count, name of the account, the current category. */
export function refreshChrome(root: HTMLElement, route: Route): void {
  const { count } = totals(store.cart);
  const cart = root.querySelector('[data-cart]');
  const account = root.querySelector('[data-account]');
  const status = root.querySelector('[data-status]');
  if (cart !== null) {
    cart.innerHTML = html`${icon('cart')}<span class="tool__text">Cart</span><span class="tool__count" ${count === 0 && html`hidden`}>${count}<span class="visually-hidden"> in it</span></span>`.text;
  }
  if (account !== null) {
    const name = store.account === null ? 'Log in' : (store.account.first_name ?? 'Account');
    account.innerHTML = html`${icon('account')}<span class="tool__text">${name}</span>`.text;
  }
  if (status !== null) status.innerHTML = html`${statusHtml()}`.text;
  for (const link of root.querySelectorAll<HTMLElement>('[data-category]')) {
    const current = route.page === 'list' && (route.category ?? '') === link.dataset['category'];
    if (current) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  const input = root.querySelector<HTMLInputElement>('#q');
  if (input !== null && route.page === 'search') input.value = route.words;
}
