import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import { v7 } from 'uuid';
import { COOKIE } from '../../auth/cookies.ts';
import type { OpenDeps } from '../../deps.ts';
import { isBot } from '../../events/bots.ts';
import { visitorAt } from '../../events/visitor.ts';
import { isId } from '../../http/ids.ts';
import { visitorScope } from '../../market/scope.ts';

/** Forgotten with the browser's session, and of this market alone. */
const nameOf = (slug: string) => `__Host-bulkhead-visitor-${slug}`;

/**
 * Counts that an offer's own page was shown: here and not by a script, because the page works without one and its
 * request is all the proof there is. By the same intake and the same rules as the widget's reports: crawlers are counted
 * apart, and of one visitor's views the first of each half hour counts. The page does not wait for it.
 */
export function viewCounter({ intake, tokenKeys }: OpenDeps, logger: Logger) {
  return (req: Request, res: Response, offerId: string): void => {
    if (req.method !== 'GET' || isAhead(req)) return;
    const { market, scope } = req.open;
    if (isBot(req.get('User-Agent'))) {
      intake.counts.add(market.id, 'bot', 1);
      return;
    }
    const visitor = visitorAt(market.id, visitorOf(req, res), tokenKeys[0]!.key);
    const view = { id: v7(), offerId, branchId: null, visitor };
    // Signed in or not: a view is nobody's in particular.
    intake.take(visitorScope(market.id, scope.receipt), [view]).catch((error: unknown) => {
      logger.warn({ err: error, receipt: req.receipt }, 'a view was not counted');
    });
  };
}

/** Fetched before anybody asked to see it. */
const isAhead = (req: Request): boolean =>
  /prefetch|prerender/.test(`${req.get('Sec-Purpose') ?? ''} ${req.get('Purpose') ?? ''}`);

function visitorOf(req: Request, res: Response): string {
  const name = nameOf(req.open.market.slug);
  const known: unknown = req.cookies[name];
  if (isId(known)) return known;
  const made = randomUUID();
  res.cookie(name, made, COOKIE);
  return made;
}
