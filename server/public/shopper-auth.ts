import type { RequestHandler } from 'express';
import type { Database } from '../db/client.ts';
import { unauthorized } from '../errors.ts';
import type { VerifyShopper } from './open-request.ts';
import { openRequest } from './public-auth.ts';

/** A shopper's token, if there is one, puts the request under the shopper's scope; one that is doubted is refused. */
export function shopperAuth(database: Database, verify: VerifyShopper): RequestHandler {
  return async (req, res, next) => {
    const header = req.get('Authorization');
    if (header === undefined) return next();
    const token = /^Bearer ([\w.~+/=-]+)$/i.exec(header)?.[1];
    const actor = token ? await verify(req.open, token) : null;
    if (!actor) {
      res.set('WWW-Authenticate', 'Bearer');
      throw unauthorized('token-refused');
    }
    const { scope, market, key } = req.open;
    req.open = openRequest(database, { ...scope, actor }, market, key);
    next();
  };
}
