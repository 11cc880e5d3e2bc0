import { createHash } from 'node:crypto';
import sharp, { type OutputInfo } from 'sharp';
import { invalid } from '../errors.ts';

/** Largest side of a stored picture, in pixels. */
const LARGEST_SIDE = 1600;
/** Refuses decompression bombs: 50 megapixels is more than any phone takes. */
const MOST_PIXELS = 50_000_000;
const FORMATS = new Set(['jpeg', 'png', 'webp', 'gif', 'heif']);

export interface Picture {
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
  readonly digest: string;
}

/**
 * Decodes what was uploaded and encodes it anew as WebP: upright, at most 1600 px, without metadata (a phone
 * writes where the picture was taken). What can't be decoded is no image, whatever its name says.
 * @throws AppError 422 on field `image`.
 */
export async function encodePicture(upload: Buffer): Promise<Picture> {
  try {
    const source = sharp(upload, { limitInputPixels: MOST_PIXELS, failOn: 'error' });
    const { format } = await source.metadata();
    if (!FORMATS.has(format)) throw new Error(`format ${format}`);
    const { data, info } = await source
      .rotate()
      .resize(LARGEST_SIDE, LARGEST_SIDE, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 82 })
      .toBuffer({ resolveWithObject: true });
    return describe(data, info);
  } catch {
    throw invalid({ image: 'images:not-an-image' });
  }
}

function describe(bytes: Buffer, info: OutputInfo): Picture {
  const digest = createHash('sha256').update(bytes).digest('hex');
  return { bytes, width: info.width, height: info.height, digest };
}
