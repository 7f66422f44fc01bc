/** Thank you: an order that was just placed, or an old one. */

import { html } from '../html.ts';
import { icon } from '../icons.ts';
import { formatMoney } from '../money.ts';
import { productById } from '../range.ts';
import { links } from '../router.ts';
import { store } from '../store.ts';
import { sumsHtml } from './cart.ts';
import { picks } from './home.ts';
import { missingPage } from './missing.ts';
import type { Page } from './page.ts';
import { openShelves, shelfHtml } from './shelf.ts';

export function orderPage(id: string): Page {
  const order = store.orders.find((each) => each.order_id === id);
  if (order === undefined) return missingPage();
  const shelf = { ...picks(), title: 'For the next time' };
  const open = (element: HTMLElement): void => openShelves(element, [shelf]);
  return {
    title: 'Thank you · Larkfell',
    content: html`
      <div class="thanks">
        <p class="thanks__mark">${icon('check')}</p>
        <h1 tabindex="-1">Thank you, it is packed</h1>
        <p class="lead">Order <strong>${order.order_id}</strong>. If this were a real shop, it would leave tomorrow.</p>
      </div>
      <section class="panel panel--middle" aria-labelledby="order"><h2 id="order">Your order</h2>
        <ul class="packed">
          ${order.cart.lines.map((line) => {
            const product = productById(line.item_id);
            return (
              product !== undefined &&
              html`<li><img src="${product.image_url}" alt="" width="56" height="56" /><span>${line.quantity} × ${product.title}</span><span>${formatMoney(line.price * line.quantity)}</span></li>`
            );
          })}
        </ul>
        ${sumsHtml(order.cart)}
        ${store.account === null && html`<p class="small"><a href="${links.account}">Log in</a> with the same e-mail, and Kith knows it was you.</p>`}
      </section>
      ${shelfHtml(shelf)}`,
    arrive: open,
    redrawn: open,
  };
}
