/**
 * Shelves of products that Kith chooses: a skeleton first, then its choice, else the shop's own.
 * The tag asks for them (placements of mode "event") and reports what was seen and clicked.
 */

import { readItem } from '../catalog.ts';
import type { Product } from '../catalog.ts';
import { toYou } from '../format.ts';
import { heard } from '../heard.ts';
import { fill, html } from '../html.ts';
import type { Html } from '../html.ts';
import * as kith from '../kith.ts';
import type { Decision } from '../kith.ts';
import { productById } from '../range.ts';
import { productCard, skeletonCard } from './card.ts';

export interface Shelf {
  readonly placement: string;
  readonly title: string;
  readonly count: number;
  readonly small?: boolean;
  /** What stands there when Kith has nothing to say. */
  readonly own: readonly Product[];
  readonly ownNote: string;
  /** Above what Kith chose. */
  readonly note?: string;
  /** Shown when there is nothing at all. */
  readonly emptyNote?: string;
}

interface Placed {
  readonly product: Product;
  readonly choiceId?: string;
  readonly reason?: string;
}

/** The tag gives up on a decision after 5 s; by then nobody should look at a skeleton. */
const OWN_AFTER_MS = 3000;

let open: readonly { readonly shelf: Shelf; readonly section: HTMLElement }[] = [];

export function shelfHtml(shelf: Shelf): Html {
  const id = `shelf-${shelf.placement}`;
  return html`
    <section class="shelf ${shelf.small === true && 'shelf--small'}" aria-labelledby="${id}">
      <div class="shelf__head">
        <div>
          <h2 class="shelf__title" id="${id}">${shelf.title}</h2>
          <p class="shelf__note" data-note></p>
        </div>
        <button type="button" class="why" data-action="why">Why these?</button>
      </div>
      <div class="shelf__body" data-shelf="${shelf.placement}">
        <ul class="shelf__list" aria-hidden="true">
          ${Array.from({ length: shelf.count }, () => html`<li>${skeletonCard()}</li>`)}
        </ul>
      </div>
    </section>`;
}

function chosen(decision: Decision): Placed[] {
  return decision.choices.flatMap((choice) => {
    if (choice.kind !== 'item') return [];
    const product = readItem(choice.content) ?? productById(choice.id);
    const [reason] = choice.reasons ?? [];
    return product === undefined
      ? []
      : [{ product, choiceId: choice.id, ...(reason !== undefined && { reason: toYou(reason) }) }];
  });
}

function show(section: HTMLElement, shelf: Shelf, placed: readonly Placed[], note: string): void {
  const body = section.querySelector('[data-shelf]');
  const line = section.querySelector('[data-note]');
  if (body === null || line === null) return;
  section.classList.add('shelf--filled');
  line.textContent = placed.length === 0 ? '' : note;
  const cards = placed.map(
    ({ product, ...chosen }) => html`<li>${productCard(product, { heading: 'h3', ...chosen })}</li>`,
  );
  fill(
    body,
    placed.length === 0
      ? html`<p class="shelf__empty">${shelf.emptyNote ?? 'Nothing here yet.'}</p>`
      : html`<ul class="shelf__list">${cards}</ul>`,
  );
}

function showOwn(section: HTMLElement, shelf: Shelf): void {
  const placed = shelf.own.slice(0, shelf.count).map((product) => ({ product }));
  show(section, shelf, placed, shelf.ownNote);
}

function showOwnWhereEmpty(): void {
  for (const { section, shelf } of open) {
    if (!section.classList.contains('shelf--filled')) showOwn(section, shelf);
  }
}

/** Called once a page, when its shelves are in `main`. */
export function openShelves(main: HTMLElement, shelves: readonly Shelf[]): void {
  const mine = shelves.flatMap((shelf) => {
    const section = main
      .querySelector(`[data-shelf="${shelf.placement}"]`)
      ?.closest<HTMLElement>('.shelf');
    return section ? [{ shelf, section }] : [];
  });
  open = mine;
  // Drawn again on the same page: what was decided for it still stands.
  for (const decision of heard.decisions) fillFrom(decision);
  if (kith.status() === 'off' || kith.status() === 'failed') return showOwnWhereEmpty();
  setTimeout(() => {
    if (open === mine) showOwnWhereEmpty();
  }, OWN_AFTER_MS);
}

/** A tag that never came: the shop fills its shelves itself. */
export function giveUp(): void {
  if (kith.status() === 'failed') showOwnWhereEmpty();
}

export function fillFrom(decision: Decision): void {
  const place = open.find(({ shelf }) => shelf.placement === decision.placement);
  if (place === undefined || !place.section.isConnected) return;
  const { section, shelf } = place;
  const placed = chosen(decision).slice(0, shelf.count);
  if (placed.length === 0) return showOwn(section, shelf);
  show(section, shelf, placed, shelf.note ?? 'Chosen for you by Kith');
}
