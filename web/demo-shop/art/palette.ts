/** Colours of the illustrations: the catalogue's colour names and their shades. */

export interface Palette {
  readonly main: string;
  readonly dark: string;
  readonly deep: string;
  readonly light: string;
}

export const COLOURS: Readonly<Record<string, string>> = {
  terracotta: '#c8633c',
  chestnut: '#8a5534',
  navy: '#2f4a6d',
  stone: '#9c968a',
  moss: '#5f7a4b',
  mustard: '#d9a02f',
  brick: '#a8432f',
  teal: '#2f7475',
  sand: '#d3b58a',
  slate: '#4d565e',
  cream: '#f3ead8',
};

export const BACKDROPS: Readonly<Record<string, { wall: string; disc: string }>> = {
  shoes: { wall: '#efe3d3', disc: '#f8f1e6' },
  clothing: { wall: '#dfe7e6', disc: '#eef3f1' },
  bags: { wall: '#ece5d2', disc: '#f7f2e3' },
  camp: { wall: '#dbe5d8', disc: '#ecf2e8' },
  kitchen: { wall: '#f0dfd3', disc: '#f9efe7' },
  home: { wall: '#e6e1ea', disc: '#f3f0f5' },
  garden: { wall: '#e3e8d3', disc: '#f1f4e6' },
};

/** Mixes a colour with white (positive) or a warm black (negative); amount is -1..1. */
export function shade(hex: string, amount: number): string {
  const target = amount >= 0 ? [255, 252, 246] : [24, 18, 20];
  const weight = Math.abs(amount);
  const parts = [1, 3, 5].map((at, index) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16);
    return Math.round(value + ((target[index] ?? 0) - value) * weight)
      .toString(16)
      .padStart(2, '0');
  });
  return `#${parts.join('')}`;
}

export function paletteOf(colour: string): Palette {
  const main = COLOURS[colour];
  if (main === undefined) throw new Error(`no colour named ${colour} in the palette`);
  return { main, dark: shade(main, -0.28), deep: shade(main, -0.5), light: shade(main, 0.34) };
}
