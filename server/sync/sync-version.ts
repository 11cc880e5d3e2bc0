import type { RequestHandler } from 'express';
import { badRequest } from '../errors.ts';

const HEADER = 'Bulkhead-Sync';
/** Of the protocol between tills and server. A till names the one that it speaks; none is this one. */
export const SYNC_VERSION = '1';

/** Refuses tills of a protocol that this server does not speak, before anything of theirs is read. */
export const syncVersion: RequestHandler = (req, res, next) => {
  res.set(HEADER, SYNC_VERSION);
  const asked = req.get(HEADER) ?? SYNC_VERSION;
  next(asked === SYNC_VERSION ? undefined : badRequest('sync-version', HEADER, { version: SYNC_VERSION }));
};
