/** What is kept and why, and the choices again. */

import { CATEGORIES, CATEGORY_TEXTS, consent, NOTHING, privacySignal } from '../consent.ts';
import type { Choice } from '../consent.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import type { Frame, Page } from './page.ts';

export const SIGNAL_TEXT =
  'Your browser sends Global Privacy Control: it asks sites not to sell or share what they learn about you. We honour it. Nothing is stored unless you allow it here, and marketing stays off.';

export function choicesHtml(held: Choice, idPrefix: string): Html {
  const signal = privacySignal();
  return html`
    <ul class="choices">
      <li><input type="checkbox" id="${idPrefix}-necessary" checked disabled /><label for="${idPrefix}-necessary"><strong>Necessary</strong> <span>Cart, log-in and this choice, kept in your browser.</span></label></li>
      ${CATEGORIES.map((name) => {
        const locked = signal && name === 'marketing';
        const { title, text } = CATEGORY_TEXTS[name];
        return html`<li><input type="checkbox" id="${idPrefix}-${name}" name="${name}" ${held[name] && !locked && html`checked`} ${locked && html`disabled`} /><label for="${idPrefix}-${name}"><strong>${title}</strong> <span>${text}</span></label></li>`;
      })}
    </ul>`;
}

export function readChoices(form: HTMLFormElement): Choice {
  const given = new FormData(form);
  return {
    analytics: given.has('analytics'),
    personalization: given.has('personalization'),
    marketing: given.has('marketing'),
  };
}

function wire(element: HTMLElement, frame: Frame): void {
  const form = element.querySelector<HTMLFormElement>('[data-choices]');
  form?.addEventListener('submit', (event) => {
    event.preventDefault();
    consent.choose(readChoices(form));
    frame.redraw('[data-choices] button');
    frame.say('Your choice is kept.');
  });
}

export function privacyPage(): Page {
  return {
    title: 'Privacy · Larkfell',
    content: html`
      <div class="prose">
        <h1 tabindex="-1">Privacy, in plain words</h1>
        <p class="lead">This shop runs Kith on its own machine. No third party sees what you do here.</p>
        ${privacySignal() && html`<p class="callout">${SIGNAL_TEXT}</p>`}
        <h2>Your choices</h2>
        <form data-choices>${choicesHtml(consent.made ?? NOTHING, 'page')}<button class="button">Keep my choice</button></form>
        <h2>Without your consent</h2>
        <p>The shop keeps your cart, your log-in, your orders, your wish list and this choice in your browser. Kith may still fill the pictures and shelves, but with no id: everybody who has not agreed sees the same.</p>
        <h2>With it</h2>
        <p>Kith gives this browser a number and writes down the pages, products and orders that belong to it. When you log in, the number and your customer number become one person, on every device where you log in.</p>
        <h2>Taking it back</h2>
        <p>Untick a box above, and it counts from the next decision on: the number is deleted from this browser, and Kith answers as if it had never met you.</p>
      </div>`,
    arrive: wire,
    redrawn: wire,
  };
}
