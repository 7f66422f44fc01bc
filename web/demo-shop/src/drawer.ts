/** The drawer "What Kith knows about me": the profile, and why this page looks as it does. */

import { consent } from './consent.ts';
import { drawerBody } from './drawer-body.ts';
import type { Answer } from './drawer-body.ts';
import { heard } from './heard.ts';
import { fill, html } from './html.ts';
import { icon } from './icons.ts';
import * as kith from './kith.ts';
import { parsePerson } from './person.ts';

/** An event is visible to decisions in milliseconds; the tag sends batches every two seconds. */
const REFETCH_MS = 2500;
const FETCH_LIMIT_MS = 5000;

export interface Drawer {
  open(section?: string): void;
}

async function ask(): Promise<Answer> {
  const status = kith.status();
  if (status === 'off' || status === 'failed') return { is: status };
  if (consent.made?.analytics !== true && consent.made?.personalization !== true) {
    return { is: 'no-consent', asked: consent.made !== null };
  }
  const visitor = await kith.visitor();
  if (visitor === null) return { is: 'waiting' };
  try {
    const address = `/demo/profile?anonymous_id=${encodeURIComponent(visitor.anonymous_id)}`;
    const response = await fetch(address, { signal: AbortSignal.timeout(FETCH_LIMIT_MS) });
    if (response.status === 404) return { is: 'unknown' };
    if (!response.ok) return { is: 'error', status: response.status };
    const person = parsePerson(await response.json());
    return person === null ? { is: 'error', status: 0 } : { is: 'known', person, visitor };
  } catch {
    return { is: 'error', status: 0 };
  }
}

export function startDrawer(onConsent: () => void): Drawer {
  const dialog = document.createElement('dialog');
  dialog.className = 'drawer';
  dialog.setAttribute('aria-labelledby', 'drawer-title');
  fill(
    dialog,
    html`
      <div class="drawer__head">
        <h2 id="drawer-title" tabindex="-1">What Kith knows about me</h2>
        <button type="button" class="icon-button" data-refresh aria-label="Ask again">${icon('refresh')}</button>
        <button type="button" class="icon-button" data-close aria-label="Close">${icon('close')}</button>
      </div>
      <div class="drawer__body" data-body tabindex="0" role="region" aria-labelledby="drawer-title"></div>`,
  );
  document.body.append(dialog);
  const body = dialog.querySelector<HTMLElement>('[data-body]');
  let answer: Answer = { is: 'waiting' };
  let timer = 0;

  const draw = (): void => {
    if (body === null || !dialog.open) return;
    fill(body, drawerBody(answer, heard.decisions, heard.events, Date.now()));
    for (const bar of body.querySelectorAll<HTMLElement>('[data-share]')) {
      bar.style.inlineSize = `${bar.dataset['share']}%`;
    }
  };
  const refresh = async (): Promise<void> => {
    answer = await ask();
    draw();
  };

  heard.onChange(() => {
    if (!dialog.open) return;
    draw();
    clearTimeout(timer);
    timer = window.setTimeout(() => void refresh(), REFETCH_MS);
  });
  kith.onStatus(() => void (dialog.open && refresh()));
  dialog.addEventListener('click', (event) => {
    const target = event.target as Element;
    // A click on the dialog itself is one on its backdrop: the content fills the box.
    if (target === dialog || target.closest('[data-close], a') !== null) dialog.close();
    else if (target.closest('[data-refresh]') !== null) void refresh();
    else if (target.closest('[data-consent]') !== null) {
      dialog.close();
      onConsent();
    }
  });
  dialog.addEventListener('close', () => clearTimeout(timer));

  return {
    open(section) {
      dialog.showModal();
      draw();
      dialog.querySelector<HTMLElement>('#drawer-title')?.focus();
      void refresh().then(() => {
        if (section !== undefined) body?.querySelector(`#${section}`)?.scrollIntoView();
      });
    },
  };
}
