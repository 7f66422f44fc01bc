// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { html } from '../src/html.ts';
import { PRODUCTS } from '../src/range.ts';
import { fillFrom, giveUp, openShelves, shelfHtml } from '../src/views/shelf.ts';
import type { Shelf } from '../src/views/shelf.ts';

const SHELF: Shelf = {
  placement: 'also_like',
  title: 'You may also like',
  count: 4,
  own: PRODUCTS.slice(0, 4),
  ownNote: 'Our own',
};

const item = (index: number) => {
  const product = PRODUCTS[index];
  return { kind: 'item', id: product?.item_id ?? '', content: { ...product }, reasons: [`Reason ${index}.`] };
};

function opened(status: string): HTMLElement {
  document.documentElement.dataset['kith'] = status;
  document.body.innerHTML = html`<main>${shelfHtml(SHELF)}</main>`.text;
  openShelves(document.body, [SHELF]);
  return document.body;
}

const links = (): string[] => [...document.querySelectorAll<HTMLAnchorElement>('.card__link')].map((link) => link.pathname);
const note = (): string | null | undefined => document.querySelector('[data-note]')?.textContent;

describe('a shelf', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  it('waits behind a skeleton and shows the choice with its reason', () => {
    opened('ready');
    expect(document.querySelectorAll('.card--skeleton')).toHaveLength(4);
    fillFrom({ placement: 'also_like', decision_id: 'd1', choices: [item(9), item(8)] });
    expect(links()).toEqual([PRODUCTS[9]?.url, PRODUCTS[8]?.url]);
    expect([...document.querySelectorAll('.card__reason')].map((each) => each.textContent)).toEqual(['Reason 9.', 'Reason 8.']);
    // By this mark the tag reports each card as seen or clicked.
    expect(document.querySelector('.card')?.getAttribute('data-kith-choice')).toBe(PRODUCTS[9]?.item_id);
  });

  it('stands on its own without Kith, and when the tag is blocked', () => {
    opened('off');
    expect(links()).toEqual(SHELF.own.map(({ url }) => url));
    opened('loading');
    expect(links()).toEqual([]);
    document.documentElement.dataset['kith'] = 'failed';
    giveUp();
    expect(links()).toHaveLength(4);
    expect(document.querySelector('[data-kith-choice]')).toBeNull();
  });

  it('fills itself when no answer comes, and when the answer is empty', () => {
    opened('ready');
    vi.advanceTimersByTime(3000);
    expect(note()).toBe('Our own');
    opened('ready');
    fillFrom({ placement: 'also_like', decision_id: 'd2', choices: [], fallback: true });
    expect(note()).toBe('Our own');
  });

  it('does not show offers, nor decisions for other places', () => {
    opened('ready');
    fillFrom({ placement: 'home_hero', choices: [item(1)] });
    expect(links()).toEqual([]);
    fillFrom({ placement: 'also_like', choices: [{ kind: 'offer', id: 'fallback', content: {} }] });
    expect(note()).toBe('Our own');
  });
});

describe('html', () => {
  it('escapes what is put into it, and only that', () => {
    expect(html`<p title="${'"<&'}">${html`<b>${'<'}</b>`}${[1, false, null, 'x']}</p>`.text).toBe('<p title="&quot;&lt;&amp;"><b>&lt;</b>1x</p>');
  });
});
