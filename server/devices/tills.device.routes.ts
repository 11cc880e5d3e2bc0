import { type Request, type Response, Router } from 'express';
import { networkOf } from '../auth/throttle.ts';
import type { PairedTill, Pairing } from '../auth/till-pairing.ts';
import { forbidden, invalid, unauthorized } from '../errors.ts';
import { readBody } from '../http/form.ts';
import { answerLimit } from '../http/rate-limit.ts';
import type { Scope } from '../market/scope.ts';
import { addressOf, counted, type DeviceParts, requireWorking } from './device-auth.ts';
import { DEVICE_OPERATIONS, type DeviceOperation } from './device-operations.ts';
import { CHALLENGE_SECONDS, TOKEN_SECONDS } from './device-tokens.ts';
import { checkBody, checkProof, type Proof, readProof, refused } from './dpop.ts';
import { noteState } from './till-state.service.ts';
import { challengeRequest, pairingRequest, tokenRequest } from './tills.input.ts';
import { findPlace, lookUpTill, type TillRow } from './tills.queries.ts';
import { recordRefusal, spendChallenge } from './tills.service.ts';

/** Codes tried from one network: ten minutes and sixty bits leave nothing to guess, and each try costs a look. */
const PAIRINGS = { name: 'pairings', points: 30, seconds: 600 };
const CHALLENGES = { name: 'till-challenges', points: 240, seconds: 60 };
/** One row a till and hour says that it keeps knocking. */
const KNOCKS = { name: 'till-knocks', points: 1, seconds: 3_600 };

export interface EntryParts extends DeviceParts {
  readonly pair: (pairing: Pairing) => Promise<PairedTill | null>;
  /** SHA-256 of the body as it was sent. */
  readonly digestOfBody: (req: Request) => string | undefined;
}

/** How a till gets its tokens: by a code once, by its key from then on. In front of `deviceAuth`. */
export function tillEntryRoutes(parts: EntryParts): Router {
  const router = Router();
  router.post('/pairings', (req, res) => pair(parts, req, res));
  router.post('/challenges', (req, res) => challenge(parts, req, res));
  router.post('/tokens', (req, res) => issue(parts, req, res));
  return router;
}

async function pair(parts: EntryParts, req: Request, res: Response): Promise<void> {
  const { nonces, limits, clock } = parts;
  const { code, appVersion } = readBody(pairingRequest, req.body);
  const now = clock();
  res.set('DPoP-Nonce', nonces.issue(now));
  const proof = await proofOf(parts, req, (nonce) => nonces.isFresh(nonce, now));
  answerLimit(res, await limits.exact(PAIRINGS, networkOf(req.ip ?? '')));
  const { key: publicKey, thumbprint } = proof;
  const paired = await parts.pair({ code, publicKey, thumbprint, appVersion, receipt: req.receipt });
  // A wrong, a used and an old code are one and the same.
  if (!paired) throw invalid({ code: 'devices:codeRefused' }, 'pairing-refused');
  const found = await lookUpTill(parts.database, paired.deviceId, req.receipt);
  if (!found) throw unauthorized('till-token-refused');
  requireWorking(found.till, found.till);
  res.status(201);
  await answerToken(parts, res, found, DEVICE_OPERATIONS);
}

/** The same for every id: whether there is such a till is told to nobody but itself. */
async function challenge({ tokens, limits, clock }: EntryParts, req: Request, res: Response): Promise<void> {
  const { deviceId } = readBody(challengeRequest, req.body);
  answerLimit(res, limits.count(CHALLENGES, networkOf(req.ip ?? '')));
  res
    .status(201)
    .json({ challenge: await tokens.challenge(deviceId, clock()), expiresIn: CHALLENGE_SECONDS });
}

async function issue(parts: EntryParts, req: Request, res: Response): Promise<void> {
  const { tokens, database, clock } = parts;
  const asked = readBody(tokenRequest, req.body);
  const now = clock();
  const { found, challengeId } = await counted(parts, req, res, async () => {
    const challengeId = await tokens.answered(asked.challenge, asked.deviceId, now);
    if (!challengeId) throw unauthorized('challenge-refused');
    const proof = await proofOf(parts, req, (nonce) => nonce === asked.challenge);
    const found = await lookUpTill(database, asked.deviceId, req.receipt);
    if (found?.till.thumbprint !== proof.thumbprint) throw refused('key');
    return { found, challengeId };
  });
  await refuseRevoked(parts, found);
  requireWorking(found.till, found.till);
  if (!(await spendChallenge(database.scoped(found.scope), challengeId, now)))
    throw unauthorized('challenge-refused');
  if (asked.state) await noteState(database.direct(found.scope), asked.state, now);
  res.status(201);
  await answerToken(parts, res, found, asked.operations ?? DEVICE_OPERATIONS);
}

/** A proof of a request that has no token yet. */
async function proofOf(
  { publicUrl, digestOfBody }: EntryParts,
  req: Request,
  isFresh: (nonce: string) => boolean,
): Promise<Proof> {
  const proof = await readProof(req.headersDistinct.dpop);
  checkProof(proof, { method: req.method, url: addressOf(publicUrl, req), token: null, isFresh });
  checkBody(proof, digestOfBody(req));
  return proof;
}

interface Found {
  readonly till: TillRow;
  readonly scope: Scope;
}

async function refuseRevoked({ database, limits }: EntryParts, { till, scope }: Found): Promise<void> {
  if (!till.revokedAt) return;
  const knocks = await limits.exact(KNOCKS, scope.actor.id);
  if (!knocks.exceeded) await recordRefusal(database.scoped(scope));
  throw forbidden('device-revoked', { revokedAt: till.revokedAt });
}

async function answerToken(
  { tokens, nonces, database, clock }: EntryParts,
  res: Response,
  { till, scope }: Found,
  operations: readonly DeviceOperation[],
): Promise<void> {
  const now = clock();
  const place = await findPlace(database.direct(scope));
  if (!place) throw unauthorized('till-token-refused');
  const { marketId, branchId, thumbprint } = till;
  const claims = { deviceId: scope.actor.id, marketId, branchId, operations, thumbprint };
  const token = await tokens.sign(claims, now);
  res.set('DPoP-Nonce', nonces.issue(now)).json({
    ...{ deviceId: scope.actor.id, ...place, token, expiresIn: TOKEN_SECONDS, operations },
    serverTime: now.toISOString(),
  });
}
