/** No such page. */

import { html } from '../html.ts';
import { links } from '../router.ts';
import type { Page } from './page.ts';

export function missingPage(): Page {
  return {
    title: 'Not found · Larkfell',
    content: html`
      <div class="empty empty--tall">
        <img src="/shop/images/scene-camp.svg" alt="" width="1040" height="720" />
        <h1 tabindex="-1">This path ends here</h1>
        <p>The page you looked for is not on our map.</p>
        <a class="button" href="${links.home}">Back to the shop</a>
      </div>`,
  };
}
