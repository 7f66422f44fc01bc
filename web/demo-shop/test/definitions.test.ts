// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { shopImages } from '../art/images.ts';
import { add, findVoucher } from '../src/cart.ts';
import { PRODUCTS } from '../src/range.ts';
import { parseRoute } from '../src/router.ts';
import { cartOfferSlot, heroSlot } from '../src/slots.ts';
import { store } from '../src/store.ts';
import { cartPage } from '../src/views/cart.ts';
import { homePage } from '../src/views/home.ts';
import { productPage } from '../src/views/product.ts';

const FILES = import.meta.glob<string>('../../../examples/demo/definitions/*.yaml', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const text = Object.values(FILES).join('\n');
const source = Object.entries(FILES).find(([path]) => path.endsWith('source-demo_shop.yaml'))?.[1] ?? '';
const all = (pattern: RegExp, within = text): string[] => [...within.matchAll(pattern)].map((match) => match[1] ?? '');

describe('the definitions of the demo', () => {
  it('name each definition in its file name', () => {
    for (const [path, content] of Object.entries(FILES)) {
      const [kind] = all(/^kind: (.+)$/gm, content);
      const [id] = all(/^id: (.+)$/gm, content);
      expect(path).toContain(`/${kind}-${id}.yaml`);
    }
  });

  it('lead to pages, pictures and vouchers of this shop', () => {
    const images = shopImages(PRODUCTS);
    for (const image of all(/image: \/shop\/images\/(.+)$/gm)) expect([...images.keys()]).toContain(image);
    for (const url of all(/url: (\/.+)$/gm)) {
      const { pathname, search } = new URL(url, 'http://x');
      expect(parseRoute(pathname, search).page, url).not.toBe('missing');
    }
    const codes = all(/code: ([A-Z0-9]+)$/gm);
    expect(codes.length).toBeGreaterThan(0);
    for (const code of codes) expect(findVoucher(code)?.code).toBe(code);
  });

  it('fill slots that the shop has', () => {
    store.setCart(add(store.cart, { item_id: 'fell-boot', variant: null, quantity: 1, price: 18900 }));
    const drawn = document.createElement('div');
    drawn.innerHTML = [homePage(), cartPage(), productPage('steel-kettle')].map(({ content }) => content.text).join('') + cartOfferSlot().text;
    const selectors = all(/selector: ["'](.+)["']$/gm, source);
    expect(selectors).toHaveLength(6);
    for (const selector of selectors) expect(drawn.querySelector(selector), selector).not.toBeNull();
  });

  it('draw the same boxes as the default content, so that nothing moves', () => {
    const boxes = all(/class="([a-z_ -]+?)(?: (?:hero|offer)--.*?)?"/g, source);
    const own = heroSlot().text + cartOfferSlot().text;
    expect(boxes).toContain('hero__copy');
    for (const box of boxes) expect(own).toContain(`class="${box}`);
  });
});
