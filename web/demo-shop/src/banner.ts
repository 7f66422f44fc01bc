/** The consent banner: three answers of equal weight, and the choices in detail. */

import { consent, NOTHING, privacySignal } from './consent.ts';
import { html } from './html.ts';
import * as kith from './kith.ts';
import { links } from './router.ts';
import { choicesHtml, readChoices, SIGNAL_TEXT } from './views/privacy.ts';

export interface Banner {
  open(): void;
}

/** `done` runs after every choice. */
export function startBanner(done: (says: string) => void): Banner {
  const banner = document.createElement('section');
  banner.className = 'consent';
  banner.setAttribute('aria-label', 'Your privacy');
  banner.tabIndex = -1;
  let opener: Element | null = null;

  const close = (says: string): void => {
    banner.remove();
    done(says);
    if (opener instanceof HTMLElement) opener.focus();
    opener = null;
  };

  const draw = (detailed: boolean): void => {
    banner.innerHTML = html`
      <div class="consent__in">
        <h2 class="consent__title">May Kith remember you?</h2>
        <p>${
          privacySignal()
            ? SIGNAL_TEXT
            : 'With your consent, Kith keeps what you look at on our own machine and picks things for you. Without it, the shop works all the same.'
        } <a href="${links.privacy}">More</a></p>
        <form data-choices>
          ${detailed && choicesHtml(consent.made ?? NOTHING, 'banner')}
          <div class="consent__buttons">
            ${
              detailed
                ? html`<button class="button button--answer" name="do" value="keep">Keep my choice</button>`
                : html`<button type="button" class="button button--answer" data-do="choose" aria-expanded="false">Choose</button>`
            }
            <button type="button" class="button button--answer" data-do="necessary">Only necessary</button>
            <button type="button" class="button button--answer" data-do="all">Accept all</button>
          </div>
        </form>
      </div>`.text;
  };

  banner.addEventListener('click', (event) => {
    const action = (event.target as Element).closest<HTMLElement>('[data-do]')?.dataset['do'];
    if (action === 'choose') {
      draw(true);
      banner.querySelector<HTMLElement>('input:not([disabled])')?.focus();
    } else if (action === 'necessary') {
      consent.onlyNecessary();
      close('Only what is necessary is kept.');
    } else if (action === 'all') {
      consent.acceptAll();
      close('Thank you. Kith remembers you from now on.');
    }
  });
  banner.addEventListener('submit', (event) => {
    event.preventDefault();
    consent.choose(readChoices(event.target as HTMLFormElement));
    close('Your choice is kept.');
  });

  const place = (detailed: boolean): void => {
    draw(detailed);
    // Just after the skip link in reading order: keyboard and screen reader meet it early.
    document.querySelector('.skip')?.after(banner);
  };
  // Without Kith there is nothing to consent to.
  if (consent.made === null && kith.status() !== 'off') place(false);
  return {
    open() {
      opener = document.activeElement;
      place(true);
      banner.focus();
    },
  };
}
