/** Starts the shop: draws the frame, follows the address, and listens to Kith. */

import './styles/base.css';
import './styles/frame.css';
import './styles/parts.css';
import './styles/shelf.css';
import './styles/pages.css';
import './styles/drawer.css';
import { startBanner } from './banner.ts';
import { frameHtml, refreshChrome } from './chrome.ts';
import { startDrawer } from './drawer.ts';
import { heard } from './heard.ts';
import { fill } from './html.ts';
import * as kith from './kith.ts';
import { BASE, links, parseRoute } from './router.ts';
import type { Route } from './router.ts';
import { store } from './store.ts';
import { accountPage } from './views/account.ts';
import { cartPage } from './views/cart.ts';
import { checkoutPage } from './views/checkout.ts';
import { homePage } from './views/home.ts';
import { listPage } from './views/list.ts';
import { missingPage } from './views/missing.ts';
import { orderPage } from './views/order.ts';
import type { Frame, Page } from './views/page.ts';
import { privacyPage } from './views/privacy.ts';
import { productPage } from './views/product.ts';
import { searchPage } from './views/search.ts';
import { fillFrom, giveUp } from './views/shelf.ts';

const TOAST_MS = 4000;

function pageOf(route: Route): Page {
  switch (route.page) {
    case 'home':
      return homePage();
    case 'list':
      return listPage(route.category, route.query);
    case 'product':
      return productPage(route.id);
    case 'search':
      return searchPage(route.words);
    case 'cart':
      return cartPage();
    case 'checkout':
      return checkoutPage();
    case 'order':
      return orderPage(route.id);
    case 'account':
      return accountPage();
    case 'privacy':
      return privacyPage();
    case 'missing':
      return missingPage();
  }
}

function start(app: HTMLElement): void {
  fill(app, frameHtml());
  const main = app.querySelector<HTMLElement>('#main');
  const toast = app.querySelector<HTMLElement>('[data-toast]');
  if (main === null || toast === null) throw new Error('the frame has no main element');
  let toastTimer = 0;

  const route = (): Route => parseRoute(location.pathname, location.search);

  const draw = (page: Page): HTMLElement => {
    const element = document.createElement('div');
    element.className = 'page';
    fill(element, page.content);
    document.title = page.title;
    main.replaceChildren(element);
    refreshChrome(app, route());
    return element;
  };
  let address = '';
  const arrive = (): void => {
    address = location.pathname + location.search;
    heard.turnPage();
    const page = pageOf(route());
    const element = draw(page);
    page.arrive?.(element, frame);
  };
  const frame: Frame = {
    go(path) {
      toast.classList.remove('toast--shown');
      history.pushState(null, '', path);
      arrive();
      window.scrollTo(0, 0);
      main.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
    },
    replace(path) {
      history.replaceState(history.state, '', path);
      address = location.pathname + location.search;
    },
    redraw(focus) {
      const page = pageOf(route());
      const element = draw(page);
      page.redrawn?.(element, frame);
      if (focus !== undefined) element.querySelector<HTMLElement>(focus)?.focus({ preventScroll: true });
    },
    say(message) {
      clearTimeout(toastTimer);
      toast.textContent = message;
      toast.classList.add('toast--shown');
      toastTimer = window.setTimeout(() => toast.classList.remove('toast--shown'), TOAST_MS);
    },
  };

  const banner = startBanner((says) => {
    frame.say(says);
    if (route().page === 'privacy') frame.redraw();
  });
  const drawer = startDrawer(() => banner.open());

  document.addEventListener('click', (event) => {
    const target = event.target as Element;
    const action = target.closest<HTMLElement>('[data-action]')?.dataset['action'];
    if (action === 'open-drawer') drawer.open();
    else if (action === 'why') drawer.open('know-why');
    else if (action === 'open-consent') banner.open();
    const link = target.closest<HTMLAnchorElement>('a[href]');
    if (link !== null && follows(event, link)) {
      event.preventDefault();
      frame.go(link.pathname + link.search);
    }
  });
  app.querySelector<HTMLFormElement>('[data-search]')?.addEventListener('submit', (event) => {
    event.preventDefault();
    const words = String(new FormData(event.target as HTMLFormElement).get('q') ?? '').trim();
    frame.go(links.search(words));
  });
  window.addEventListener('popstate', () => {
    // A jump within the page, as by the skip link, is no new page.
    if (address !== location.pathname + location.search) arrive();
  });
  store.onChange(() => refreshChrome(app, route()));
  kith.onStatus(() => {
    refreshChrome(app, route());
    giveUp();
  });
  kith.onEvent(heard.noteEvent);
  kith.onDecision((decision) => {
    heard.noteDecision(decision);
    fillFrom(decision);
  });
  arrive();
}

/** Plain clicks on the shop's own pages; everything else is the browser's. */
function follows(event: MouseEvent, link: HTMLAnchorElement): boolean {
  if (event.defaultPrevented || event.button !== 0) return false;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return false;
  if (link.target !== '' || link.hasAttribute('download') || link.origin !== location.origin) return false;
  const samePage = link.hash !== '' && link.pathname === location.pathname;
  return !samePage && (link.pathname.startsWith(BASE) || link.pathname === BASE.slice(0, -1));
}

const app = document.getElementById('app');
if (app !== null) start(app);
