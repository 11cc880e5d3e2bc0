import type { RangeSlug } from '../catalogue.ts';
import { type Drawings, type Palette, pictureSvg } from './drawing.ts';
import { cafe, grocery } from './food.ts';
import { beauty, fashion, pharmacy } from './personal.ts';
import { sports, toys } from './play.ts';
import { books, electronics, home } from './things.ts';

const palette = (
  sky: string,
  ground: string,
  main: string,
  dark: string,
  light: string,
  accent: string,
): Palette => ({ sky, ground, main, dark, light, accent });

const ART: Readonly<Record<RangeSlug, readonly [Drawings, Palette]>> = {
  grocery: [grocery, palette('#e8f4d9', '#b9dd9a', '#3f8f4a', '#3b4a2c', '#f2e6c4', '#e0742f')],
  electronics: [electronics, palette('#e2e9f7', '#a9bce6', '#4d7fe0', '#1c2740', '#dfe7f5', '#35c3c9')],
  fashion: [fashion, palette('#f8e9e3', '#e6bfb0', '#a8485a', '#4a2430', '#f3d8cd', '#d9a441')],
  pharmacy: [pharmacy, palette('#e0f5f0', '#a3dccd', '#2f9c8a', '#1d4f4a', '#cdeee6', '#e05a5a')],
  home: [home, palette('#f4eee2', '#dcc9a8', '#5f7f73', '#44372b', '#e9dcc4', '#cf7f4a')],
  cafe: [cafe, palette('#f6e9da', '#d9b48d', '#a8692f', '#3d2416', '#f0d3a6', '#c8963f')],
  beauty: [beauty, palette('#fae8f1', '#e3b4d0', '#b0528a', '#4b2340', '#f6d7e6', '#e08a3c')],
  sports: [sports, palette('#e3f1f8', '#9fcbe2', '#2a7fb0', '#1f3442', '#d4e8f2', '#f08a24')],
  toys: [toys, palette('#fff3d6', '#ffd98a', '#d98b3a', '#4a3352', '#ffe9bf', '#4a9fd4')],
  books: [books, palette('#ece8f6', '#c0b4e0', '#5b4a9c', '#2d2550', '#e4def5', '#d96a4a')],
};

export const DRAWINGS_PER_CATEGORY = 6;

/** The SVG of a category's n-th picture. */
export function artSvg(category: RangeSlug, index: number): string {
  const [drawings, colours] = ART[category];
  return pictureSvg(drawings[index]!, colours);
}
