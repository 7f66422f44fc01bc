/** Search results: found by the shop, in the order that Kith gives them for this person. */

import { search } from '../catalog.ts';
import type { Product } from '../catalog.ts';
import { searched } from '../events.ts';
import { toYou } from '../format.ts';
import { heard } from '../heard.ts';
import { fill, html } from '../html.ts';
import type { Html } from '../html.ts';
import * as kith from '../kith.ts';
import type { Decision } from '../kith.ts';
import { PRODUCTS, productById } from '../range.ts';
import { inOrder, mayRank, rank } from '../rerank.ts';
import { links } from '../router.ts';
import { skeletonCard } from './card.ts';
import { grid } from './list.ts';
import type { Page } from './page.ts';

const IDEAS = ['wool', 'rain', 'lantern', 'Northpine', 'enamel', 'gift for a gardener'];

const AS_FOUND = 'Best match first';
const FOR_YOU = 'What suits you first';

/** What these reasons say is about the search or the item, not about the person. */
const NOT_PERSONAL = /^(?:Came |Put last|The catalog )/;

function skeleton(count: number): Html {
  return html`<ul class="grid" aria-hidden="true">${Array.from({ length: count }, () => html`<li>${skeletonCard()}</li>`)}</ul>`;
}

function emptyHtml(query: string): Html {
  return html`
    <div class="empty">
      <p>${query === '' ? 'What are you looking for?' : 'We have nothing by that name. Perhaps one of these?'}</p>
      <ul class="chips">${IDEAS.slice(0, 5).map((idea) => html`<li><a class="chip" href="${links.search(idea)}">${idea}</a></li>`)}</ul>
    </div>`;
}

function show(element: HTMLElement, found: readonly Product[], decision: Decision | null): void {
  const results = element.querySelector<HTMLElement>('[data-results]');
  const note = element.querySelector('[data-order]');
  if (results === null || note === null) return;
  results.removeAttribute('aria-busy');
  results.dataset['ranked'] = String(decision !== null);
  if (decision === null) {
    note.textContent = AS_FOUND;
    return fill(results, grid(found, 'h2'));
  }
  const personal = decision.choices.flatMap(({ id, reasons = [] }) => {
    const reason = reasons.find((each) => !NOT_PERSONAL.test(each));
    return reason === undefined ? [] : [[id, toYou(reason)] as const];
  });
  const reasons = new Map(personal);
  note.textContent = reasons.size === 0 ? AS_FOUND : FOR_YOU;
  fill(results, grid(inOrder(found, decision), 'h2', ({ item_id }) => reasons.get(item_id)));
}

/** What was seen and followed is told, as the tag does it for its own slots. */
function report(element: HTMLElement, found: readonly Product[], decision: Decision): void {
  const choiceAt = (target: Element): kith.Choice | undefined => {
    const link = target.closest('.card')?.querySelector<HTMLAnchorElement>('a.card__link');
    const product = found.find(({ url }) => url === link?.pathname);
    return decision.choices.find(({ id }) => id === product?.item_id);
  };
  const [first] = decision.choices;
  if (first !== undefined) kith.report('Viewed', decision, first);
  element.querySelector('[data-results]')?.addEventListener('click', (event) => {
    const choice = choiceAt(event.target as Element);
    if (choice !== undefined) kith.report('Clicked', decision, choice);
  });
}

async function order(element: HTMLElement, found: readonly Product[]): Promise<void> {
  const decision = await rank(found);
  if (!element.isConnected) return;
  show(element, found, decision);
  if (decision === null) return;
  // The answer leaves out what the shop knows itself: titles, for the drawer.
  const choices = decision.choices.map((choice) => ({
    ...choice,
    content: { title: productById(choice.id)?.title },
  }));
  heard.noteDecision({ ...decision, choices });
  report(element, found, decision);
}

export function searchPage(words: string): Page {
  const query = words.trim();
  const found = search(PRODUCTS, query);
  const heading = query === '' ? 'Search' : `Results for “${query}”`;
  const waits = found.length > 1 && mayRank();
  return {
    title: `${heading} · Larkfell`,
    content: html`
      <header class="page-head">
        <h1 tabindex="-1">${heading}</h1>
        ${query !== '' && html`<p class="lead">${found.length === 1 ? '1 product' : `${found.length} products`}</p>`}
      </header>
      ${
        found.length === 0
          ? emptyHtml(query)
          : html`
            <div class="results">
              <div class="results__head" ${found.length === 1 && html`hidden`}>
                <p class="results__order" data-order aria-live="polite">${!waits && AS_FOUND}</p>
                <button type="button" class="why" data-action="why">Why this order?</button>
              </div>
              <div data-results ${waits ? html`aria-busy="true"` : html`data-ranked="false"`}>${waits ? skeleton(found.length) : grid(found, 'h2')}</div>
            </div>`
      }`,
    arrive(element) {
      if (query !== '') kith.track(searched(query, found.length));
      if (waits) void order(element, found);
    },
  };
}
