/** Turns the catalogue into illustrations: one SVG a product, and the wide scenes. */

import * as bags from './bags.ts';
import * as camp from './camp.ts';
import * as clothing from './clothing.ts';
import * as home from './home.ts';
import * as kitchen from './kitchen.ts';
import { BACKDROPS, paletteOf } from './palette.ts';
import type { Palette } from './palette.ts';
import { SCENES, SCENE_BOX } from './scenes.ts';
import * as shoes from './shoes.ts';

export interface Drawable {
  readonly item_id: string;
  readonly categories: readonly string[];
  readonly attributes: { readonly colour: string };
}

const DRAWINGS: Readonly<Record<string, (palette: Palette) => string>> = {
  'ridge-runner': shoes.ridgeRunner,
  'fell-boot': shoes.fellBoot,
  'harbour-sneaker': shoes.harbourSneaker,
  'hut-slipper': shoes.hutSlipper,
  'creek-sandal': shoes.creekSandal,
  'moor-rain-boot': shoes.moorRainBoot,
  'squall-shell': clothing.squallShell,
  'ember-down': clothing.emberDown,
  'island-jumper': clothing.islandJumper,
  'camp-flannel': clothing.campFlannel,
  'tarn-beanie': clothing.tarnBeanie,
  'trail-sock': clothing.trailSock,
  'dayhike-22': bags.dayhikePack,
  'traverse-55': bags.traversePack,
  'market-tote': bags.marketTote,
  'ferry-duffel': bags.ferryDuffel,
  'path-hip-pack': bags.pathHipPack,
  'two-lakes-tent': camp.twoLakesTent,
  'hollow-sleeping-bag': camp.hollowBag,
  'glow-lantern': camp.glowLantern,
  'pocket-stove': camp.pocketStove,
  'night-headlamp': camp.nightHeadlamp,
  'dune-chair': camp.duneChair,
  'enamel-mug': kitchen.enamelMug,
  'steel-kettle': kitchen.steelKettle,
  'cast-iron-pan': kitchen.castIronPan,
  'slow-pour-over': kitchen.slowPourOver,
  'trail-bottle': kitchen.trailBottle,
  'wool-throw': home.woolThrow,
  'pine-candle': home.pineCandle,
  'dusk-lamp': home.duskLamp,
  'linen-cushion': home.linenCushion,
  'oak-stool': home.oakStool,
  'watering-can': home.wateringCan,
  'hand-trowel': home.handTrowel,
  'herb-planter': home.herbPlanter,
};

function drawing(item: Drawable): string {
  const draw = DRAWINGS[item.item_id];
  if (draw === undefined) throw new Error(`no drawing for catalogue item ${item.item_id}`);
  return draw(paletteOf(item.attributes.colour));
}

function svg(width: number, height: number, body: string): string {
  const packed = body.replace(/\s*\n\s*/g, '');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"><g fill="none" stroke-linejoin="round">${packed}</g></svg>\n`;
}

export function productImage(item: Drawable): string {
  const backdrop = BACKDROPS[item.categories[0] ?? ''];
  if (backdrop === undefined) throw new Error(`no backdrop for the category of ${item.item_id}`);
  return svg(
    400,
    400,
    `<rect width="400" height="400" fill="${backdrop.wall}"/>
     <circle cx="200" cy="196" r="158" fill="${backdrop.disc}"/>
     <ellipse cx="200" cy="304" rx="128" ry="12" fill="#3a3022" opacity=".16"/>
     <g transform="translate(30 28) scale(.85)">${drawing(item)}</g>`,
  );
}

/** Every image of the shop: file name to SVG text. */
export function shopImages(items: readonly Drawable[]): Map<string, string> {
  const images = new Map(items.map((item) => [`${item.item_id}.svg`, productImage(item)]));
  const byId = new Map(items.map((item) => [item.item_id, item]));
  const place = (id: string, x: number, y: number, scale: number): string => {
    const item = byId.get(id);
    if (item === undefined) throw new Error(`a scene shows ${id}, which the catalogue lacks`);
    return `<g transform="translate(${x} ${y}) scale(${scale})">${drawing(item)}</g>`;
  };
  for (const [name, scene] of Object.entries(SCENES)) {
    images.set(`${name}.svg`, svg(SCENE_BOX.width, SCENE_BOX.height, scene(place)));
  }
  return images;
}
