// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { consent } from '../src/consent.ts';
import { productById } from '../src/range.ts';
import type { Product } from '../src/catalog.ts';
import { inOrder, mayRank, rank, readRanked } from '../src/rerank.ts';
import { searchPage } from '../src/views/search.ts';

const IDS = ['fell-boot', 'steel-kettle', 'enamel-mug'];
const found = IDS.flatMap((id) => productById(id) ?? []) as Product[];
const ids = (products: readonly Product[]): string[] => products.map(({ item_id }) => item_id);
const ranked = (...order: string[]) => ({
  placement: 'search_results',
  decision_id: 'd1',
  fallback: false,
  choices: order.map((id) => ({ kind: 'item', id, content: {}, reasons: [`Because they looked at "${id}"`, 'Came 1st of those found'] })),
});

/** A tag that knows the visitor, and a server that answers like this. */
function shop(answer: () => Promise<Response>): void {
  document.documentElement.dataset['kith'] = 'ready';
  window.kith = (method, ...given) => {
    if (method === 'ready') (given[0] as (person: object) => void)({ anonymous_id: 'a-1', user_id: null });
  };
  vi.stubGlobal('fetch', vi.fn(answer));
}

const answers = (body: unknown, status = 200) => async (): Promise<Response> => new Response(JSON.stringify(body), { status });

beforeEach(() => {
  shop(answers(null));
  consent.acceptAll();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('the order of search results', () => {
  it('is the one that Kith answers, each product once', async () => {
    shop(answers(ranked('enamel-mug', 'nowhere', 'enamel-mug', 'fell-boot')));
    const decision = await rank(found);
    expect(decision && ids(inOrder(found, decision))).toEqual(['enamel-mug', 'fell-boot', 'steel-kettle']);
    const [[url, request]] = vi.mocked(fetch).mock.calls as [[string, RequestInit]];
    expect(url).toMatch(/^\/v1\/rerank\?writeKey=/);
    expect(JSON.parse(String(request.body))).toMatchObject({ placement: 'search_results', items: IDS, identifiers: { anonymous_id: 'a-1' } });
  });

  it('stays as found after an error, nonsense, or when nothing is known', async () => {
    const bad = [null, 7, {}, { decision_id: 'd', choices: 3 }, { ...ranked('enamel-mug'), fallback: true }];
    for (const answer of bad) expect(readRanked(answer)).toBeNull();
    for (const answer of [answers({}, 404), answers({}, 503), () => Promise.reject(new Error('down'))]) {
      shop(answer);
      expect(await rank(found)).toBeNull();
    }
  });

  it('stays as found when the answer is late', async () => {
    vi.useFakeTimers();
    shop(() => new Promise(() => {}));
    const asked = rank(found);
    await vi.advanceTimersByTimeAsync(1500);
    expect(await asked).toBeNull();
  });

  it('is not asked for without consent', () => {
    expect(mayRank()).toBe(true);
    consent.onlyNecessary();
    expect(mayRank()).toBe(false);
  });
});

describe('the search page', () => {
  const opened = (): HTMLElement => {
    const page = searchPage('wool');
    document.body.innerHTML = `<main>${page.content.text}</main>`;
    const frame = { go: vi.fn(), replace: vi.fn(), redraw: vi.fn(), say: vi.fn() };
    page.arrive?.(document.body, frame);
    return document.body;
  };
  const shown = (): (string | null)[] => [...document.querySelectorAll('.card__link')].map((link) => link.getAttribute('href'));

  it('waits behind a skeleton, then shows the order and why', async () => {
    consent.onlyNecessary();
    opened();
    const asFound = shown();
    expect(asFound.length).toBeGreaterThan(2);
    consent.acceptAll();
    const order = asFound.map((url) => url?.split('/').at(-1) ?? '').reverse();
    shop(answers(ranked(...order)));
    opened();
    expect(shown()).toEqual([]);
    await vi.waitFor(() => expect(shown()).toEqual([...asFound].reverse()));
    expect(document.querySelector('.card__reason')?.textContent).toBe(`You looked at “${order[0]}”`);
    expect(document.querySelector('[aria-busy]')).toBeNull();
  });

  it('shows what was found when Kith does not answer', async () => {
    shop(answers({}, 500));
    opened();
    await vi.waitFor(() => expect(shown().length).toBeGreaterThan(2));
    expect(document.querySelector('[data-order]')?.textContent).toBe('Best match first');
    expect(document.querySelector('.card__reason')).toBeNull();
  });
});
