/** Slots that the tag fills with an offer, and what stands in them until it does. */

import { html } from './html.ts';
import type { Html } from './html.ts';

export interface HeroContent {
  readonly theme: string;
  readonly image: string;
  readonly eyebrow: string;
  readonly title: string;
  readonly text: string;
  readonly url: string;
  readonly cta: string;
}

/** The same markup as the hero template of the source definition. */
function hero(content: HeroContent): Html {
  return html`
    <div class="hero hero--${content.theme}">
      <img class="hero__art" src="${content.image}" alt="" width="1040" height="720" />
      <div class="hero__copy">
        <p class="hero__eyebrow">${content.eyebrow}</p>
        <h2 class="hero__title">${content.title}</h2>
        <p class="hero__text">${content.text}</p>
        <a class="button button--light" href="${content.url}">${content.cta}</a>
      </div>
    </div>`;
}

const HERO_OWN: HeroContent = {
  theme: 'forest',
  image: '/shop/images/scene-dawn.svg',
  eyebrow: 'The autumn range',
  title: 'Out early, home by lamplight',
  text: 'Thirty-six things for the hills and the house, made to be mended.',
  url: '/shop/all',
  cta: 'See the whole range',
};

/** The frame keeps the height whatever the slot shows, also while the tag hides it. */
export function heroSlot(): Html {
  return html`
    <section class="hero-frame" aria-label="Today at Larkfell">
      <div class="hero-frame__skeleton" aria-hidden="true"></div>
      <div class="kith-slot hero-slot" id="kith-hero">${hero(HERO_OWN)}</div>
      <button type="button" class="why why--hero" data-action="why">Why this?</button>
    </section>`;
}

export function cartOfferSlot(): Html {
  return html`
    <aside class="offer-frame" aria-label="Offer">
      <div class="kith-slot offer-slot" id="kith-cart-offer">
        <div class="offer offer--sand">
          <p class="offer__title">A hundred days to change your mind</p>
          <p class="offer__text">Send it back for nothing if it does not suit your hills.</p>
          <p class="offer__row"><code class="offer__code"></code>
          <button type="button" class="offer__apply" data-apply="">Apply</button></p>
        </div>
      </div>
      <button type="button" class="why" data-action="why">Why this?</button>
    </aside>`;
}
