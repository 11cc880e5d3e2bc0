import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { COOKIE } from '../../auth/cookies.ts';
import type { LiveSession } from '../../auth/session.ts';
import { sql } from '../../db/direct.ts';
import type { Deps } from '../../deps.ts';
import { forbidden } from '../../errors.ts';
import { UUID } from '../../http/ids.ts';
import type { PageLocals } from '../../http/render.ts';
import { isSeenInSupport, SUPPORT_END } from './support-paths.ts';
import { supportScope } from './support-scope.ts';

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

type Parts = Pick<Deps, 'cookies' | 'tokens' | 'database' | 'clock'>;

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
      res.clearCookie(parts.cookies.support, COOKIE);
      throw forbidden('support-over');
    }
    enter(req, res, session, parts.clock());
    const reads = req.method === 'GET' || req.method === 'HEAD';
    if (!reads && !(req.method === 'POST' && req.path === SUPPORT_END)) throw forbidden('support-read-only');
    if (reads && !isSeenInSupport(req.path)) throw forbidden('support-blocked');
    next();
  };
}

/** The session of the token, by its row as it is now: with no such row the database shows nothing at all. */
async function liveSession(parts: Parts, token: string, receipt: string): Promise<Looking | null> {
  const claims = claimsOf.safeParse(await parts.tokens.verify('support', token, parts.clock()));
  if (!claims.success) return null;
  const { sub, mkt } = claims.data;
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
