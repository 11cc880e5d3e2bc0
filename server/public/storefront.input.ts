import { z } from 'zod';
import { invalid } from '../errors.ts';
import { fieldErrors } from '../http/form.ts';
import { UUID } from '../http/ids.ts';
import { foldedPatterns } from '../market/fold.ts';

export const SORTS = ['newest', 'ending', 'price', '-price', 'discount', 'distance'] as const;
export type Sort = (typeof SORTS)[number];

export interface Point {
  readonly latitude: number;
  readonly longitude: number;
}

/** Plain decimals: `1e3`, `0x10` and `Infinity` are no places. */
const near = z
  .string()
  .regex(/^-?\d{1,2}(\.\d{1,8})?,-?\d{1,3}(\.\d{1,8})?$/, { error: 'form:format.other' })
  .transform((text): Point => {
    const [latitude = 0, longitude = 0] = text.split(',').map(Number);
    return { latitude, longitude };
  })
  .refine(({ latitude, longitude }) => Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180, {
    error: 'form:format.other',
  })
  .meta({
    override: { type: 'string' },
    description: '`latitude,longitude` in degrees',
    examples: ['24.71,46.67'],
  });

const decimal = (most: number, places: RegExp) =>
  z
    .string()
    .regex(places, { error: 'form:wrongType' })
    .transform(Number)
    .pipe(z.number().positive().max(most));

const limit = decimal(50, /^\d{1,3}$/)
  .default(20)
  .meta({ override: { type: 'integer', minimum: 1, maximum: 50, default: 20 } });

export const noQuery = z.strictObject({});

export const branchesQuery = z.strictObject({ near: near.optional() });

export const offersQuery = z
  .strictObject({
    category: z
      .string()
      .regex(/^[a-z0-9-]{1,64}$/, { error: 'form:format.other' })
      .optional(),
    branch: z.string().regex(UUID, { error: 'form:format.uuid' }).meta({ format: 'uuid' }).optional(),
    near: near.optional(),
    within: decimal(20_000, /^\d{1,5}(\.\d{1,3})?$/)
      .optional()
      .meta({ override: { type: 'number', maximum: 20_000 }, description: 'Kilometres around `near`' }),
    q: z.string().normalize('NFC').trim().max(200).optional().meta({ description: 'Words of the title' }),
    sort: z.enum(SORTS).default('newest'),
    limit,
    cursor: z.string().max(400).optional().meta({ description: '`next` of an earlier answer' }),
  })
  .superRefine(({ near, within, sort }, issues) => {
    if (near || (within === undefined && sort !== 'distance')) return;
    issues.addIssue({ code: 'custom', message: 'form:required', path: ['near'] });
  });

export interface OfferSearch {
  readonly category: string | null;
  readonly branch: string | null;
  readonly near: Point | null;
  readonly within: number | null;
  /** LIKE patterns, all of which have to match. */
  readonly words: readonly string[];
  readonly sort: Sort;
  readonly limit: number;
  readonly after: Place | null;
}

/** Where a page ended: the rank of its last offer under the sort, and its id. */
export interface Place {
  readonly rank: number;
  readonly id: string;
}

/** @throws AppError 422 naming each field that is unknown or has a bad value. */
export function readQuery<Schema extends z.ZodType>(
  schema: Schema,
  query: Record<string, unknown>,
): z.output<Schema> {
  // An empty value is what a form's field sends that nobody filled in.
  const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
  const result = schema.safeParse(given, { reportInput: true });
  if (result.success) return result.data;
  throw invalid(fieldErrors(result.error.issues));
}

/** @throws AppError 422 */
export function readSearch(query: Record<string, unknown>): OfferSearch {
  const {
    category = null,
    branch = null,
    near = null,
    within = null,
    q = '',
    ...rest
  } = readQuery(offersQuery, query);
  const after = rest.cursor === undefined ? null : decodePlace(rest.cursor, rest.sort);
  if (rest.cursor !== undefined && !after) throw invalid({ cursor: 'form:badCursor' });
  return {
    category,
    branch,
    near,
    within,
    words: foldedPatterns(q),
    sort: rest.sort,
    limit: rest.limit,
    after,
  };
}

const place = z.tuple([z.enum(SORTS), z.number(), z.string().regex(UUID)]);

export const encodePlace = (sort: Sort, { rank, id }: Place): string =>
  Buffer.from(JSON.stringify([sort, rank, id])).toString('base64url');

/** Unsigned: all that it can ask for is another place in what the key shows anyway. */
function decodePlace(text: string, sort: Sort): Place | null {
  try {
    const read = place.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    return read.success && read.data[0] === sort ? { rank: read.data[1], id: read.data[2] } : null;
  } catch {
    return null;
  }
}
