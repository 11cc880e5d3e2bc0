import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { AppError, invalid, unauthorized } from '../errors.ts';
import { type Operation, operation } from '../http/api.ts';
import { email, givenPassword, id, instant } from '../http/fields.ts';
import { deviceOf } from './device.ts';
import type { Membership } from './directory.ts';
import type { TokenPair } from './sessions.service.ts';
import { checkPassword, fromOf, membershipsOf } from './sign-in.service.ts';

const pair = z
  .object({
    tokenType: z.literal('Bearer'),
    accessToken: z.string(),
    expiresIn: z.int(),
    refreshToken: z.string(),
    refreshExpiresIn: z.int(),
  })
  .meta({ id: 'TokenPair' });

/** How an API client gets, renews and gives back its tokens. */
export function tokenOperations(deps: Deps): Operation[] {
  return [
    operation({
      method: 'post',
      path: '/tokens',
      tag: 'Sessions',
      summary: 'Sign in',
      description: 'A person of several markets names one; the answer without says which there are.',
      auth: 'none',
      body: z.object({ email, password: givenPassword, marketId: id.optional() }),
      response: pair,
      status: 201,
      handler: async (_db, { body, req }) => {
        const person = await checkPassword(deps, body.email, body.password, fromOf(req)).catch(
          asUnauthorized,
        );
        const subject = choose(await membershipsOf(deps, person), body.marketId);
        return answer(await deps.sessions.open(subject, deviceOf(req), req.receipt));
      },
    }),
    operation({
      method: 'post',
      path: '/tokens/refresh',
      tag: 'Sessions',
      summary: 'Renew both tokens',
      description: 'A refresh token works once. Using one again ends the session.',
      auth: 'none',
      body: z.object({ refreshToken: z.string().min(1).max(4_000) }),
      response: pair,
      handler: async (_db, { req }) => {
        const refresh = await deps.identify('refresh-body', req);
        const tokens =
          refresh.outcome === 'ok' && (await deps.sessions.rotate(refresh.claims, req.receipt, 'strict'));
        if (!tokens) throw unauthorized();
        return answer(tokens);
      },
    }),
    operation({
      method: 'get',
      path: '/sessions',
      tag: 'Sessions',
      summary: 'One’s own open sessions',
      response: z.object({
        sessions: z.array(
          z.object({
            id,
            userAgent: z.string(),
            address: z.string(),
            createdAt: instant,
            rotatedAt: instant,
          }),
        ),
      }),
      handler: async (db) => ({ sessions: await deps.sessions.list(db) }),
    }),
    operation({
      method: 'delete',
      path: '/sessions/current',
      tag: 'Sessions',
      summary: 'Sign out',
      handler: (db, { req }) => deps.sessions.end(db, req.session!.id, 'sign-out'),
    }),
  ];
}

function choose(
  memberships: readonly [Membership, ...Membership[]],
  marketId: string | undefined,
): Membership {
  if (marketId) {
    const found = memberships.find((each) => each.marketId === marketId);
    if (!found) throw invalid({ marketId: 'form:notOffered' });
    return found;
  }
  if (memberships.length === 1) return memberships[0];
  const markets = memberships.map((each) => ({
    id: each.marketId,
    nameEn: each.nameEn,
    nameAr: each.nameAr,
  }));
  throw new AppError(422, 'market-required', { fields: { marketId: 'form:required' }, values: { markets } });
}

/** A program expects 401 where a form shows its error in place. */
function asUnauthorized(error: unknown): never {
  if (error instanceof AppError && error.code === 'bad-credentials')
    throw new AppError(401, 'bad-credentials');
  throw error;
}

const answer = (tokens: TokenPair) => ({
  tokenType: 'Bearer',
  accessToken: tokens.access,
  expiresIn: tokens.accessSeconds,
  refreshToken: tokens.refresh,
  refreshExpiresIn: tokens.refreshSeconds,
});
