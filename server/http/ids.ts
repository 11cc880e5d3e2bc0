import type { Request } from 'express';
import { notFound } from '../errors.ts';

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const isId = (value: unknown): value is string => typeof value === 'string' && UUID.test(value);

/** The id in a path. A malformed one is answered like an unknown one: 404. */
export function idParam(req: Request, name = 'id'): string {
  const value = req.params[name];
  if (!isId(value)) throw notFound();
  return value;
}

/** The row, or 404: `orNotFound(await findOffer(req.db, id))`. */
export function orNotFound<Row>(row: Row | null | undefined): Row {
  if (row === null || row === undefined) throw notFound();
  return row;
}
