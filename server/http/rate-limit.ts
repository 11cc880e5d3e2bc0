import type { Response } from 'express';
import type { Allowance } from '../auth/open-limits.ts';
import { tooMany } from '../errors.ts';

/**
 * Says in the answer what is left (RateLimit headers of the IETF's draft), and refuses when nothing is:
 * `answerLimit(res, await deps.open.limits.exact(SIGN_IN_CODES, networkOf(req.ip)))`.
 * @throws AppError 429 with Retry-After
 */
export function answerLimit(res: Response, { limit, exceeded, remaining, seconds }: Allowance): void {
  res.set('RateLimit-Policy', `"${limit.name}";q=${limit.points};w=${limit.seconds}`);
  res.set('RateLimit', `"${limit.name}";r=${remaining};t=${seconds}`);
  if (exceeded) throw tooMany(seconds);
}
