/** Bags; they stand on the ground at y = 324. */

import type { Palette } from './palette.ts';

const CREAM = '#fbf5ea';
const INK = '#2b2723';
const LEATHER = '#9a6438';

export function dayhikePack(p: Palette): string {
  return `
    <path d="M168 78q0-30 32-30t32 30" stroke="${INK}" stroke-width="10"/>
    <path d="M112 150q-30 40-22 130 4 20 24 16M288 150q30 40 22 130-4 20-24 16" fill="${p.deep}"/>
    <path d="M110 156q0-88 90-90t90 90v142q0 26-26 26H136q-26 0-26-26z" fill="${p.main}"/>
    <path d="M110 156q0-88 90-90 30 0 52 12-92-4-94 90l4 156h-26q-26 0-26-26z" fill="${p.light}" opacity=".45"/>
    <path d="M124 150q76 26 152 0" stroke="${INK}" stroke-width="6"/>
    <path d="M276 150l10 26" stroke="#d9a02f" stroke-width="6"/>
    <path d="M132 214q0-14 14-14h108q14 0 14 14v78q0 18-18 18H150q-18 0-18-18z" fill="${p.dark}"/>
    <path d="M136 222q64 20 128 0" stroke="${INK}" stroke-width="5"/>
    <path d="M186 106h28l8 34h-44z" fill="${LEATHER}"/>
    <path d="M192 126l8-10 8 10z" fill="${CREAM}"/>
    <path d="M150 176v-14h100v14" stroke="${p.deep}" stroke-width="6"/>
    <rect x="176" y="252" width="48" height="30" rx="4" fill="${LEATHER}"/>
    <path d="M184 272l10-12 7 8 5-5 10 9z" fill="${CREAM}"/>`;
}

export function traversePack(p: Palette): string {
  return `
    <rect x="118" y="288" width="164" height="36" rx="18" fill="#c8633c"/>
    <path d="M150 288v36M250 288v36" stroke="${INK}" stroke-width="8"/>
    <path d="M126 116q-18 20-16 60l4 96q2 24 26 24h120q24 0 26-24l4-96q2-40-16-60z" fill="${p.main}"/>
    <path d="M126 116q-18 20-16 60l4 96q2 24 26 24h22l-8-180z" fill="${p.light}" opacity=".4"/>
    <path d="M104 186q-18 6-16 30v50q2 20 24 18zM296 186q18 6 16 30v50q-2 20-24 18z" fill="${p.dark}"/>
    <path d="M118 112q-4-56 82-58 86 2 82 58l-8 22q-74 18-148 0z" fill="${p.dark}"/>
    <path d="M138 86q62-22 124 0" stroke="${p.light}" stroke-width="6"/>
    <path d="M156 108v96M244 108v96" stroke="${INK}" stroke-width="9"/>
    <rect x="147" y="178" width="18" height="20" rx="4" fill="${CREAM}"/>
    <rect x="235" y="178" width="18" height="20" rx="4" fill="${CREAM}"/>
    <path d="M146 220h108v52q0 12-12 12h-84q-12 0-12-12z" fill="${p.deep}"/>
    <path d="M200 226v54" stroke="${p.light}" stroke-width="5"/>
    <path d="M306 96l-18 150" stroke="#d9a02f" stroke-width="8" stroke-linecap="round"/>
    <path d="M292 92l30 6" stroke="${INK}" stroke-width="10" stroke-linecap="round"/>
    <path d="M126 246h22M252 246h22" stroke="${INK}" stroke-width="7"/>`;
}

export function marketTote(p: Palette): string {
  return `
    <path d="M150 150q-6-92 50-94t50 94" stroke="${LEATHER}" stroke-width="13"/>
    <path d="M150 124q-30-30-16-62 26 18 20 62zM166 120q-6-44 20-66 18 34-2 66z" fill="#5f7a4b"/>
    <path d="M212 130l40-86q16-2 18 12l-34 78z" fill="#d8a866"/>
    <path d="M224 104l14 8M234 84l14 8M244 64l14 8" stroke="#b07e42" stroke-width="5"/>
    <path d="M100 132h200l16 178q0 14-14 14H98q-14 0-14-14z" fill="${p.main}"/>
    <path d="M100 132h60l-8 192H98q-14 0-14-14z" fill="${p.light}" opacity=".5"/>
    <path d="M86 288l230 0 0 22q0 14-14 14H98q-14 0-14-14z" fill="${LEATHER}"/>
    <path d="M100 132h200l2 20H98z" fill="${p.dark}"/>
    <path d="M150 136v60M250 136v60" stroke="${LEATHER}" stroke-width="13"/>
    <path d="M144 190h12v12h-12zM244 190h12v12h-12z" fill="${p.deep}"/>
    <path d="M168 262l22-34 14 18 12-14 20 30z" fill="${p.deep}"/>
    <circle cx="226" cy="224" r="8" fill="#c8633c"/>`;
}

export function ferryDuffel(p: Palette): string {
  return `
    <path d="M140 190q0-76 60-78t60 78" stroke="${INK}" stroke-width="11"/>
    <path d="M78 190q0-40 44-40h156q44 0 44 40v92q0 40-44 40H122q-44 0-44-40z" fill="${p.main}"/>
    <path d="M78 190q0-40 44-40h16v172h-16q-44 0-44-40z" fill="${p.dark}"/>
    <path d="M322 190q0-40-44-40h-16v172h16q44 0 44-40z" fill="${p.dark}"/>
    <path d="M138 150h124v40q-62 12-124 0z" fill="${p.light}" opacity=".55"/>
    <path d="M104 170q96-18 192 0" stroke="${INK}" stroke-width="7"/>
    <path d="M292 168l14 18" stroke="#d9a02f" stroke-width="7"/>
    <path d="M138 150v172M262 150v172" stroke="${INK}" stroke-width="12"/>
    <path d="M166 224h68q10 0 10 10v44q0 10-10 10h-68q-10 0-10-10v-44q0-10 10-10z" fill="${p.deep}"/>
    <path d="M170 272l18-28 12 15 10-12 18 25z" fill="${CREAM}"/>
    <path d="M84 232h46M270 232h46" stroke="${p.deep}" stroke-width="8"/>
    <path d="M92 296q-14-10-14-40" stroke="${p.light}" stroke-width="4"/>`;
}

export function pathHipPack(p: Palette): string {
  return `
    <path d="M60 178Q40 120 96 116t208 0q56 4 36 62" stroke="${INK}" stroke-width="18"/>
    <rect x="176" y="98" width="48" height="34" rx="8" fill="${p.light}"/>
    <path d="M188 98v34M212 98v34" stroke="${INK}" stroke-width="5"/>
    <path d="M58 180q-4-22 22-24 120-18 240 0 26 2 22 24-8 76-48 110-94 44-188 0-40-34-48-110z" fill="${p.main}"/>
    <path d="M58 180q-4-22 22-24 40-6 80-8-60 40-34 150-10-2-20-8-40-34-48-110z" fill="${p.light}" opacity=".4"/>
    <path d="M78 182q122-26 244 0" stroke="${INK}" stroke-width="7"/>
    <path d="M316 180l10 26" stroke="#c8633c" stroke-width="8"/>
    <path d="M104 222q96 24 192 0-2 44-30 62-66 24-132 0-28-18-30-62z" fill="${p.dark}"/>
    <path d="M110 230q90 22 180 0" stroke="${INK}" stroke-width="6"/>
    <path d="M182 268l14-20 9 11 7-9 14 18z" fill="${CREAM}"/>`;
}
