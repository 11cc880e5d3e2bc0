import type { Request, RequestHandler, Response } from 'express';
import type { OpenLimits } from '../auth/open-limits.ts';
import { networkOf } from '../auth/throttle.ts';
import type { Database } from '../db/client.ts';
import { forbidden, unauthorized } from '../errors.ts';
import { answerLimit } from '../http/rate-limit.ts';
import { deviceScope, type Scope, traced } from '../market/scope.ts';
import type { DeviceTokens, TokenClaims } from './device-tokens.ts';
import { checkProof, type Proof, readProof, refused } from './dpop.ts';
import type { Nonces } from './nonces.ts';
import type { TillRequest } from './till-request.ts';
import { noteState } from './till-state.service.ts';
import { findTill, type TillRow } from './tills.queries.ts';

export interface DeviceParts {
  readonly database: Database;
  readonly limits: OpenLimits;
  readonly tokens: DeviceTokens;
  readonly nonces: Nonces;
  /** The address under which tills know this process: proofs name it. */
  readonly publicUrl: string;
  readonly clock: () => Date;
}

const REQUESTS = { name: 'till', points: 600, seconds: 60 };
/** Tokens and proofs that are none, from one network: each costs a signature's check. */
export const REFUSALS = { name: 'till-refusals', points: 300, seconds: 60 };

/**
 * Turns the token and the proof of a request into `req.till`. The token says which till, the proof that the till's own
 * key made this very request, and the till's row that neither it nor its market has been shut since. What the till then
 * may do is decided by the policies of the database's device role.
 */
export function deviceAuth(parts: DeviceParts, proofs: WeakMap<Request, Proof>): RequestHandler {
  const { database, limits, tokens, nonces, clock } = parts;
  const noteSeen = seenNotes();
  return async (req, res, next) => {
    const now = clock();
    const { claims, proof } = await counted(parts, req, res, async () => {
      const token = tokenOf(req);
      const claims = await tokens.verify(token, now);
      return { claims, proof: await proofOf(parts, req, res, { token, claims, now }) };
    });
    answerLimit(res, limits.count(REQUESTS, claims.deviceId));
    const scope = traced(deviceScope(claims.marketId, claims.deviceId, '', req.receipt), req.trace);
    const till = await findTill(database.direct(scope));
    requireWorking(till, claims);
    proofs.set(req, proof);
    req.till = tillRequest(database, scope, till, claims);
    res.set('DPoP-Nonce', nonces.issue(now));
    if (till.isStale) noteSeen(req.till, proof, now);
    next();
  };
}

/** The one header `Authorization: DPoP …`; Node would silently keep the first of two. */
function tokenOf(req: Request): string {
  const [header, second] = req.headersDistinct.authorization ?? [];
  if (header === undefined) throw unauthorized('till-token-missing');
  const token = /^DPoP ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(header)?.[1];
  if (!token || second !== undefined) throw unauthorized('till-token-refused');
  return token;
}

interface Shown {
  readonly token: string;
  readonly claims: TokenClaims;
  readonly now: Date;
}

async function proofOf(
  { nonces, publicUrl }: DeviceParts,
  req: Request,
  res: Response,
  { token, claims, now }: Shown,
): Promise<Proof> {
  const proof = await readProof(req.headersDistinct.dpop);
  if (proof.thumbprint !== claims.thumbprint) throw refused('key');
  const url = addressOf(publicUrl, req);
  // For the answer of a refusal that asks for it.
  res.set('DPoP-Nonce', nonces.issue(now));
  checkProof(proof, { method: req.method, url, token, isFresh: (nonce) => nonces.isFresh(nonce, now) });
  return proof;
}

/** Where a request went, as proofs name it. The Host header is anybody's. */
export const addressOf = (publicUrl: string, req: Request): string =>
  `${publicUrl}${req.originalUrl.split('?')[0]}`;

/** Who is refused too often is refused more cheaply. */
export async function counted<Result>(
  { limits }: DeviceParts,
  req: Request,
  res: Response,
  work: () => Promise<Result>,
): Promise<Result> {
  const network = networkOf(req.ip ?? '');
  const guesses = limits.ask(REFUSALS, network);
  if (guesses.exceeded) answerLimit(res, guesses);
  try {
    return await work();
  } catch (error) {
    // Tills whose token or nonce has run out do that all day.
    const { code } = error as { code?: unknown };
    if (code !== 'token-expired' && code !== 'use_dpop_nonce') limits.count(REFUSALS, network);
    throw error;
  }
}

/** @throws AppError 401 where token and row differ; 403 `device-revoked` with the time, `market-suspended`. */
export function requireWorking(
  till: TillRow | null,
  claims: Pick<TokenClaims, 'marketId' | 'branchId' | 'thumbprint'>,
): asserts till is TillRow {
  const isOurs =
    till?.marketId === claims.marketId &&
    till.branchId === claims.branchId &&
    till.thumbprint === claims.thumbprint;
  if (!isOurs) throw unauthorized('till-token-refused');
  if (till.revokedAt) throw forbidden('device-revoked', { revokedAt: till.revokedAt });
  if (!till.isOpen) throw forbidden('market-suspended');
}

function tillRequest(database: Database, scope: Scope, till: TillRow, claims: TokenClaims): TillRequest {
  const named = { ...scope, actor: { ...scope.actor, name: till.name } };
  return {
    scope: named,
    device: { id: claims.deviceId, branchId: till.branchId, name: till.name },
    operations: new Set(claims.operations),
    get db() {
      return database.scoped(named);
    },
    get direct() {
      return database.direct(named);
    },
  };
}

/** Off the request's path and once at a time; a note that fails is made by the next request. */
function seenNotes(): (till: TillRequest, proof: Proof, now: Date) => void {
  const running = new Set<string>();
  return ({ device, direct }, { claims: { iat } }, now) => {
    if (running.has(device.id)) return;
    running.add(device.id);
    // To a second, which is what a proof tells; a till that states its clock is noted more exactly.
    const clock = new Date(iat * 1_000).toISOString();
    const done = () => running.delete(device.id);
    noteState(direct, { clock }, now).then(done, done);
  };
}
