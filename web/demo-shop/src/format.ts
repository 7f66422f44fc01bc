/** Facts in words: names of features and placements, times, and values of any kind. */

const NAMES: Readonly<Record<string, string>> = {
  event_count: 'Events',
  page_view_count: 'Pages seen',
  product_view_count: 'Products looked at',
  cart_add_count: 'Times put in the cart',
  cart_item_count: 'Items in the cart now',
  purchase_count: 'Orders',
  purchase_revenue: 'Spent',
  first_seen_at: 'First seen',
  last_seen_at: 'Last seen',
  first_purchase_at: 'First order',
  last_purchase_at: 'Last order',
  days_since_last_seen: 'Days since last seen',
  days_since_last_purchase: 'Days since last order',
  last_viewed_item: 'Last product',
  last_viewed_category: 'Last category',
  last_search: 'Last search',
  first_referrer: 'First came from',
  first_campaign_source: 'First campaign',
  last_campaign_source: 'Last campaign',
  device_type: 'Device',
  os: 'Operating system',
  user_id: 'Customer number',
  anonymous_id: 'This browser',
  email: 'E-mail',
  home_hero: 'The large picture on the home page',
  home_recommendations: 'Picked for you',
  also_like: 'You may also like',
  recently_viewed: 'Recently viewed',
  cart_offer: 'The offer in the cart',
  cart_recommendations: 'Goes well with your cart',
  search_results: 'The order of search results',
  personalization: 'Personalisation',
};

export function label(name: string): string {
  const known = NAMES[name];
  if (known !== undefined) return known;
  const words = name.replace(/[_-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

export function ago(at: string, now: number): string {
  const then = Date.parse(at);
  if (Number.isNaN(then)) return at;
  const seconds = Math.round((then - now) / 1000);
  for (const [unit, length] of UNITS) {
    if (Math.abs(seconds) >= length) return RELATIVE.format(Math.trunc(seconds / length), unit);
  }
  return 'just now';
}

export function value(name: string, given: unknown, now: number): string {
  if (given === null || given === undefined || given === '') return '–';
  if (typeof given === 'boolean') return given ? 'yes' : 'no';
  if (name.endsWith('_at')) return ago(String(given), now);
  if (typeof given === 'number') {
    return new Intl.NumberFormat('en', { maximumFractionDigits: 2 }).format(given);
  }
  if (Array.isArray(given)) return given.map((each) => value('', each, now)).join(', ');
  if (typeof given === 'object') return JSON.stringify(given);
  return String(given);
}

const TO_YOU: readonly (readonly [RegExp, string])[] = [
  [/\bthey\b/g, 'you'],
  [/\bthem\b/g, 'you'],
  [/\btheirs\b/g, 'yours'],
  [/\btheir\b/g, 'your'],
];

/** How visits are compared is for the shop to know; the person is told what came of it. */
const VISITS: readonly (readonly [RegExp, string])[] = [
  [/^Goes on from visits like this one, of which \d+ were compared$/, 'People on visits like yours went on to this'],
  [/^Went on from a visit like this one$/, 'Somebody on a visit like yours went on to this'],
];

/** Kith's reasons speak about a person; here they speak to the person. What is quoted stays. */
export function toYou(reason: string): string {
  for (const [said, words] of VISITS) if (said.test(reason)) return words;
  const parts = reason.replace(/^Because /, '').split('"');
  const said = parts
    .map((part, index) =>
      index % 2 === 1 ? part : TO_YOU.reduce((text, [of, to]) => text.replace(of, to), part),
    )
    .reduce((text, part, index) => `${text}${index % 2 === 1 ? '“' : '”'}${part}`);
  return said.charAt(0).toUpperCase() + said.slice(1);
}
