import type { RequestHandler } from 'express';
import { networkOf, type Throttle } from '../auth/throttle.ts';

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Generous for people, tight for loops: counted by session, or by address where there is none. */
export function writeLimit(throttle: Throttle): RequestHandler {
  return async (req, _res, next) => {
    if (!READS.has(req.method)) await throttle.write(req.session?.id ?? networkOf(req.ip ?? ''));
    next();
  };
}
