import { type Request, Router } from 'express';
import type { Deps } from '../deps.ts';
import { beaconBody } from '../http/bodies.ts';
import { readBody } from '../http/form.ts';
import type { Scope } from '../market/scope.ts';
import type { OpenRequest } from '../public/open-request.ts';
import { keyId } from '../public/publishable-key.ts';
import { isBot } from './bots.ts';
import { type IntakeAnswer, reportedEvents } from './events.input.ts';
import { type Intake, tally } from './intake.ts';
import { visitorAt } from './visitor.ts';

/** Views as pages report them. Below `/public/v1`, behind publicAuth. */
export function eventsPublicRoutes({ open }: Pick<Deps, 'open'>): Router {
  if (!open) throw new Error('This process has no door to the public surface');
  const { intake, tokenKeys } = open;
  const secret = tokenKeys[0]!.key;
  const router = Router();
  router.post('/events', beaconBody(), async (req, res) => {
    res.status(202).json(await report(intake, secret, req));
  });
  return router;
}

async function report(intake: Intake, secret: Buffer, req: Request): Promise<IntakeAnswer> {
  const { visitor: given, events } = readBody(reportedEvents, req.body);
  const { market } = req.open;
  if (isBot(req.get('User-Agent'))) {
    intake.counts.add(market.id, 'bot', events.length);
    return answer(new Map(), events.length);
  }
  const visitor = given ? visitorAt(market.id, given, secret) : null;
  const views = events.map(({ id, offerId, branchId = null }) => ({ id, offerId, branchId, visitor }));
  const outcomes = await intake.take(keyScope(req.open), views).catch(async (error) => {
    if ((error as { status?: unknown }).status === 403) await req.open.confirm?.();
    throw error;
  });
  return answer(tally(outcomes), 0);
}

/** Who sends does not matter beyond the key: what shoppers of one page report goes in one batch. */
function keyScope({ scope, key }: OpenRequest): Scope {
  const id = key && keyId(key);
  return id && scope.actor.kind === 'shopper'
    ? { ...scope, actor: { ...scope.actor, kind: 'key', id } }
    : scope;
}

function answer(counts: ReturnType<typeof tally>, bot: number): IntakeAnswer {
  const of = (outcome: Parameters<typeof counts.get>[0]) => counts.get(outcome) ?? 0;
  const ignored = { unknown: of('unknown'), late: of('late'), early: of('early'), bot };
  return { accepted: of('accepted'), repeated: of('repeated'), ignored };
}
