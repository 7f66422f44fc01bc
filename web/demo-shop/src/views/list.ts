/** The range or one category, filtered and sorted by the address alone. */

import { CATEGORIES, parseSort, select } from '../catalog.ts';
import type { Filter, Product } from '../catalog.ts';
import { listViewed } from '../events.ts';
import { label } from '../format.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import * as kith from '../kith.ts';
import { PRODUCTS, valuesOf } from '../range.ts';
import { links } from '../router.ts';
import { productCard } from './card.ts';
import { missingPage } from './missing.ts';
import type { Frame, Page } from './page.ts';

const SORTS: readonly (readonly [string, string])[] = [
  ['featured', 'Featured'],
  ['price-up', 'Price, lowest first'],
  ['price-down', 'Price, highest first'],
  ['rating', 'Best rated'],
];

export function grid(
  products: readonly Product[],
  heading: 'h2' | 'h3',
  reasonOf: (product: Product) => string | undefined = () => undefined,
): Html {
  return html`<ul class="grid">${products.map((product, index) => {
    const reason = reasonOf(product);
    return html`<li>${productCard(product, { heading, eager: index < 8, ...(reason !== undefined && { reason }) })}</li>`;
  })}</ul>`;
}

function choice(name: string, title: string, options: readonly (readonly [string, string])[], held: string): Html {
  return html`
    <label class="select"><span class="select__label">${title}</span>
      <select name="${name}">
        ${options.map(([value, text]) => html`<option value="${value}" ${value === held && html`selected`}>${text}</option>`)}
      </select>
    </label>`;
}

function chips(held: string | null): Html {
  const chip = (href: string, text: string, current: boolean): Html =>
    html`<li><a class="chip" href="${href}" ${current && html`aria-current="page"`}>${text}</a></li>`;
  return html`
    <nav aria-label="Filter by category"><ul class="chips">
      ${chip(links.all, 'Everything', held === null)}
      ${CATEGORIES.map(({ id, title }) => chip(links.category(id), title, id === held))}
    </ul></nav>`;
}

function filters(all: readonly Product[], filter: Filter): Html {
  const any = (text: string, values: readonly string[]): (readonly [string, string])[] => [
    ['', text],
    ...values.map((value) => [value, label(value)] as const),
  ];
  const brands = valuesOf(all, (product) => product.brand);
  const colours = valuesOf(all, (product) => product.attributes.colour);
  return html`
    <form class="filters" data-filters aria-label="Filter and sort">
      ${choice('brand', 'Brand', [['', 'All brands'], ...brands.map((brand) => [brand, brand] as const)], filter.brand ?? '')}
      ${choice('colour', 'Colour', any('All colours', colours), filter.colour ?? '')}
      ${choice('sort', 'Sort by', SORTS, filter.sort)}
      <noscript><button>Apply</button></noscript>
    </form>`;
}

function wire(element: HTMLElement, frame: Frame, base: string): void {
  const form = element.querySelector<HTMLFormElement>('[data-filters]');
  form?.addEventListener('change', (event) => {
    const held = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      const plain = value === '' || (name === 'sort' && value === 'featured');
      if (!plain) held.set(name, String(value));
    }
    const changed = event.target as HTMLSelectElement;
    const query = held.toString();
    frame.replace(query === '' ? base : `${base}?${query}`);
    frame.redraw(`select[name="${changed.name}"]`);
  });
}

export function listPage(categoryId: string | null, query: URLSearchParams): Page {
  const category = CATEGORIES.find(({ id }) => id === categoryId);
  if (categoryId !== null && category === undefined) return missingPage();
  const all = select(PRODUCTS, { category: categoryId, brand: null, colour: null, sort: 'featured' });
  const known = (name: string, values: readonly string[]): string | null => {
    const given = query.get(name);
    return given !== null && values.includes(given) ? given : null;
  };
  const filter: Filter = {
    category: categoryId,
    brand: known('brand', all.map((product) => product.brand)),
    colour: known('colour', all.map((product) => product.attributes.colour)),
    sort: parseSort(query.get('sort')),
  };
  const products = select(PRODUCTS, filter);
  const base = categoryId === null ? links.all : links.category(categoryId);
  const wired = (element: HTMLElement, frame: Frame): void => wire(element, frame, base);
  return {
    title: `${category?.title ?? 'Everything'} · Larkfell`,
    content: html`
      <header class="page-head">
        <h1 tabindex="-1">${category?.title ?? 'Everything'}</h1>
        <p class="lead">${category?.lead ?? 'The whole range, thirty-six things and not one too many.'}</p>
      </header>
      <div class="list-tools">${chips(categoryId)}${filters(all, filter)}</div>
      <p class="count" aria-live="polite">${products.length} ${products.length === 1 ? 'product' : 'products'}</p>
      ${
        products.length > 0
          ? grid(products, 'h2')
          : html`<div class="empty"><p>Nothing fits all of that.</p><a class="button" href="${base}">Clear the filters</a></div>`
      }`,
    arrive(element, frame) {
      wired(element, frame);
      kith.track(listViewed(categoryId ?? 'all', categoryId, products));
    },
    redrawn: wired,
  };
}
