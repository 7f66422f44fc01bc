/** Home and garden; everything stands on the ground at y = 324. */

import type { Palette } from './palette.ts';

const CREAM = '#fbf5ea';
const INK = '#2b2723';
const WOOD = '#b98a54';
const LEAF = '#5f7a4b';
const LEAF_DARK = '#47603a';

export function woolThrow(p: Palette): string {
  const weave = [150, 176, 202, 228]
    .map((y) => `<path d="M98 ${y}l17 12 17-12 17 12 17-12 17 12 17-12 17 12 17-12 17 12 17-12 17 12 17-12" stroke="${p.light}" stroke-width="5" opacity=".75"/>`)
    .join('');
  const fringe = [...Array(13).keys()]
    .map((i) => `<path d="M${104 + i * 16} 300v22" stroke="${CREAM}" stroke-width="6" stroke-linecap="round"/>`)
    .join('');
  return `
    <path d="M86 176q0-22 22-22h190q24 2 24 26v100q0 22-22 22H108q-22 0-22-22z" fill="${p.deep}"/>
    <path d="M92 128q2-20 22-20h184q20 2 20 22t-20 24H112q-20-4-20-26z" fill="${CREAM}"/>
    <path d="M92 128q2-20 22-20h184q20 2 20 22 0 8-4 14H96q-4-8-4-16z" fill="#e8dcc4"/>
    <path d="M90 134h220v154q0 14-14 14H104q-14 0-14-14z" fill="${p.main}"/>
    ${weave}
    <path d="M90 256h220v16H90z" fill="${CREAM}"/><path d="M90 280h220v8H90z" fill="#d9a02f"/>
    ${fringe}
    <path d="M90 134h30v168h-16q-14 0-14-14z" fill="${p.light}" opacity=".3"/>
    <rect x="252" y="226" width="40" height="24" rx="3" fill="#9a6438"/>
    <path d="M260 243l8-10 6 7 4-4 8 7z" fill="${CREAM}"/>`;
}

export function pineCandle(p: Palette): string {
  return `
    <circle cx="200" cy="104" r="62" fill="#f7cf6b" opacity=".35"/>
    <path d="M200 142q-28-22-8-54 8-12 6-26 34 30 24 62-6 16-22 18z" fill="#f0a03c"/>
    <path d="M201 140q-13-12-2-32 7-4 6-14 14 18 8 34-4 10-12 12z" fill="#fff4d0"/>
    <path d="M200 138v30" stroke="${INK}" stroke-width="5"/>
    <path d="M118 160h164v146q0 18-18 18H136q-18 0-18-18z" fill="${p.main}" opacity=".9"/>
    <path d="M118 160h164v30q-82 18-164 0z" fill="#f3ead8"/>
    <ellipse cx="200" cy="160" rx="82" ry="14" fill="#fffaf0"/>
    <path d="M118 172h40v152h-22q-18 0-18-18z" fill="${p.light}" opacity=".6"/>
    <rect x="140" y="212" width="120" height="84" rx="5" fill="${CREAM}"/>
    <path d="M200 220l22 26h-12l18 22h-22v14h-12v-14h-22l18-22h-12z" fill="${LEAF_DARK}"/>
    <path d="M150 288h100" stroke="${p.dark}" stroke-width="3"/>`;
}

export function duskLamp(p: Palette): string {
  return `
    <path d="M120 190L60 324h280L280 190z" fill="#f7cf6b" opacity=".25"/>
    <path d="M154 62h92l50 128q-96 20-192 0z" fill="${p.main}"/>
    <path d="M154 62h30l-34 138q-24-2-46-10z" fill="${p.light}" opacity=".8"/>
    <path d="M226 62h20l50 128q-18 6-38 8z" fill="${p.dark}"/>
    <ellipse cx="200" cy="190" rx="96" ry="15" fill="#fff1c4"/>
    <path d="M194 200h12v24h-12z" fill="${INK}"/>
    <path d="M182 222h36q-4 18 12 34 18 22 6 48h-72q-12-26 6-48 16-16 12-34z" fill="${WOOD}"/>
    <path d="M182 222h14q2 22-10 42-12 20-6 40h-16q-12-26 6-48 16-16 12-34z" fill="#d8ae78"/>
    <path d="M146 304h108q10 0 10 10t-10 10H146q-10 0-10-10t10-10z" fill="${INK}"/>
    <path d="M262 200v42" stroke="${INK}" stroke-width="3"/><circle cx="262" cy="246" r="6" fill="#c8633c"/>`;
}

export function linenCushion(p: Palette): string {
  return `
    <g transform="rotate(9 240 200)"><path d="M136 96q88 18 176-6 18 2 16 20-18 78 4 160 0 18-18 18-90-18-178 4-16-2-16-20 18-80-2-158 2-16 18-18z" fill="#2f7475"/></g>
    <g transform="rotate(-5 180 220)">
    <path d="M88 122q92 20 186-6 18 2 18 20-20 82 4 166 0 18-18 20-96-20-190 2-18-2-18-20 20-84 0-162 2-18 18-20z" fill="${p.main}"/>
    <path d="M88 122q60 12 118 6-104 50-96 192l-22 4q-18-2-18-20 20-84 0-162 2-18 18-20z" fill="${p.light}" opacity=".5"/>
    <path d="M108 148q76 14 148-4M104 300q76-14 154 0" stroke="${CREAM}" stroke-width="5" stroke-dasharray="12 9"/>
    <path d="M144 190q38 26 76-4M144 262q36-24 78 2M180 176v24M182 246v26" stroke="${p.dark}" stroke-width="5"/>
    <circle cx="181" cy="223" r="10" fill="${CREAM}"/></g>`;
}

export function oakStool(p: Palette): string {
  return `
    <path d="M200 176l6 124" stroke="${p.deep}" stroke-width="22" stroke-linecap="round"/>
    <path d="M140 176L96 314" stroke="${p.dark}" stroke-width="24" stroke-linecap="round"/>
    <path d="M262 176l42 138" stroke="${p.dark}" stroke-width="24" stroke-linecap="round"/>
    <path d="M134 178L92 312" stroke="${p.main}" stroke-width="10" stroke-linecap="round"/>
    <path d="M120 252q80 22 164-2" stroke="${WOOD}" stroke-width="12"/>
    <path d="M76 144v20q4 34 124 36 120-2 124-36v-20z" fill="${p.dark}"/>
    <ellipse cx="200" cy="144" rx="124" ry="36" fill="${p.main}"/>
    <g stroke="${p.dark}" stroke-width="3.500" opacity=".6"><ellipse cx="196" cy="144" rx="96" ry="26"/><ellipse cx="192" cy="145" rx="66" ry="17"/><ellipse cx="188" cy="146" rx="36" ry="9"/></g>
    <ellipse cx="188" cy="146" rx="12" ry="4" fill="${p.dark}"/>
    <path d="M176 108l-8-42q-2-20 20-20h30q22 0 20 20l-8 42q-26 12-54 0z" fill="#a8432f"/>
    <path d="M204 48q-30-34-8-44 18 14 8 44zM206 48q20-40 44-30-2 28-44 30z" fill="${LEAF}"/>
    <path d="M204 48q-50-8-50-34 30-2 50 34z" fill="${LEAF_DARK}"/>`;
}

export function wateringCan(p: Palette): string {
  return `
    <path d="M120 150Q116 62 196 62q60 4 60 88" stroke="${p.dark}" stroke-width="14"/>
    <path d="M104 190q-66-8-62 54 6 50 72 52" stroke="${p.dark}" stroke-width="14"/>
    <path d="M258 262l72-128 22 12-74 150z" fill="${p.dark}"/>
    <path d="M304 112l62 34-16 26-62-34z" fill="#d9a02f"/>
    <path d="M304 112l62 34-6 10-62-34z" fill="#edc56c"/>
    <path d="M104 146h164l16 160q0 18-18 18H108q-18 0-18-18z" fill="${p.main}"/>
    <path d="M104 146h50l-6 178h-40q-18 0-18-18z" fill="${p.light}" opacity=".6"/>
    <ellipse cx="186" cy="146" rx="82" ry="15" fill="${p.deep}"/>
    <path d="M92 286h190" stroke="${p.deep}" stroke-width="6"/><path d="M102 172h168" stroke="${p.deep}" stroke-width="6"/>
    <path d="M158 256q0-40 44-46 0 42-44 46zM158 256q-36-4-34-36 32 2 34 36z" fill="${CREAM}"/>
    <g stroke="#6aa0bd" stroke-width="6" stroke-linecap="round"><path d="M372 184l4 16M356 192l3 14M374 222l3 14M352 222l2 12"/></g>`;
}

export function handTrowel(p: Palette): string {
  return `
    <g transform="rotate(34 200 200)">
    <path d="M184 44q16-14 32 0 10 10 8 30l-8 84h-32l-8-84q-2-20 8-30z" fill="${WOOD}"/>
    <path d="M184 44q8-8 14-8l-4 122h-10l-8-84q-2-20 8-30z" fill="#d8ae78"/>
    <circle cx="200" cy="58" r="7" fill="#efe9d8"/>
    <path d="M182 156h36v20h-36z" fill="#d9a02f"/>
    <path d="M190 176h20l4 34h-28z" fill="${p.deep}"/>
    <path d="M152 214q48-20 96 0 10 76-48 136-58-60-48-136z" fill="${p.main}"/>
    <path d="M152 214q24-10 48-10v146q-58-60-48-136z" fill="${p.light}"/>
    <path d="M210 236h22M210 260h18M210 284h12" stroke="${CREAM}" stroke-width="4"/></g>
    <path d="M52 322q30-34 66-22 28-26 62 0 34-4 44 22z" fill="#6b4a33"/>
    <path d="M96 300q-8-40-34-48-4 34 34 48zM98 300q-2-46 26-58 14 34-26 58z" fill="${LEAF}"/>`;
}

export function herbPlanter(p: Palette): string {
  const pot = (x: number): string => `
    <path d="M${x} 214h88l-12 84q-2 12-14 12h-36q-12 0-14-12z" fill="${p.main}"/>
    <path d="M${x} 214h26l2 96h-2q-12 0-14-12z" fill="${p.light}" opacity=".55"/>
    <rect x="${x - 6}" y="198" width="100" height="24" rx="5" fill="${p.dark}"/>`;
  const sprig = (x: number, lean: number): string => `
    <path d="M${x} 198q${lean} -50 ${lean * 1.6} -100" stroke="${LEAF_DARK}" stroke-width="5"/>
    ${[0, 1, 2, 3].map((i) => `<ellipse cx="${x + lean * (0.35 + i * 0.4) - 14}" cy="${170 - i * 24}" rx="15" ry="8" transform="rotate(28 ${x + lean * (0.35 + i * 0.4) - 14} ${170 - i * 24})" fill="${LEAF}"/><ellipse cx="${x + lean * (0.35 + i * 0.4) + 14}" cy="${166 - i * 24}" rx="15" ry="8" transform="rotate(-28 ${x + lean * (0.35 + i * 0.4) + 14} ${166 - i * 24})" fill="#7d9a63"/>`).join('')}`;
  return `
    ${sprig(84, -12)}${sprig(108, 14)}
    <path d="M200 200q-50-40-30-92 34 20 30 92zM200 200q-8-70 22-104 30 54-22 104zM202 200q30-60 62-56 4 46-62 56zM198 200q-60-10-64-46 44-4 64 46z" fill="#86a08a"/>
    <path d="M200 196q-6-50-14-70M202 196q10-50 18-80M204 196q26-30 44-40" stroke="#5d7a66" stroke-width="3"/>
    ${sprig(292, -10)}${sprig(314, 10)}
    ${pot(54)}${pot(158)}${pot(262)}
    <path d="M36 306h332l-10 14q-4 4-10 4H56q-6 0-10-4z" fill="${p.deep}"/>`;
}
