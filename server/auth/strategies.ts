import type { Request, Response } from 'express';
import { Passport } from 'passport';
import { ExtractJwt, type SecretOrKeyProvider, Strategy } from 'passport-jwt';
import { z } from 'zod';
import { UUID } from '../http/ids.ts';
import type { SessionClaims } from './session.ts';
import { ALGORITHM, type TokenKind, type TokenService } from './tokens.ts';

const uuid = z.string().regex(UUID);
const payload = z.object({
  sub: uuid,
  sid: uuid,
  mkt: uuid.optional(),
  rot: z.number().int().min(0).optional(),
});

/** Where a token is looked for. A strategy knows exactly one place and one kind. */
export type StrategyName = 'access-cookie' | 'refresh-cookie' | 'access-bearer' | 'refresh-body';

export type Verdict =
  | { readonly outcome: 'ok'; readonly claims: SessionClaims }
  /** `expired` is the only refusal that a refresh token may mend. */
  | { readonly outcome: 'absent' | 'expired' | 'refused' };

export type Identify = (strategy: StrategyName, req: Request) => Promise<Verdict>;

/** passport with this portal's strategies: algorithm, issuer, audience, expiry and the named key are pinned. */
export function createStrategies(
  tokens: TokenService,
  cookies: { access: string; refresh: string },
): Identify {
  // An instance of its own: the shared one would mix the strategies of two portals in one test process.
  const passport = new Passport();
  const add = (name: StrategyName, kind: TokenKind, jwtFromRequest: (req: Request) => string | null) =>
    passport.use(name, jwtStrategy(tokens, kind, jwtFromRequest));
  add('access-cookie', 'access', (req) => req.cookies[cookies.access] ?? null);
  add('refresh-cookie', 'refresh', (req) => req.cookies[cookies.refresh] ?? null);
  add('access-bearer', 'access', ExtractJwt.fromAuthHeaderAsBearerToken());
  add('refresh-body', 'refresh', ExtractJwt.fromBodyField('refreshToken'));

  return (strategy, req) =>
    new Promise((resolve, reject) => {
      const done = (error: unknown, claims: SessionClaims | false | undefined, info: unknown) => {
        if (error) return reject(error);
        resolve(claims ? { outcome: 'ok', claims } : { outcome: refusal(info) });
      };
      passport.authenticate(strategy, { session: false }, done)(req, {} as Response, reject);
    });
}

function jwtStrategy(
  tokens: TokenService,
  kind: TokenKind,
  jwtFromRequest: (req: Request) => string | null,
): Strategy {
  const secretOrKeyProvider: SecretOrKeyProvider = (_req, token: string, done) => {
    const key = tokens.keyOf(token);
    // jsonwebtoken takes a KeyObject as it is; bytes it would first try to read as a public key, at each request.
    if (key) done(null, key as unknown as Buffer);
    else done(new Error('unknown key'));
  };
  const pinned = {
    algorithms: [ALGORITHM as 'HS256'],
    issuer: tokens.issuer,
    audience: tokens.audience(kind),
  };
  return new Strategy(
    { jwtFromRequest, secretOrKeyProvider, ignoreExpiration: false, ...pinned },
    (claims, done) => {
      const found = payload.safeParse(claims);
      // jsonwebtoken lets a token without an expiry live for ever.
      if (!found.success || typeof claims.exp !== 'number')
        return done(null, false, new Error('unexpected claims'));
      const { sub, sid, mkt, rot } = found.data;
      done(null, { actorId: sub, sessionId: sid, marketId: mkt ?? null, rotation: rot ?? 0 });
    },
  );
}

function refusal(info: unknown): 'absent' | 'expired' | 'refused' {
  if (!(info instanceof Error)) return 'refused';
  if (info.message === 'No auth token') return 'absent';
  return info.name === 'TokenExpiredError' ? 'expired' : 'refused';
}
