// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { drawerBody, grouped } from '../src/drawer-body.ts';
import { ago, label, toYou, value } from '../src/format.ts';
import { parsePerson } from '../src/person.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');

const PERSON = {
  person_id: 'p1',
  display_name: 'Ada <b>',
  identifiers: [
    { namespace: 'user_id', value: 'u_1', first_seen_at: 'x', last_seen_at: 'x', event_count: 3 },
    { namespace: 'anonymous_id', value: 'a-1', event_count: 9 },
  ],
  traits: { email: 'ada@example.org', empty: '' },
  features: { purchase_count: 2, last_seen_at: '2026-11-21T11:58:00Z', last_search: null },
  affinities: { category: { shoes: 0.62, camp: 0.3, home: 0 }, brand: {} },
  consents: { analytics: { granted: true, at: '2026-11-20T12:00:00Z', source: 'demo_shop' } },
  links: [
    { reason: 'Both were in one identify event.', state: 'active' },
    { reason: 'Too many.', state: 'refused' },
  ],
  first_seen_at: '2026-11-19T12:00:00Z',
  last_seen_at: '2026-11-21T11:58:00Z',
  event_count: 12,
};

describe('the profile', () => {
  it('is read part by part', () => {
    const person = parsePerson(PERSON);
    expect(person?.affinities).toEqual([{ attribute: 'category', liked: [{ value: 'shoes', share: 0.62 }, { value: 'camp', share: 0.3 }] }]);
    expect(person?.links).toEqual(['Both were in one identify event.']);
    expect(person?.consents).toEqual([{ category: 'analytics', granted: true, at: '2026-11-20T12:00:00Z' }]);
  });

  it('is nobody without a person_id, and never breaks', () => {
    for (const broken of [null, 'x', [], {}, { person_id: 7 }]) expect(parsePerson(broken)).toBeNull();
    expect(parsePerson({ person_id: 'p', identifiers: 3, affinities: [], links: [null] })).toMatchObject({ person_id: 'p', identifiers: [], affinities: [], links: [] });
  });
});

describe('the drawer', () => {
  const body = (answer: Parameters<typeof drawerBody>[0]): HTMLElement => {
    const element = document.createElement('div');
    element.innerHTML = drawerBody(answer, [], [], NOW).text;
    return element;
  };

  it('shows a known person, with bars for what they like', () => {
    const person = parsePerson(PERSON);
    if (person === null) throw new Error('the person above is complete');
    const element = body({ is: 'known', person, visitor: { anonymous_id: 'a-1', user_id: 'u_1' } });
    expect(element.querySelector('.who__name')?.textContent).toBe('Ada <b>');
    expect([...element.querySelectorAll<HTMLElement>('[data-share]')].map((bar) => bar.dataset['share'])).toEqual(['62', '30']);
    expect(element.textContent).toContain('2 minutes ago');
    expect(element.textContent).not.toContain('Last search');
    // The page's policy forbids style attributes.
    expect(element.querySelector('[style]')).toBeNull();
  });

  it('says why there is nothing', () => {
    expect(body({ is: 'no-consent', asked: true }).textContent).toContain('You allowed neither');
    expect(body({ is: 'unknown' }).textContent).toContain('no events of this browser');
    expect(body({ is: 'error', status: 503 }).textContent).toContain('status 503');
    expect(body({ is: 'off' }).querySelector('#know-why')).toBeNull();
  });

  it('tells equal reasons in one breath', () => {
    const choice = (id: string, ...reasons: string[]) => ({ kind: 'item', id, content: { title: id.toUpperCase() }, reasons });
    expect(grouped([choice('a', 'x'), choice('b', 'x'), choice('c', 'y'), choice('d', 'x')])).toEqual([
      { titles: ['A', 'B'], reasons: ['x'] },
      { titles: ['C'], reasons: ['y'] },
      { titles: ['D'], reasons: ['x'] },
    ]);
  });
});

describe('words', () => {
  it('for reasons, said to the person', () => {
    expect(toYou('Because they looked at "Their Mug": people who did also look at this')).toBe('You looked at “Their Mug”: people who did also look at this');
    expect(toYou('Like "X", which they put into the cart')).toBe('Like “X”, which you put into the cart');
    expect(toYou('Because they are interested in the category "shoes"')).toBe('You are interested in the category “shoes”');
    expect(toYou('Goes on from visits like this one, of which 34 were compared')).toBe('People on visits like yours went on to this');
    expect([toYou('Popular now'), toYou('')]).toEqual(['Popular now', '']);
  });

  it('for names, times and values', () => {
    expect(label('purchase_count')).toBe('Orders');
    expect(label('some_new-feature')).toBe('Some new feature');
    expect(ago('2026-11-21T11:59:40Z', NOW)).toBe('just now');
    expect(ago('2026-11-20T12:00:00Z', NOW)).toBe('yesterday');
    expect(ago('not a time', NOW)).toBe('not a time');
    expect([value('x', true, NOW), value('x', 1234.567, NOW), value('x', ['a', 1], NOW), value('x', null, NOW)]).toEqual(['yes', '1,234.57', 'a, 1', '–']);
  });
});
