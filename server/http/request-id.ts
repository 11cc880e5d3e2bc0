import type { RequestHandler } from 'express';
import { v7 as uuid } from 'uuid';

/** Names each request. An id sent by a client is ignored: receipts end up in audit rows. */
export function requestId(): RequestHandler {
  return (req, res, next) => {
    req.receipt = uuid();
    req.id = req.receipt;
    res.set('X-Request-Id', req.receipt);
    next();
  };
}
