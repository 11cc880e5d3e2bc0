import { z } from 'zod';
import { UUID } from './ids.ts';

export type SortKind = 'text' | 'number' | 'instant';

/** Where a page of a list ended: the sort it belongs to, the last row's sort value and id, and the way to go on. */
export interface Cursor {
  readonly sort: string;
  readonly dir: 'asc' | 'desc';
  readonly value: string | number | Date;
  readonly id: string;
  readonly backwards: boolean;
}

const shape = z.strictObject({
  s: z.string().max(40),
  d: z.enum(['asc', 'desc']),
  v: z.union([z.string().max(2_000), z.number()]),
  i: z.string().regex(UUID),
  b: z.boolean(),
});

const VALUE: Record<SortKind, z.ZodType<string | number | Date>> = {
  text: z
    .string()
    .refine(
      (value) => !value.includes('\0') && (value as string & { isWellFormed(): boolean }).isWellFormed(),
    ),
  number: z.number().int().min(-2_147_483_648).max(2_147_483_647),
  instant: z.iso.datetime().transform((value) => new Date(value)),
};

export function encodeCursor({ sort, dir, value, id, backwards }: Cursor): string {
  const v = value instanceof Date ? value.toISOString() : value;
  return Buffer.from(JSON.stringify({ s: sort, d: dir, v, i: id, b: backwards })).toString('base64url');
}

/**
 * Null for anything but a cursor of this very sort. It needs no signature: all it can ask for is another
 * place in a list that row-level security has cut to the caller's own rows.
 */
export function decodeCursor(text: string, sort: string, dir: 'asc' | 'desc', kind: SortKind): Cursor | null {
  if (!/^[\w-]{1,4000}$/.test(text)) return null;
  let data: unknown;
  try {
    data = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
  const found = shape.safeParse(data);
  if (!found.success || found.data.s !== sort || found.data.d !== dir) return null;
  const value = VALUE[kind].safeParse(found.data.v);
  return value.success ? { sort, dir, value: value.data, id: found.data.i, backwards: found.data.b } : null;
}
