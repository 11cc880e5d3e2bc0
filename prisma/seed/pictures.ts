import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClientBase } from 'pg';
import sharp from 'sharp';
import { artSvg, DRAWINGS_PER_CATEGORY } from './art/art.ts';
import type { RangeSlug } from './catalogue.ts';
import { demoId } from './ids.ts';
import { DEMO_MARKETS, type DemoMarket } from './market-list.ts';
import { insertRows } from './rows.ts';

interface Picture {
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
  readonly digest: string;
}

const numbers = Array.from({ length: DRAWINGS_PER_CATEGORY }, (_, index) => index);

/** The image row of a market's copy of its category's n-th picture. */
export const imageId = (market: DemoMarket, index: number): string =>
  demoId('image', market.number * 100 + index + 1);

async function render(category: RangeSlug, index: number): Promise<Picture> {
  const svg = Buffer.from(artSvg(category, index));
  const { data, info } = await sharp(svg)
    .webp({ quality: 78, effort: 2 })
    .toBuffer({ resolveWithObject: true });
  const digest = createHash('sha256').update(data).digest('hex');
  return { bytes: data, width: info.width, height: info.height, digest };
}

/** Every category's pictures, drawn once. Slow (about a second), so not a thing to do inside a transaction. */
export async function renderPictures(): Promise<ReadonlyMap<RangeSlug, readonly Picture[]>> {
  const categories = [...new Set(DEMO_MARKETS.map((market) => market.category))];
  const drawn = categories.map(
    async (category) =>
      [category, await Promise.all(numbers.map((index) => render(category, index)))] as const,
  );
  return new Map(await Promise.all(drawn));
}

type Pictures = Awaited<ReturnType<typeof renderPictures>>;

/** Each market has its own copy of its category's pictures. */
const copiesOf = (pictures: Pictures) =>
  DEMO_MARKETS.flatMap((market) =>
    pictures.get(market.category)!.map((picture, index) => ({ market, id: imageId(market, index), picture })),
  );

/** The files. Last of all, because a rollback can't take them back. */
export async function storePictures(pictures: Pictures, uploadsDir: string): Promise<void> {
  for (const { market, id, picture } of copiesOf(pictures)) {
    const folder = join(uploadsDir, market.id);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${id}.webp`), picture.bytes);
  }
}

const columns = {
  market_id: 'uuid',
  id: 'uuid',
  width: 'integer',
  height: 'integer',
  bytes: 'integer',
  digest: 'text',
  created_at: 'timestamptz',
};

/** The rows that decide who may have the files. */
export async function writePictures(
  client: ClientBase,
  pictures: Pictures,
  opened: (market: DemoMarket) => Date,
): Promise<void> {
  const rows = copiesOf(pictures).map(({ market, id, picture: { width, height, digest, bytes } }) => ({
    market_id: market.id,
    id,
    width,
    height,
    digest,
    bytes: bytes.length,
    created_at: opened(market),
  }));
  await insertRows(client, 'image', columns, rows);
}
