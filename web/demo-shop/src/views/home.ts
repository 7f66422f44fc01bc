/** The home page: hero, categories, picks, what was seen last. */

import { CATEGORIES, staffPicks } from '../catalog.ts';
import { html } from '../html.ts';
import { icon } from '../icons.ts';
import { PRODUCTS, productById } from '../range.ts';
import { links } from '../router.ts';
import { heroSlot } from '../slots.ts';
import type { Page } from './page.ts';
import { openShelves, shelfHtml } from './shelf.ts';
import type { Shelf } from './shelf.ts';

const FACES: Readonly<Record<string, string>> = {
  shoes: 'fell-boot',
  clothing: 'island-jumper',
  bags: 'dayhike-22',
  camp: 'glow-lantern',
  kitchen: 'steel-kettle',
  home: 'linen-cushion',
  garden: 'watering-can',
};

export function recentlyViewed(): Shelf {
  return {
    placement: 'recently_viewed',
    title: 'Recently viewed',
    count: 6,
    small: true,
    own: [],
    ownNote: '',
    note: 'What you looked at last',
    emptyNote: 'Products you look at appear here, once you allow personalisation.',
  };
}

export function picks(): Shelf {
  return {
    placement: 'home_recommendations',
    title: 'Picked for you',
    count: 4,
    own: staffPicks(PRODUCTS, { count: 4 }),
    ownNote: 'The best rated things in the shop',
  };
}

export function homePage(): Page {
  const shelves = [picks(), recentlyViewed()];
  const [first, second] = shelves.map(shelfHtml);
  return {
    title: 'Larkfell · Gear for the hills, things for the house',
    content: html`
      <h1 class="visually-hidden" tabindex="-1">Larkfell: gear for the hills, things for the house</h1>
      ${heroSlot()}
      <section aria-labelledby="categories">
        <h2 class="section-title" id="categories">Where to?</h2>
        <ul class="tiles">
          ${CATEGORIES.map(
            ({ id, title }) => html`
              <li><a class="tile" href="${links.category(id)}">
                <img src="${productById(FACES[id] ?? '')?.image_url}" alt="" width="400" height="400" />
                <span class="tile__title">${title}</span>
              </a></li>`,
          )}
        </ul>
      </section>
      ${first}
      <section class="promises" aria-label="What we promise">
        <div>${icon('needle')}<p><strong>Mended for life</strong><span>Send it in; we sew it up.</span></p></div>
        <div>${icon('loop')}<p><strong>100 days to return</strong><span>Walked in or not.</span></p></div>
        <div>${icon('truck')}<p><strong>Free shipping from €80</strong><span>By train where trains go.</span></p></div>
        <div>${icon('shield')}<p><strong>Your data stays here</strong><span>Kith runs on our own machine.</span></p></div>
      </section>
      ${second}`,
    arrive: (element) => openShelves(element, shelves),
  };
}
