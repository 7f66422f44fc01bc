/** Wide illustrations for the hero and the offers: landscapes with products set into them. */

import { shade } from './palette.ts';

/** Places a finished 400 x 400 drawing: left and top corner, and its scale. */
export type Place = (id: string, x: number, y: number, scale: number) => string;

const WIDTH = 1040;
const HEIGHT = 720;

function sky(id: string, top: string, bottom: string): string {
  return `<defs><linearGradient id="${id}" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${top}"/><stop offset="1" stop-color="${bottom}"/></linearGradient></defs><rect width="${WIDTH}" height="${HEIGHT}" fill="url(#${id})"/>`;
}

/** A row of rounded hills through the given heights, closed at the bottom edge. */
function hills(heights: readonly number[], fill: string): string {
  const step = WIDTH / (heights.length - 1);
  const curves = heights
    .slice(1)
    .map((y, i) => {
      const from = heights[i] ?? y;
      const x = i * step;
      return `C${x + step / 2} ${from} ${x + step / 2} ${y} ${x + step} ${y}`;
    })
    .join('');
  return `<path d="M0 ${HEIGHT}V${heights[0]}${curves}V${HEIGHT}z" fill="${fill}"/>`;
}

/** A row of sharp peaks with lit faces. */
function peaks(points: readonly (readonly [number, number])[], base: number, fill: string): string {
  return points
    .map(([x, y]) => {
      const half = (base - y) * 0.9;
      return `<path d="M${x} ${y}L${x + half} ${base}H${x - half}z" fill="${fill}"/><path d="M${x} ${y}l${half * 0.34} ${(base - y) * 0.34}-${half * 0.18}-${(base - y) * 0.04}-${half * 0.14} ${(base - y) * 0.14}-${half * 0.16}-${(base - y) * 0.1}-${half * 0.2} ${(base - y) * 0.02}z" fill="${shade(fill, 0.6)}"/>`;
    })
    .join('');
}

function pine(x: number, y: number, size: number, fill: string): string {
  const tier = (k: number): string =>
    `<path d="M${x} ${y - size * (1 - k * 0.26)}l${size * (0.2 + k * 0.07)} ${size * 0.42}h-${size * (0.4 + k * 0.14)}z" fill="${fill}"/>`;
  return `<path d="M${x - size * 0.03} ${y - size * 0.2}h${size * 0.06}v${size * 0.2}h-${size * 0.06}z" fill="#4a3a2c"/>${tier(0)}${tier(1)}${tier(2)}`;
}

const forest = (fill: string, trees: readonly (readonly [number, number, number])[]): string =>
  trees.map(([x, y, size]) => pine(x, y, size, fill)).join('');

function birds(x: number, y: number): string {
  return `<path d="M${x} ${y}q14-14 24 0 12-14 26-2M${x + 70} ${y - 24}q10-10 18 0 8-10 18-2M${x + 44} ${y + 30}q8-8 14 0 8-8 14-2" stroke="#3c4a4a" stroke-width="4" stroke-linecap="round"/>`;
}

function shadow(x: number, y: number, rx: number): string {
  return `<ellipse cx="${x}" cy="${y}" rx="${rx}" ry="${rx * 0.1}" fill="#1c2a22" opacity=".28"/>`;
}

function dawn(place: Place): string {
  return `${sky('dawn', '#f3c39b', '#fbeed8')}
    <circle cx="700" cy="250" r="96" fill="#fff3d6"/><circle cx="700" cy="250" r="150" fill="#fff3d6" opacity=".35"/>
    ${birds(300, 150)}${peaks([[260, 190], [470, 130], [880, 210]], 520, '#93a7a8')}
    ${hills([400, 440, 390, 450, 380], '#6f9187')}${hills([500, 460, 520, 470, 500], '#4f7763')}
    ${forest('#2f5846', [[60, 560, 150], [130, 580, 120], [960, 560, 170], [1010, 590, 120], [880, 560, 100]])}
    ${hills([590, 560, 575, 560, 600], '#3d6350')}${hills([660, 620, 640, 630, 660], '#2c4c3c')}
    ${shadow(520, 640, 250)}${place('two-lakes-tent', 270, 170, 1.42)}
    ${shadow(812, 652, 70)}${place('glow-lantern', 724, 482, 0.52)}${shadow(210, 662, 86)}${place('dayhike-22', 104, 440, 0.68)}`;
}

function trail(place: Place): string {
  return `${sky('trail', '#bcd7dc', '#f4efdc')}
    <circle cx="210" cy="190" r="70" fill="#fff7e0"/>
    ${peaks([[120, 260], [390, 150], [650, 220], [930, 140]], 520, '#7f9aa6')}
    ${hills([430, 400, 450, 400, 430], '#88a57a')}${hills([500, 530, 490, 520, 480], '#6c8d5e')}
    ${forest('#3f6646', [[50, 540, 140], [110, 560, 110], [940, 530, 150], [1000, 560, 190]])}
    <path d="M470 470q80 60-40 110t110 140H300Q220 620 380 570t40-100z" fill="#e3cfa2"/>
    ${hills([640, 610, 650, 640, 600], '#4e7248')}
    <path d="M120 640q60-70 150-54 90-60 190-20 120-40 220 10 110-30 200 40 90 0 140 60v44H80z" fill="#8b8577"/>
    <path d="M120 640q60-70 150-54 90-60 190-20-180 30-340 74z" fill="#a9a394"/>
    ${shadow(560, 604, 290)}${place('ridge-runner', 220, 20, 1.82)}`;
}

function camp(place: Place): string {
  const stars = [[90, 80], [180, 150], [300, 70], [420, 130], [520, 60], [640, 120], [960, 70], [880, 180], [250, 220], [720, 50], [130, 260], [1000, 240]]
    .map(([x, y], i) => `<circle cx="${x}" cy="${y}" r="${2 + (i % 3)}" fill="#fff6d8"/>`)
    .join('');
  return `${sky('night', '#152338', '#3c5870')}${stars}
    <circle cx="830" cy="130" r="58" fill="#f6ecc9"/><circle cx="806" cy="116" r="52" fill="#1c2d44"/>
    ${peaks([[180, 260], [560, 200], [900, 280]], 540, '#2c4258')}
    ${hills([450, 480, 430, 480, 440], '#243c46')}
    ${forest('#16302f', [[60, 590, 240], [150, 600, 180], [990, 590, 260], [900, 600, 180], [820, 590, 140]])}
    ${hills([590, 560, 580, 560, 590], '#1d3a34')}
    <ellipse cx="450" cy="600" rx="380" ry="80" fill="#f7cf6b" opacity=".2"/>
    ${hills([650, 630, 640, 630, 650], '#17302b')}
    ${place('two-lakes-tent', 150, 140, 1.5)}
    ${place('glow-lantern', 700, 420, 0.66)}${place('enamel-mug', 850, 540, 0.36)}`;
}

function hearth(place: Place): string {
  return `<rect width="${WIDTH}" height="${HEIGHT}" fill="#e9d3bd"/>
    <path d="M0 120h1040M0 240h1040M0 360h1040M0 480h1040" stroke="#e0c6ab" stroke-width="5"/>
    <rect x="120" y="60" width="330" height="300" rx="14" fill="#fbf5ea"/>
    <rect x="142" y="82" width="286" height="256" fill="#bfdbe0"/>
    <path d="M142 260q70-70 140-20 70-70 146-10v108H142z" fill="#6f9187"/><path d="M142 300q90-50 286 0v38H142z" fill="#4f7763"/>
    <circle cx="360" cy="140" r="28" fill="#fff3d6"/>
    <path d="M285 82v256M142 210h286" stroke="#fbf5ea" stroke-width="14"/>
    <path d="M560 190h400v20H560z" fill="#8a5534"/><path d="M600 210v34M920 210v34" stroke="#6b3f26" stroke-width="12"/>
    ${place('slow-pour-over', 590, 36, 0.48)}${place('pine-candle', 760, 62, 0.4)}
    <path d="M0 560h1040v160H0z" fill="#9a6438"/><path d="M0 560h1040v24H0z" fill="#b77d4b"/>
    <path d="M0 640h1040M220 584v56M560 584v56M860 584v56M380 640v80M720 640v80" stroke="#85532d" stroke-width="4"/>
    ${shadow(280, 588, 150)}${place('steel-kettle', 60, 122, 1.44)}
    ${shadow(520, 590, 84)}${place('enamel-mug', 400, 304, 0.9)}
    ${shadow(800, 592, 170)}${place('cast-iron-pan', 630, 260, 1.0)}`;
}

function circle(place: Place): string {
  return `${sky('dusk', '#e58f5f', '#f8dcb0')}
    <circle cx="540" cy="330" r="230" fill="#fbe3b4"/><circle cx="540" cy="330" r="230" stroke="#fff6e2" stroke-width="10"/>
    <circle cx="540" cy="330" r="262" stroke="#fff6e2" stroke-width="3" stroke-dasharray="4 16" stroke-linecap="round"/>
    ${birds(190, 130)}${hills([440, 470, 420, 470, 430], '#b5694a')}${hills([530, 500, 530, 490, 520], '#8b4a3c')}
    ${forest('#5c2f30', [[60, 580, 170], [130, 600, 120], [980, 580, 190], [900, 600, 130]])}
    ${hills([610, 590, 600, 585, 610], '#5f3434')}
    ${shadow(540, 652, 180)}${place('traverse-55', 292, 196, 1.4)}
    ${shadow(250, 656, 150)}${place('ferry-duffel', 70, 362, 0.9)}
    ${shadow(830, 656, 130)}${place('fell-boot', 668, 376, 0.86)}${place('trail-bottle', 580, 500, 0.48)}`;
}

function lake(place: Place): string {
  return `${sky('lake', '#cfe3df', '#f7f0dd')}
    <circle cx="760" cy="170" r="72" fill="#ffe9b8"/>${birds(320, 140)}
    ${peaks([[230, 160], [520, 220], [850, 180]], 430, '#7b9a9c')}
    ${hills([390, 360, 400, 370, 390], '#4f7763')}
    <rect y="420" width="${WIDTH}" height="200" fill="#8fb9bd"/>
    <path d="M60 456h180M330 480h260M700 452h220M160 520h200M520 540h280M820 510h140" stroke="#c4dde0" stroke-width="7" stroke-linecap="round"/>
    <path d="M700 424l60 130 60-130z" fill="#ffe9b8" opacity=".6"/>
    ${forest('#2f5846', [[50, 440, 130], [110, 446, 90], [980, 440, 140], [920, 446, 90]])}
    <path d="M0 600h1040v120H0z" fill="#a9713f"/><path d="M0 600h1040v18H0z" fill="#c48f57"/>
    <path d="M130 618l-30 102M330 618l-14 102M540 618v102M750 618l14 102M940 618l30 102" stroke="#85532d" stroke-width="5"/>
    ${shadow(330, 652, 190)}${place('dune-chair', 90, 190, 1.42)}
    ${shadow(740, 660, 150)}${place('ferry-duffel', 560, 330, 1.02)}${place('enamel-mug', 446, 500, 0.5)}`;
}

function parcel(place: Place): string {
  return `${sky('parcel', '#dfe7e6', '#f6f1e4')}
    <circle cx="540" cy="350" r="280" fill="#fbf7ec"/>
    ${hills([600, 590, 606, 590, 600], '#cdbf9f')}
    ${shadow(540, 642, 280)}<path d="M300 372h480v250q0 18-18 18H318q-18 0-18-18z" fill="#c99a63"/>
    <path d="M300 372h240v268H318q-18 0-18-18z" fill="#d9b07c"/>
    ${place('wool-throw', 520, 108, 0.82)}${place('tarn-beanie', 300, 110, 0.86)}
    <path d="M300 372h480v60H300z" fill="#b5844e"/>
    <path d="M300 372l-70-62 90-10 220 72zM780 372l70-62-90-10-220 72z" fill="#e3c08f"/>
    <path d="M490 432h100v90H490z" fill="#f3ead8"/><path d="M504 500l24-38 14 17 12-15 22 36z" fill="#2f5846"/>
`;
}

export const SCENES: Readonly<Record<string, (place: Place) => string>> = {
  'scene-dawn': dawn,
  'scene-trail': trail,
  'scene-camp': camp,
  'scene-hearth': hearth,
  'scene-circle': circle,
  'scene-lake': lake,
  'scene-parcel': parcel,
};

export const SCENE_BOX = { width: WIDTH, height: HEIGHT } as const;
