import type { ScopedClient } from '../db/client.ts';
import type { MarketRole } from '../market/scope.ts';
import type { SessionTable } from './session.ts';

const LIVE = {
  ...{ id: true, rotation: true, rotatedAt: true, createdAt: true, expiresAt: true, revokedAt: true },
  member: {
    select: {
      ...{ id: true, userId: true, email: true, name: true, role: true, locale: true, state: true },
      market: {
        select: {
          ...{ id: true, slug: true, nameEn: true, nameAr: true, state: true, stateReason: true },
          ...{ timeZone: true, currency: true, locale: true },
        },
      },
    },
  },
} as const;

/** Sessions of team members, each in one market. */
export const partnerSessions: SessionTable = {
  inMarket: true,

  scopeOf: ({ actorId, marketId }, receipt) => ({
    surface: 'partner',
    marketId,
    actor: { kind: 'partner', id: actorId, role: 'analyst', name: '' },
    receipt,
  }),

  // Not hand-written SQL, which costs the connection a reset: this runs on every request.
  find: async (db, sessionId) => {
    const row = await db.partnerSession.findFirst({ where: { id: sessionId }, select: LIVE });
    if (!row) return null;
    const { member, ...session } = row;
    const actor = {
      kind: 'partner',
      id: member.id,
      role: member.role as MarketRole,
      name: member.name,
    } as const;
    return {
      ...session,
      ...{ personId: member.userId ?? '', email: member.email, locale: member.locale },
      isActive: member.state === 'active',
      market: member.market,
      scope: { ...db.scope, actor },
    };
  },

  insert: async (db, { actorId }, row, device) => {
    await db.partnerSession.createMany({ data: [{ ...row, ...device, memberId: actorId }] });
  },

  advance: async (db, { id, rotation, rotatedAt, expiresAt }) => {
    const { count } = await db.partnerSession.updateMany({
      where: { id, rotation: rotation - 1, revokedAt: null, expiresAt: { gt: rotatedAt } },
      data: { rotation, rotatedAt, expiresAt },
    });
    return count === 1;
  },

  revoke: async (db, ids, at, reason) => {
    const one = ids === 'all' ? {} : { id: ids };
    const where = { memberId: db.scope.actor.id, revokedAt: null, ...one };
    return (await db.partnerSession.updateMany({ where, data: { revokedAt: at, revokedFor: reason } })).count;
  },

  listOpen: (db: ScopedClient, now) =>
    db.partnerSession.findMany({
      where: { memberId: db.scope.actor.id, revokedAt: null, expiresAt: { gt: now } },
      orderBy: { rotatedAt: 'desc' },
      select: { id: true, userAgent: true, address: true, createdAt: true, rotatedAt: true },
    }),
};
