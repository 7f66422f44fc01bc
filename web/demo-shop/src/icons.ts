/** The few line icons of the shop; decorative, the text beside or the label says what they mean. */

import { Html } from './html.ts';

const PATHS = {
  search: '<circle cx="11" cy="11" r="6.500"/><path d="M16 16l5 5"/>',
  account: '<circle cx="12" cy="8" r="4"/><path d="M4 21c1-5 4.500-7 8-7s7 2 8 7"/>',
  cart: '<path d="M3 4h2.500l2.200 11h10.600L20.500 8H6.500"/><circle cx="9.500" cy="19.500" r="1.400"/><circle cx="16.500" cy="19.500" r="1.400"/>',
  heart: '<path d="M12 20S4 15 4 9.300A4.300 4.300 0 0 1 12 7a4.300 4.300 0 0 1 8 2.300C20 15 12 20 12 20z"/>',
  eye: '<path d="M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12z"/><circle cx="12" cy="12" r="3"/>',
  close: '<path d="M5 5l14 14M19 5L5 19"/>',
  truck: '<path d="M2.500 6h11v10h-11zM13.500 9.500h4l3.500 3.500v3h-7.500z"/><circle cx="7" cy="17.500" r="1.800"/><circle cx="17" cy="17.500" r="1.800"/>',
  loop: '<path d="M4 12a8 8 0 0 1 14-5l2 2M20 4v5h-5M20 12a8 8 0 0 1-14 5l-2-2M4 20v-5h5"/>',
  needle: '<path d="M19 5L6 18l-2 3 3-2L20 6zM15 5.500a2.500 2.500 0 0 1 3.500 3.500M4 10c3-3 5 2 8-1"/>',
  shield: '<path d="M12 3l7.500 3v5.500c0 4.500-3 8-7.500 9.500-4.500-1.500-7.500-5-7.500-9.500V6zM8.500 12l2.500 2.500 4.500-5"/>',
  bin: '<path d="M5 7h14M10 7V4.500h4V7M7 7l1 13h8l1-13M10.500 10.500v6M13.500 10.500v6"/>',
  check: '<path d="M4.500 12.500l5 5 10-11"/>',
  refresh: '<path d="M20 12a8 8 0 1 1-2.500-5.800M20 4v4.500h-4.500"/>',
  arrow: '<path d="M4 12h15M13 6l6 6-6 6"/>',
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): Html {
  return new Html(
    `<svg class="icon" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" focusable="false">${PATHS[name]}</svg>`,
  );
}

export const LOGO = new Html(
  '<svg class="logo__mark" viewBox="0 0 64 64" width="36" height="36" aria-hidden="true" focusable="false"><rect width="64" height="64" rx="16" fill="#23402f"/><path d="M10 46l16-24 9 13 6-8 13 19z" fill="#f6f0e3"/><circle cx="46" cy="19" r="6" fill="#e0a33b"/></svg>',
);
