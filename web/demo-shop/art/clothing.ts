/** Clothing, laid flat or hanging; the drawing fills x 70..330, y 70..330. */

import type { Palette } from './palette.ts';

const CREAM = '#fbf5ea';
const INK = '#2b2723';

const SLEEVES = (fill: string): string => `
  <path d="M140 104L84 138q-14 10-20 40L46 294q0 10 10 12l32 4q10 0 12-10l28-110z" fill="${fill}"/>
  <path d="M260 104l56 34q14 10 20 40l18 116q0 10-10 12l-32 4q-10 0-12-10l-28-110z" fill="${fill}"/>`;

export function squallShell(p: Palette): string {
  return `
    ${SLEEVES(p.dark)}
    <path d="M140 104q60-26 120 0 20 8 22 40l4 170q0 12-12 12H126q-12 0-12-12l4-170q2-32 22-40z" fill="${p.main}"/>
    <path d="M150 110q-4-56 50-58 54 2 50 58-20 34-50 36-30-2-50-36z" fill="${p.dark}"/>
    <path d="M164 108q-2-40 36-42 38 2 36 42-14 24-36 26-22-2-36-26z" fill="${p.deep}"/>
    <path d="M200 136v190" stroke="${INK}" stroke-width="6"/>
    <rect x="195" y="150" width="10" height="20" rx="4" fill="${CREAM}"/>
    <path d="M118 196q40 12 80-2M202 194q40 14 80 2" stroke="${p.light}" stroke-width="5"/>
    <path d="M136 252l40-12v10l-40 12zM264 252l-40-12v10l40 12z" fill="${p.deep}"/>
    <path d="M182 128l-12 46M218 128l12 46" stroke="${CREAM}" stroke-width="4"/>
    <path d="M50 282l50 10M350 282l-50 10" stroke="${p.deep}" stroke-width="7"/>
    <rect x="226" y="170" width="34" height="14" rx="3" fill="${CREAM}" opacity=".9"/>`;
}

export function emberDown(p: Palette): string {
  const rows = [142, 176, 210, 244, 278, 310];
  const quilts = rows
    .map((y) => `<path d="M112 ${y}q22 14 44 0t44 0 44 0 44 0" stroke="${p.dark}" stroke-width="5"/>`)
    .join('');
  const cuffs = [170, 204, 238, 272]
    .map((y, i) => `<path d="M${70 - i * 5} ${y - 8}q24 14 46 8M${330 + i * 5} ${y - 8}q-24 14-46 8" stroke="${p.deep}" stroke-width="4"/>`)
    .join('');
  return `
    ${SLEEVES(p.dark)}${cuffs}
    <path d="M140 100q60-22 120 0 20 8 24 40l6 174q0 14-14 14H124q-14 0-14-14l6-174q4-32 24-40z" fill="${p.main}"/>
    <path d="M120 150q30 18 36 0v-46l-16-4q-18 12-20 50z" fill="${p.light}" opacity=".6"/>
    ${quilts}
    <path d="M154 108q-2-40 10-46 36-12 72 0 12 6 10 46-46 26-92 0z" fill="${p.light}"/>
    <path d="M164 84q36 14 72 0" stroke="${p.main}" stroke-width="5"/>
    <path d="M200 78v250" stroke="${CREAM}" stroke-width="6"/>
    <path d="M150 262l-12 34M250 262l12 34" stroke="${p.deep}" stroke-width="7"/>`;
}

export function islandJumper(p: Palette): string {
  const stars = [128, 164, 200, 236, 272]
    .map((x, i) => {
      const y = 168 - Math.abs(2 - i) * 10;
      return `<path d="M${x} ${y - 12}l5 7 8 5-8 5-5 7-5-7-8-5 8-5z" fill="${CREAM}"/>`;
    })
    .join('');
  return `
    ${SLEEVES(p.main)}
    <path d="M140 104q60 20 120 0 20 8 22 40l4 170q0 12-12 12H126q-12 0-12-12l4-170q2-32 22-40z" fill="${p.main}"/>
    <path d="M140 104q60 20 120 0 18 8 22 40l1 38q-83 40-166 0l1-38q4-32 22-40z" fill="${p.dark}"/>
    <path d="M118 178q82 40 164 0" stroke="${CREAM}" stroke-width="6" stroke-dasharray="10 8"/>
    <path d="M126 138q74 30 148 0" stroke="#d9a02f" stroke-width="6" stroke-dasharray="8 8"/>
    ${stars}
    <path d="M152 104q48 40 96 0l8-10q-56-26-112 0z" fill="${p.deep}"/>
    <path d="M146 96q54 48 108 0" stroke="${p.light}" stroke-width="10"/>
    <path d="M114 308h172" stroke="${p.light}" stroke-width="18" stroke-dasharray="5 4"/>
    <path d="M49 292l48 8M351 292l-48 8" stroke="${p.light}" stroke-width="16" stroke-dasharray="5 4"/>
    <path d="M60 236l40 8M340 236l-40 8" stroke="${CREAM}" stroke-width="6" stroke-dasharray="8 6"/>`;
}

export function campFlannel(p: Palette): string {
  const columns = [136, 166, 234, 264]
    .map((x) => `<path d="M${x} 100V326" stroke="${p.deep}" stroke-width="12" opacity=".55"/>`)
    .join('');
  const bands = [150, 196, 242, 288]
    .map((y) => `<path d="M112 ${y}h176" stroke="${p.deep}" stroke-width="12" opacity=".55"/><path d="M112 ${y + 14}h176" stroke="${CREAM}" stroke-width="2.500" opacity=".75"/>`)
    .join('');
  return `
    ${SLEEVES(p.main)}
    <path d="M68 190l46 10M60 236l44 8M332 190l-46 10M340 236l-44 8" stroke="${p.deep}" stroke-width="11" opacity=".55"/>
    <path d="M140 104q60-14 120 0 20 8 22 40l4 160q-40 30-86 20-46 10-86-20l4-160q2-32 22-40z" fill="${p.main}"/>
    ${columns}${bands}
    <path d="M192 116h16v210h-16z" fill="${p.dark}"/>
    ${[150, 190, 230, 270, 308].map((y) => `<circle cx="200" cy="${y}" r="5" fill="${CREAM}"/>`).join('')}
    <path d="M150 100l50 22-28 34-38-44zM250 100l-50 22 28 34 38-44z" fill="${p.light}"/>
    <path d="M158 98q42-18 84 0l-42 24z" fill="${p.deep}"/>
    <path d="M132 188h44v38q-22 14-44 0z" fill="${p.main}" stroke="${p.deep}" stroke-width="4"/>
    <ellipse cx="74" cy="236" rx="15" ry="22" fill="#8a5534" transform="rotate(12 74 236)"/>
    <ellipse cx="326" cy="236" rx="15" ry="22" fill="#8a5534" transform="rotate(-12 326 236)"/>`;
}

export function tarnBeanie(p: Palette): string {
  const ribs = [-84, -56, -28, 0, 28, 56, 84]
    .map((dx) => `<path d="M200 92Q${200 + dx * 1.1} 150 ${200 + dx} 236" stroke="${p.dark}" stroke-width="5"/>`)
    .join('');
  const fold = [-96, -72, -48, -24, 0, 24, 48, 72, 96]
    .map((dx) => `<path d="M${200 + dx} 238v70" stroke="${p.main}" stroke-width="5"/>`)
    .join('');
  return `
    <path d="M86 250Q80 92 200 86q120 6 114 164z" fill="${p.main}"/>
    <path d="M110 240q-4-100 70-142-98 12-92 142z" fill="${p.light}" opacity=".5"/>
    ${ribs}
    <path d="M78 240q122-28 244 0 12 40 0 74-122 24-244 0-12-34 0-74z" fill="${p.light}"/>
    ${fold}
    <circle cx="200" cy="84" r="32" fill="${CREAM}"/>
    <path d="M180 70l14 10M212 62l-4 16M224 88l-16 2M188 104l8-12M210 106l-2-12" stroke="#d8cbb0" stroke-width="5"/>
    <rect x="222" y="262" width="46" height="28" rx="4" fill="#8a5534"/>
    <path d="M232 280l8-11 6 7 5-5 8 9z" fill="${CREAM}"/>`;
}

export function trailSock(p: Palette): string {
  const sock = (main: string, dark: string, light: string): string => `
    <path d="M20 40h84q-2 70 2 112 30 34 70 58 22 18 6 44-16 22-46 10Q72 236 34 202 12 180 18 130z" fill="${main}"/>
    <path d="M18 70h86l-1 20H18zM18 104h86l1 20H18z" fill="${CREAM}"/>
    <path d="M16 34q46-10 92 0v30H16z" fill="${light}"/>
    <path d="M24 32v32M38 30v34M52 29v35M66 29v35M80 30v34M94 32v32" stroke="${dark}" stroke-width="3"/>
    <path d="M18 130q44 20 44 62l-14 22q-38-24-30-84z" fill="${dark}"/>
    <path d="M158 196q40 20 32 46-10 30-46 24-16-10-22-16 6-40 36-54z" fill="${dark}"/>`;
  return `
    <g transform="translate(156 34) rotate(8)">${sock(p.dark, p.deep, p.main)}</g>
    <g transform="translate(76 52)">${sock(p.main, p.dark, p.light)}</g>`;
}
