/** Shoes, drawn from the side, toe to the right; the ground is at y = 322. */

import type { Palette } from './palette.ts';

const CREAM = '#fbf5ea';
const INK = '#2b2723';

function laces(points: readonly (readonly [number, number])[], colour: string): string {
  return points
    .map(([x, y]) => `<path d="M${x} ${y}l26 -15" stroke="${colour}" stroke-width="6"/>`)
    .join('');
}

export function ridgeRunner(p: Palette): string {
  return `
    <path d="M62 300l10 20h14l4-12h10l6 12h16l4-12h12l6 12h16l4-12h12l6 12h16l4-12h12l6 12h16l4-12h12l6 12h16l6-12q26-2 28-22l-4-8H60z" fill="${p.deep}"/>
    <path d="M58 286q-2-22 8-36l272 10q18 10 16 34-2 10-18 10H74q-14 0-16-18z" fill="${CREAM}"/>
    <path d="M60 292q120-16 292 0-2 12-16 12H74q-12 0-14-12z" fill="${p.light}"/>
    <path d="M66 262C60 222 66 190 78 166q8-16 22-8 20 16 50 8l30-8q28 38 82 58 58 10 78 34 12 16 2 22L70 276q-4-4-4-14z" fill="${p.main}"/>
    <path d="M262 216q58 10 78 34 12 16 2 22l-96 2q-2-34 16-58z" fill="${p.dark}"/>
    <path d="M66 262C60 222 66 190 78 166q8-16 22-8l10 8q-16 50 10 108l-50 2q-4-4-4-14z" fill="${p.dark}"/>
    <path d="M100 158q20 16 50 8l30-8 8 10q-40 22-82 12z" fill="${p.deep}"/>
    <path d="M134 272q28-60 84-72l10 6q-44 22-56 67z" fill="${CREAM}"/>
    <path d="M182 160q28 38 80 56l-16 16q-52-18-84-56z" fill="${p.light}"/>
    ${laces([[172, 190], [190, 208], [210, 222], [232, 234]], CREAM)}
    <path d="M72 168q-14-6-12-18 10-8 22 4z" fill="${p.light}"/>`;
}

export function fellBoot(p: Palette): string {
  return `
    <path d="M76 302v18h22v-8h16v8h22v-8h60l10 8h20l4-8h20l4 8h20l4-8h14q22 0 24-14l-2-10H76z" fill="${INK}"/>
    <path d="M72 278h276q8 16-4 28H78q-10 0-6-28z" fill="#4a4038"/>
    <path d="M84 100q52-16 96-2 4 40 10 66 30 30 84 42 62 12 72 46 4 24-4 30H80q-12-8-8-40 12-70 12-142z" fill="${p.main}"/>
    <path d="M268 206q66 10 78 46 4 24-4 30h-96q-4-42 22-76z" fill="${p.dark}"/>
    <path d="M72 240q10-60 11-100l22 4q-4 50 24 138H80q-12-8-8-42z" fill="${p.dark}"/>
    <path d="M80 98q54-20 104-4l2 28q-52-14-106 4z" fill="${p.deep}"/>
    <path d="M150 118l34-4q4 32 8 50 24 26 66 38l-18 24q-64-18-90-108z" fill="${p.light}" opacity=".75"/>
    ${laces([[150, 142], [156, 166], [168, 188], [184, 206], [204, 222]], '#e8c65a')}
    <path d="M72 262q140 14 276-2l-2 22H78z" fill="${p.deep}" opacity=".55"/>
    <path d="M90 152q0 50 10 84" stroke="${p.light}" stroke-width="3" stroke-dasharray="7 6" opacity=".7"/>`;
}

export function harbourSneaker(p: Palette): string {
  return `
    <path d="M62 274q-4 34 10 42 6 6 20 6h236q26 0 28-24 0-14-8-26z" fill="${CREAM}"/>
    <path d="M60 290h294" stroke="${p.main}" stroke-width="5"/>
    <path d="M66 276q-6-62 12-112 4-10 16-6 26 14 56 8l30-6q30 42 74 60 34 6 56 24 8-2 16 2-2 24-14 30z" fill="${p.main}"/>
    <path d="M300 246q40-6 54 34 0 8-4 12h-86q2-34 36-46z" fill="${CREAM}"/>
    <path d="M66 276q-6-62 12-112l22 6q-10 50 0 106z" fill="${p.dark}"/>
    <path d="M94 158q26 14 56 8l30-6 6 10q-42 22-96 6z" fill="${p.deep}"/>
    <path d="M182 162q30 40 72 58l-16 20q-50-18-82-64z" fill="${p.light}"/>
    ${laces([[168, 192], [186, 210], [206, 226], [228, 238]], CREAM)}
    <circle cx="142" cy="228" r="18" fill="${CREAM}"/>
    <path d="M130 236l9-15 6 8 5-6 8 13z" fill="${p.main}"/>
    <path d="M112 272q40-8 52-60" stroke="${p.light}" stroke-width="3" stroke-dasharray="7 6"/>`;
}

export function hutSlipper(p: Palette): string {
  return `
    <path d="M56 300q0 20 20 22h248q28 0 28-22z" fill="#8a5f3c"/>
    <path d="M58 302C48 262 56 224 82 212q24-8 36 14 14 24 44 20 10-44 66-46 92 2 118 66 10 26 2 38z" fill="${p.main}"/>
    <path d="M162 246q10-44 66-46 92 2 118 66 10 26 2 38H196q-32-20-34-58z" fill="${p.light}"/>
    <path d="M82 212q24-8 36 14 14 24 44 20 2 26 16 42-70 6-94-36-10-22-2-40z" fill="${p.deep}"/>
    <path d="M70 220q22-20 46 2 18 30 50 22" stroke="${CREAM}" stroke-width="16"/>
    <path d="M160 250q10-46 66-50" stroke="${CREAM}" stroke-width="16"/>
    <path d="M258 236l10 12 16-4-8 14 8 14-16-4-10 12-2-16-14-8 14-6z" fill="#c8633c"/>
    <path d="M66 298h280" stroke="${CREAM}" stroke-width="3" stroke-dasharray="8 7" opacity=".8"/>`;
}

export function creekSandal(p: Palette): string {
  return `
    <path d="M60 294q-4 26 14 28h34l6-8h14l6 8h40l6-8h14l6 8h40l6-8h14l6 8h54q30-2 32-24 0-8-6-14z" fill="${INK}"/>
    <path d="M58 276q-2 20 6 26 140 8 286-4 6-14-4-24-100-14-150-6T58 276z" fill="#c9a877"/>
    <path d="M58 276q-2 20 6 26 140 8 286-4 4-6 2-14-140 12-292 2z" fill="#a98556"/>
    <path d="M76 276q-6-60 20-84l26 4q-18 36-4 84z" fill="${p.main}"/>
    <path d="M92 196q70-8 100 18l-10 22q-34-22-86-16z" fill="${p.light}"/>
    <path d="M150 280q4-70 66-98l22 14q-46 30-50 86z" fill="${p.main}"/>
    <path d="M192 206q40-2 62 34l30 38-34 4q-24-44-64-54z" fill="${p.dark}"/>
    <path d="M238 280q12-44 62-50l18 12q-34 10-40 38z" fill="${p.main}"/>
    <path d="M280 240q34 2 52 36l-34 4q-6-16-28-22z" fill="${p.light}"/>
    <rect x="138" y="186" width="34" height="28" rx="6" fill="none" stroke="${INK}" stroke-width="7"/>
    <path d="M196 238q34 12 44 40" stroke="${CREAM}" stroke-width="4" opacity=".7"/>`;
}

export function moorRainBoot(p: Palette): string {
  const boot = (fill: string, edge: string, sheen: string): string => `
    <path d="M0 282v20q0 8 8 8h50v-8h14l8 8h96q18 0 18-18v-10z" fill="${INK}"/>
    <path d="M16 40q54-14 100 0-8 80-2 130 4 28 40 42 36 14 40 44 2 20-2 30H4q-6-40 8-90 12-60 4-156z" fill="${fill}"/>
    <path d="M14 40q52-16 104 0l-2 26q-50-12-100 0z" fill="${edge}"/>
    <path d="M44 84q8 90-10 170" stroke="${sheen}" stroke-width="12" stroke-linecap="round" opacity=".7"/>
    <path d="M4 262q100 14 190 0" stroke="${edge}" stroke-width="8"/>`;
  return `
    <g transform="translate(150 8) scale(.94)">${boot(p.dark, p.deep, p.main)}</g>
    <g transform="translate(72 12)">${boot(p.main, p.dark, p.light)}</g>`;
}
