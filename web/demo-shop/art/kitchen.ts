/** Kitchen things; they stand on the ground at y = 324. */

import type { Palette } from './palette.ts';

const CREAM = '#fbf5ea';
const INK = '#2b2723';
const WOOD = '#a9713f';
const BLUE = '#2f4a6d';
const STEEL = '#c9ced0';

const STEAM = (x: number, y: number): string =>
  `<path d="M${x} ${y}q-16-20 0-38t0-38M${x + 34} ${y + 4}q-16-20 0-38t0-38" stroke="#fff" stroke-width="9" stroke-linecap="round" opacity=".75"/>`;

export function enamelMug(p: Palette): string {
  return `
    ${STEAM(178, 120)}
    <path d="M284 176q66-8 64 52-4 56-78 60" stroke="${p.main}" stroke-width="22"/>
    <path d="M284 176q66-8 64 52-4 56-78 60" stroke="${BLUE}" stroke-width="3" opacity=".6"/>
    <path d="M96 142h196l-8 164q-2 18-20 18H124q-18 0-20-18z" fill="${p.main}"/>
    <path d="M96 142h56l4 182h-32q-18 0-20-18z" fill="#fff"/>
    <path d="M250 142h42l-8 164q-2 18-20 18h-28q14-90 14-182z" fill="#ddd0b6"/>
    <ellipse cx="194" cy="142" rx="99" ry="16" fill="${BLUE}"/>
    <ellipse cx="194" cy="143" rx="88" ry="11" fill="#6b4226"/>
    <g fill="${BLUE}" opacity=".55"><circle cx="128" cy="190" r="3"/><circle cx="160" cy="290" r="3.500"/><circle cx="246" cy="200" r="3"/><circle cx="222" cy="300" r="2.500"/><circle cx="120" cy="262" r="2.500"/><circle cx="256" cy="270" r="3.500"/></g>
    <path d="M150 266l30-46 18 22 16-20 28 44z" fill="${BLUE}"/>
    <path d="M180 220l-9 14 9 6 8-8z" fill="#fff"/>`;
}

export function steelKettle(p: Palette): string {
  return `
    <path d="M128 156Q124 60 200 58t72 98" stroke="${INK}" stroke-width="11"/>
    <path d="M160 66q40-16 80 0l-4 16q-36-12-72 0z" fill="${WOOD}"/>
    <path d="M280 214l64-58 18 8-10 18q-26 14-46 84z" fill="${p.dark}"/>
    <path d="M108 166q92-26 184 0 24 54 20 120-2 38-38 38H126q-36 0-38-38-4-66 20-120z" fill="${p.main}"/>
    <path d="M108 166q26-8 54-10-34 60-20 168h-16q-36 0-38-38-4-66 20-120z" fill="${p.light}" opacity=".55"/>
    <path d="M112 166q88-26 176 0-88 22-176 0z" fill="${p.deep}"/>
    <path d="M126 160q74-26 148 0-74 14-148 0z" fill="${p.dark}"/>
    <circle cx="200" cy="138" r="13" fill="${WOOD}"/>
    <path d="M90 292h220" stroke="${p.deep}" stroke-width="7"/>
    <path d="M160 262l26-40 16 19 14-17 24 38z" fill="${CREAM}" opacity=".9"/>
    <path d="M366 150q10-12 2-26t4-24" stroke="#fff" stroke-width="8" stroke-linecap="round" opacity=".7"/>`;
}

export function castIronPan(p: Palette): string {
  return `
    <path d="M262 262l96 62q12 4 18-6t-2-18l-90-68z" fill="${p.deep}"/>
    <circle cx="362" cy="312" r="7" fill="#f0dfd3"/>
    <circle cx="180" cy="204" r="132" fill="${p.deep}"/>
    <circle cx="180" cy="198" r="132" fill="${p.main}"/>
    <circle cx="180" cy="200" r="112" fill="${p.deep}"/>
    <circle cx="180" cy="204" r="104" fill="${p.dark}"/>
    <path d="M48 188l-16-10v30l18-4z" fill="${p.main}"/>
    <path d="M122 172q14-38 58-32 40-8 66 26 30 24 8 62-10 40-58 34-42 16-66-22-26-32-8-68z" fill="#fffaf0"/>
    <circle cx="182" cy="200" r="35" fill="#e8952f"/>
    <circle cx="182" cy="197" r="33" fill="#f5b63f"/>
    <path d="M162 184q8-12 22-12" stroke="#fff" stroke-width="6" stroke-linecap="round" opacity=".85"/>
    <path d="M92 142q30-52 88-54" stroke="${p.light}" stroke-width="5" stroke-linecap="round" opacity=".6"/>
    <g fill="#5f7a4b"><circle cx="236" cy="150" r="4"/><circle cx="126" cy="244" r="4"/><circle cx="228" cy="244" r="3"/><circle cx="140" cy="160" r="3"/></g>`;
}

export function slowPourOver(p: Palette): string {
  return `
    <path d="M126 66h148l-52 94h-44z" fill="#e9eef0"/>
    <path d="M140 66h120l-46 84h-28z" fill="#f9f3e6"/>
    <path d="M152 88h96l-34 62h-28z" fill="#6b4226"/>
    <path d="M120 58h160v12H120z" fill="${STEEL}"/>
    <path d="M178 160h44l8 26q60 30 64 96 0 42-40 42H146q-40 0-40-42 4-66 64-96z" fill="#dfe9ec"/>
    <path d="M112 258q88-16 176 0 6 20 6 26 0 40-40 40H146q-40 0-40-40 0-10 6-26z" fill="#7a4a2a"/>
    <path d="M112 258q88-16 176 0-88 16-176 0z" fill="#96613a"/>
    <path d="M162 150h76l6 40h-88z" fill="${p.main}"/>
    <path d="M162 150h26l-4 40h-28z" fill="${p.light}" opacity=".6"/>
    <path d="M200 162v30" stroke="${INK}" stroke-width="4"/><circle cx="200" cy="198" r="7" fill="#d9a02f"/>
    <path d="M200 206v44" stroke="#7a4a2a" stroke-width="4" stroke-dasharray="5 7"/>
    <path d="M134 244q-16 30-8 60" stroke="#fff" stroke-width="7" stroke-linecap="round" opacity=".8"/>`;
}

export function trailBottle(p: Palette): string {
  return `
    <path d="M170 76q0-34 30-34t30 34" stroke="${INK}" stroke-width="10"/>
    <rect x="160" y="70" width="80" height="38" rx="9" fill="${INK}"/>
    <path d="M172 74v30M186 74v30M200 74v30M214 74v30M228 74v30" stroke="#54504b" stroke-width="4"/>
    <rect x="166" y="108" width="68" height="14" fill="${STEEL}"/>
    <path d="M162 122h76q26 14 28 52v132q0 18-20 18h-92q-20 0-20-18V174q2-38 28-52z" fill="${p.main}"/>
    <path d="M162 122h20q-18 40-16 90v112h-12q-20 0-20-18V174q2-38 28-52z" fill="${p.light}" opacity=".65"/>
    <path d="M250 140q14 14 16 34v132q0 18-20 18h-16q20-80 20-184z" fill="${p.dark}"/>
    <path d="M134 292h132v14q0 18-20 18h-92q-20 0-20-18z" fill="${p.deep}"/>
    <path d="M162 246l26-42 16 20 14-18 24 40z" fill="${CREAM}"/>
    <circle cx="228" cy="196" r="9" fill="#f5c86a"/>`;
}
