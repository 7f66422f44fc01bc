/** Camping gear; it stands on the ground at y = 324. */

import type { Palette } from './palette.ts';

const CREAM = '#fbf5ea';
const INK = '#2b2723';
const GLOW = '#f7cf6b';
const WOOD = '#b98a54';

export function twoLakesTent(p: Palette): string {
  return `
    <path d="M40 318L18 330M360 318l22 12" stroke="${INK}" stroke-width="5"/>
    <path d="M200 104Q96 170 40 322h320Q304 170 200 104z" fill="${p.main}"/>
    <path d="M200 104Q96 170 40 322h92Q150 190 200 104z" fill="${p.light}"/>
    <path d="M200 104q104 66 160 218h-92Q250 190 200 104z" fill="${p.dark}"/>
    <path d="M200 130q-44 76-52 192h104q-8-116-52-192z" fill="${GLOW}"/>
    <path d="M200 130q-44 76-52 192h34q24-90 18-192z" fill="${CREAM}"/>
    <path d="M200 130q44 76 52 192h-34q-24-90-18-192z" fill="${p.deep}"/>
    <path d="M200 104Q142 200 132 322M200 104q58 96 68 218" stroke="${p.deep}" stroke-width="4"/>
    <path d="M200 106V82" stroke="${INK}" stroke-width="5"/>
    <path d="M200 82l26 8-26 9z" fill="#c8633c"/>
    <path d="M98 214L30 262M302 214l68 48" stroke="${INK}" stroke-width="2.500"/>`;
}

export function hollowBag(p: Palette): string {
  const baffles = [150, 182, 214, 246, 278]
    .map((y) => `<path d="M112 ${y}q88 18 176 0" stroke="${p.dark}" stroke-width="5"/>`)
    .join('');
  return `
    <path d="M110 140q-10-80 90-84 100 4 90 84l-14 150q-6 40-76 40t-76-40z" fill="${p.main}"/>
    <path d="M110 140q-10-80 90-84-62 20-58 84l6 178q-20-8-24-28z" fill="${p.light}" opacity=".5"/>
    ${baffles}
    <path d="M136 142q-4-58 64-60 68 2 64 60-24 30-64 30t-64-30z" fill="${p.deep}"/>
    <path d="M146 142q2-40 54-42 52 2 54 42-20 16-54 16t-54-16z" fill="#d9a02f"/>
    <path d="M156 148q4-22 44-24 40 2 44 24-16 10-44 10t-44-10z" fill="${CREAM}"/>
    <path d="M244 164q-6 80-4 152" stroke="${CREAM}" stroke-width="5" stroke-dasharray="3 4"/>
    <path d="M172 262l14-20 9 11 7-9 14 18z" fill="${CREAM}"/>`;
}

export function glowLantern(p: Palette): string {
  return `
    <circle cx="200" cy="206" r="120" fill="${GLOW}" opacity=".28"/>
    <circle cx="200" cy="206" r="84" fill="${GLOW}" opacity=".35"/>
    <path d="M140 118Q136 44 200 44t60 74" stroke="${INK}" stroke-width="7"/>
    <path d="M166 92h68l12 30h-92z" fill="${p.main}"/>
    <rect x="182" y="76" width="36" height="18" rx="6" fill="${p.dark}"/>
    <path d="M156 126h88q26 74 0 142h-88q-26-68 0-142z" fill="#fff4d0"/>
    <path d="M200 246q-26-16-14-48 12-10 10-30 30 22 24 56-4 18-20 22z" fill="#f0a03c"/>
    <path d="M201 244q-13-10-6-28 8-4 8-16 14 14 11 30-3 11-13 14z" fill="${CREAM}"/>
    <path d="M172 140q-14 54 0 108" stroke="#fff" stroke-width="6" opacity=".8"/>
    <path d="M146 122q-30 74 0 148M254 122q30 74 0 148M146 196h-10M254 196h10" stroke="${INK}" stroke-width="6"/>
    <path d="M146 268h108l14 42q0 14-14 14H146q-14 0-14-14z" fill="${p.main}"/>
    <path d="M146 268h40l-8 56h-32q-14 0-14-14z" fill="${p.light}" opacity=".5"/>
    <circle cx="226" cy="296" r="11" fill="${INK}"/><path d="M226 296v-9" stroke="${CREAM}" stroke-width="4"/>`;
}

export function pocketStove(p: Palette): string {
  return `
    <path d="M138 128q-6-30 10-44-2 18 10 26 0-30 22-46-4 28 14 42 2-22 14-30-2 26 14 38 4-14 10-18 6 22-6 38z" fill="#5b8fc0" opacity=".9" transform="translate(12 52)"/>
    <path d="M168 176q0-18 10-24 0 12 8 16 2-18 14-26 0 18 10 26 4-10 10-14 6 14-4 24z" fill="#cfe6f5"/>
    <path d="M112 152l46 40M288 152l-46 40M200 140v40" stroke="${INK}" stroke-width="10" stroke-linecap="round"/>
    <path d="M100 150h34M266 150h34" stroke="${INK}" stroke-width="10" stroke-linecap="round"/>
    <path d="M150 184h100l-12 22h-76z" fill="${p.main}"/>
    <path d="M164 190h72" stroke="${p.light}" stroke-width="5" stroke-dasharray="6 6"/>
    <path d="M184 206h32v30h-32z" fill="${p.dark}"/>
    <path d="M216 220h56l18-14" stroke="#c8633c" stroke-width="8" stroke-linecap="round"/>
    <path d="M170 236h60l8 16h-76z" fill="${p.light}"/>
    <path d="M138 252h124q12 0 12 12v46q0 14-14 14H140q-14 0-14-14v-46q0-12 12-12z" fill="#c8633c"/>
    <path d="M138 252h36v72h-34q-14 0-14-14v-46q0-12 12-12z" fill="#e08d68"/>
    <path d="M182 300l16-24 10 12 8-10 16 22z" fill="${CREAM}"/>`;
}

export function nightHeadlamp(p: Palette): string {
  return `
    <path d="M238 214L372 138v164z" fill="${GLOW}" opacity=".4"/>
    <path d="M238 222l134-44v88z" fill="${GLOW}" opacity=".6"/>
    <path d="M84 212q-6-92 92-104 98 4 100 84" stroke="${INK}" stroke-width="24"/>
    <path d="M84 212q-6-92 92-104 98 4 100 84" stroke="${p.main}" stroke-width="10" stroke-dasharray="18 14"/>
    <path d="M84 206q0 76 60 92 44 10 84-20" stroke="${INK}" stroke-width="24"/>
    <path d="M92 240q10 44 52 58 44 10 84-20" stroke="${p.light}" stroke-width="6"/>
    <rect x="62" y="184" width="42" height="56" rx="12" fill="${p.deep}"/>
    <path d="M206 176h52q26 0 26 24v50q0 24-26 24h-52q-20 0-20-22v-54q0-22 20-22z" fill="${p.main}"/>
    <path d="M206 176h20v98h-20q-20 0-20-22v-54q0-22 20-22z" fill="${p.light}" opacity=".7"/>
    <circle cx="256" cy="224" r="32" fill="${INK}"/>
    <circle cx="256" cy="224" r="24" fill="#fff4d0"/>
    <circle cx="256" cy="224" r="12" fill="#fff"/>
    <path d="M220 172q0-8 8-8h14q8 0 8 8v6h-30z" fill="#c8633c"/>`;
}

export function duneChair(p: Palette): string {
  return `
    <path d="M112 322L250 120M288 322L150 120" stroke="${p.deep}" stroke-width="14" stroke-linecap="round" opacity=".55" transform="translate(16 -8)"/>
    <path d="M92 66l60 132q8 18 30 20l118 2" stroke="${WOOD}" stroke-width="14" stroke-linecap="round"/>
    <path d="M98 70q40-10 78 0l36 112q70 4 98 6 10 20 0 34l-112 2q-26 0-38-24z" fill="${p.main}"/>
    <path d="M98 70q40-10 78 0l8 26q-40-10-74 2z" fill="#c8633c"/>
    <path d="M212 182q70 4 98 6 10 20 0 34l-112 2q-26 0-38-24z" fill="${p.dark}"/>
    <path d="M128 138q40-12 70 0M138 162q40-10 68 2" stroke="${p.light}" stroke-width="4"/>
    <path d="M126 322l148-108M296 322L150 214" stroke="${WOOD}" stroke-width="14" stroke-linecap="round"/>
    <circle cx="212" cy="262" r="8" fill="${INK}"/>
    <path d="M106 322h40M276 322h40" stroke="${INK}" stroke-width="10" stroke-linecap="round"/>`;
}
