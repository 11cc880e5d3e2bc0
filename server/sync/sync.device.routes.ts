import { type NextFunction, type Request, type Response, Router } from 'express';

import type { Deps, TillDeps } from '../deps.ts';
import { requireOperation } from '../devices/device-operations.ts';
import { noteState, skewOf } from '../devices/till-state.service.ts';
import { forbidden, unauthorized } from '../errors.ts';
import { fieldErrors, readBody } from '../http/form.ts';
import { idParam } from '../http/ids.ts';
import { issueLease, settleLease } from './leases.service.ts';
import { pullChanges } from './pull.queries.ts';
import { isRefused, pushOperations, type RawResult } from './push.service.ts';
import type { Result } from './sync.answers.ts';
import { leaseBody, pullQuery, pushBody } from './sync.input.ts';
import { syncVersion } from './sync-version.ts';

type Clock = Deps['clock'];

/** What tills pull, push and take along. Below `/sync/v1`, behind deviceAuth. */
export function syncDeviceRoutes({ clock, till }: Pick<Deps, 'clock' | 'till'>): Router {
  const router = Router();
  router.use(['/pull', '/push', '/leases'], syncVersion);
  router.get('/pull', (req, res) => pull(req, res, clock));
  router.post('/push', requireOperation('push:redemptions'), (req, res) => push(req, res, clock));
  router.post('/leases', requireOperation('push:leases'), (req, res) => lease(req, res, till!.tokenKeys));
  router.delete('/leases/:id', requireOperation('push:leases'), settle);
  router.use(refusedMeanwhile);
  return router;
}

/** A token is for all collections or for fewer; what it is not for is left out. */
const COLLECTIONS = [
  ['pull:offers', ['offers']],
  ['pull:claims', ['claims']],
  ['pull:settings', ['market', 'branches']],
] as const;

async function pull(req: Request, res: Response, clock: Clock): Promise<void> {
  const { direct, operations } = req.till;
  const collections = COLLECTIONS.flatMap(([each, names]) => (operations.has(each) ? names : []));
  if (collections.length === 0) throw forbidden('operation-refused', { operation: 'pull:offers' });
  const page = await pullChanges(direct, { collections, ...readBody(pullQuery, req.query) });
  res.json({ ...page, serverTime: clock().toISOString() });
}

/** An id that stands for something else already has no place in a batch: alone, it is the request's own fault. */
async function push(req: Request, res: Response, clock: Clock): Promise<void> {
  const { direct, device } = req.till;
  const { operations, state = {} } = readBody(pushBody, req.body);
  const now = clock();
  const skew = state.clock === undefined ? 0 : skewOf(Date.parse(state.clock), now);
  const results = await pushOperations(direct, { operations, skew, branchId: device.branchId });
  await noteState(direct, state, now);
  const answer = { results: results.map((each) => inWords(req, each)), serverTime: now.toISOString() };
  if (results.length !== 1 || results[0]!.status !== 'mismatch') return void res.json(answer);
  const code = 'operation-mismatch';
  const problem = {
    type: `urn:bulkhead:problem:${code}`,
    status: 422,
    code,
    instance: `urn:uuid:${req.receipt}`,
  };
  const words = { title: req.t(`errors:${code}.title`), detail: req.t(`errors:${code}.text`) };
  res
    .status(422)
    .type('application/problem+json')
    .send(JSON.stringify({ ...problem, ...words, ...answer }));
}

function inWords(req: Request, { issues, ...result }: RawResult): Result {
  if (!issues) return result;
  const errors = Object.entries(fieldErrors(issues)).map(([field, message]) => ({
    field,
    message: typeof message === 'string' ? req.t(message) : req.t(message[0], message[1]),
  }));
  return { ...result, errors };
}

async function lease(req: Request, res: Response, keys: TillDeps['tokenKeys']): Promise<void> {
  const { count } = readBody(leaseBody, req.body);
  res.status(201).json(await issueLease(req.till.direct, count, keys));
}

async function settle(req: Request, res: Response): Promise<void> {
  res.json(await settleLease(req.till.direct, idParam(req)));
}

/** Between the check at the door and the statement something has changed. Asked again, the door says what. */
function refusedMeanwhile(error: unknown, _req: Request, _res: Response, next: NextFunction): void {
  next(isRefused(error) ? unauthorized('till-token-refused') : error);
}
