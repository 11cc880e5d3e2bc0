import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

/** What browsers ask of a program that can be installed. */
export const ICON_SIZES = [192, 512];
const APPLE = 180;

/**
 * The till's icons by file name without its ending, drawn from one picture when they are first asked for. A maskable
 * one and Apple's fill their square; the others have round corners.
 */
export function tillIcons(views: string): (name: string) => Promise<Buffer> | null {
  const picture = readFileSync(join(views, 'assets/img/till-icon.svg'), 'utf8');
  const square = picture.replace(/ rx="\d+" data-corner=""/, '');
  const wanted = new Map([
    ...ICON_SIZES.map((size) => [`${size}`, { source: picture, size }] as const),
    ['maskable-512', { source: square, size: 512 }],
    [`${APPLE}`, { source: square, size: APPLE }],
  ]);
  const drawn = new Map<string, Promise<Buffer>>();
  return (name) => {
    const known = wanted.get(name);
    if (!known) return null;
    const made = drawn.get(name) ?? draw(known.source, known.size);
    drawn.set(name, made);
    return made;
  };
}

const draw = (svg: string, size: number): Promise<Buffer> =>
  sharp(Buffer.from(svg)).resize(size, size).png().toBuffer();
