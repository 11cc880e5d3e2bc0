import { z } from 'zod';
import { UUID } from '../http/ids.ts';

/** Where a till has got to in the order of changes, and what that order was an order of. */
export interface Cursor {
  /** Epoch, branch and collections: with any of them another, what lies behind the position is another list. */
  readonly of: string;
  readonly xid: number;
  readonly rowId: string;
}

/** Smaller than any row's id. */
export const FIRST_ROW = '00000000-0000-0000-0000-000000000000';

/** In front of everything. */
export const beginning = (of: string): Cursor => ({ of, xid: 0, rowId: FIRST_ROW });

const shape = z.tuple([z.string().max(200), z.int().min(0), z.string().regex(UUID).or(z.literal(FIRST_ROW))]);

export const writeCursor = ({ of, xid, rowId }: Cursor): string =>
  Buffer.from(JSON.stringify([of, xid, rowId])).toString('base64url');

/** Null for what was never a cursor of ours. It opens nothing, so it needs no signature: policies bind every position. */
export function readCursor(text: string): Cursor | null {
  try {
    const [of, xid, rowId] = shape.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    return { of, xid, rowId };
  } catch {
    return null;
  }
}
