import { createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';

/**
 * Shown only after asking again: how many are left changes with every claim, offers end at their second, and a
 * revoked key must stop counting at once. Asking again costs a 304.
 */
const ASK_AGAIN = 'private, no-cache';

/** For what hardly changes and decides nothing: names, addresses, pictures. Private, because no cache on the way learns of a revoked key. */
export const keptFor = (seconds: number): string => `private, max-age=${seconds}`;

/** Gives every JSON answer to a GET a strong ETag, and answers 304 to who has it already. */
export function etags(): RequestHandler {
  return (req, res, next) => {
    if (req.method !== 'GET' && req.method !== 'HEAD') return next();
    res.set('Cache-Control', ASK_AGAIN);
    res.json = (value: unknown) => {
      const body = JSON.stringify(value);
      if (!res.get('Content-Type')) res.type('json');
      return isKnown(req, res, body) ? res : res.send(body);
    };
    next();
  };
}

/** Sets the ETag of an answer; true when the client has it and the 304 is sent. */
export function isKnown(req: Request, res: Response, content: string): boolean {
  if (res.statusCode !== 200) return false;
  // The market is part of it: equal bodies of two markets must never count as one answer.
  const hash = createHash('sha256')
    .update(req.open.market.id)
    .update('\n')
    .update(content)
    .digest('base64url');
  const etag = `"${hash.slice(0, 27)}"`;
  res.set('ETag', etag);
  if (!named(req.get('If-None-Match'), etag)) return false;
  res.status(304).removeHeader('Content-Type');
  res.end();
  return true;
}

/** If-None-Match compares weakly: a proxy that compressed the answer may have put W/ in front. */
const named = (header: string | undefined, etag: string): boolean =>
  (header ?? '').split(',').some((each) => ['*', etag, `W/${etag}`].includes(each.trim()));
