import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { COOKIE } from '../../auth/cookies.ts';
import type { LiveSession } from '../../auth/session.ts';
import { sql } from '../../db/direct.ts';
import type { Deps } from '../../deps.ts';
import { type AppError, forbidden } from '../../errors.ts';
import { UUID } from '../../http/ids.ts';
import type { PageLocals } from '../../http/render.ts';
import { type Scope, traced } from '../../market/scope.ts';
import { holdAnswer } from './hold-answer.ts';
import { isSeenInSupport, SUPPORT_END, SUPPORT_ENTRY } from './support-paths.ts';
import { AFTERWARDS_MS, supportScope } from './support-scope.ts';

const id = z.string().regex(UUID);
const claimsOf = z.object({ sub: id, mkt: id });

interface LoadedRow {
  readonly reason: string;
  readonly opened_at: string;
  readonly expires_at: string;
  readonly market_id: string;
  readonly slug: string;
  readonly name_en: string;
  readonly name_ar: string;
  readonly state: string;
  readonly time_zone: string;
  readonly currency: string;
  readonly locale: string;
}

/** A support session with why it is there, as its bar says. */
type Looking = LiveSession & { readonly reason: string };

type Parts = Pick<Deps, 'cookies' | 'tokens' | 'database' | 'clock' | 'open'>;

/**
 * In front of everything that reads cookies. A browser that holds a support session's cookie is in that session and in
 * nothing else until it ends: it may look at some pages, and the only thing it can send is the end.
 */
export function supportGuard(parts: Parts): RequestHandler {
  return async (req, res, next) => {
    const token = req.cookies[parts.cookies.support];
    if (token === undefined) return next();
    const session = await liveSession(parts, token, req.receipt);
    if (!session) {
      leaveSupport(req, res, parts.cookies);
      throw await endOf(parts, token);
    }
    enter(req, res, session, parts.clock());
    const refusal = refusalOf(req);
    if (refusal) throw forbidden(refusal);
    if (req.path !== SUPPORT_END) {
      holdAnswer(req, res, {
        isOpen: () => isOpen(parts, session.scope),
        whenOver: () => {
          leaveSupport(req, res, parts.cookies);
          return endOf(parts, token);
        },
      });
    }
    next();
  };
}

function refusalOf({ method, path }: Request): string | null {
  if (path === SUPPORT_ENTRY) return 'support-nested';
  if (method === 'GET' || method === 'HEAD') return isSeenInSupport(path) ? null : 'support-blocked';
  return method === 'POST' && path === SUPPORT_END ? null : 'support-read-only';
}

/** Takes a browser out of its support session: what is answered from here on knows of none. */
export function leaveSupport(req: Request, res: Response, cookies: Parts['cookies']): void {
  res.clearCookie(cookies.support, COOKIE);
  const locals = res.locals as PageLocals;
  delete locals.user;
  delete locals.market;
  delete locals.support;
  delete req.session;
}

/** The answer to whoever held a session that is over: how it ended, as far as its token still tells which it was. */
async function endOf(parts: Parts, token: string): Promise<AppError> {
  const claims = await claimsAt(parts, token, new Date(parts.clock().getTime() - AFTERWARDS_MS));
  const fate = claims && (await parts.open!.support.fateOf(claims.mkt, claims.sub));
  return forbidden(`support-${fate ?? 'unknown'}`, { isOutside: true });
}

/** Whether the database still shows this session anything. */
async function isOpen({ database }: Parts, scope: Scope): Promise<boolean> {
  const rows = await database.direct(scope).rows(sql`
    select 1 from support_session where market_id = ${scope.marketId} and id = ${scope.support!.sessionId}`);
  return rows.length > 0;
}

async function claimsAt({ tokens }: Parts, token: string, at: Date) {
  const claims = claimsOf.safeParse(await tokens.verify('support', token, at));
  return claims.success ? claims.data : null;
}

/** The session of the token, by its row as it is now: with no such row the database shows nothing at all. */
async function liveSession(parts: Parts, token: string, receipt: string): Promise<Looking | null> {
  const claims = await claimsAt(parts, token, parts.clock());
  if (!claims) return null;
  const { sub, mkt } = claims;
  const scope = supportScope(mkt, sub, receipt);
  const [row] = await parts.database.direct(scope).rows<LoadedRow>(sql`
    select s.reason, s.opened_at, s.expires_at, m.id as market_id, m.slug, m.name_en, m.name_ar, m.state, m.time_zone,
      m.currency, m.locale
    from support_session as s join market as m on m.id = s.market_id
    where s.market_id = ${mkt} and s.id = ${sub}`);
  if (!row) return null;
  const openedAt = new Date(row.opened_at);
  return {
    ...{ id: sub, rotation: 0, rotatedAt: openedAt, createdAt: openedAt, revokedAt: null, isActive: true },
    expiresAt: new Date(row.expires_at),
    // Nobody's: neither a password nor another market hangs on it.
    ...{ personId: '', email: '', locale: row.locale, reason: row.reason, scope },
    market: {
      ...{ id: row.market_id, slug: row.slug, nameEn: row.name_en, nameAr: row.name_ar, state: row.state },
      ...{ stateReason: null, timeZone: row.time_zone, currency: row.currency, locale: row.locale },
    },
  };
}

function enter(req: Request, res: Response, session: Looking, now: Date): void {
  req.session = session;
  // Already here, because what is refused has its receipt and its entry as well.
  req.scope = traced(session.scope, req.trace);
  const locals = res.locals as PageLocals;
  locals.user = { name: session.scope.actor.name, role: session.scope.actor.role };
  locals.market = session.market!;
  const left = Math.max(0, session.expiresAt.getTime() - now.getTime());
  locals.support = {
    name: req.locale === 'ar' ? session.market!.nameAr : session.market!.nameEn,
    ...{ reason: session.reason, expiresAt: session.expiresAt, minutesLeft: Math.ceil(left / 60_000) },
    ...{ endHref: SUPPORT_END, isSeen: isSeenInSupport },
  };
}
