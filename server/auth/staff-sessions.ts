import type { ScopedClient } from '../db/client.ts';
import type { StaffRole } from '../market/scope.ts';
import type { SessionTable } from './session.ts';

const LIVE = {
  ...{ id: true, rotation: true, rotatedAt: true, createdAt: true, expiresAt: true, revokedAt: true },
  staffUser: { select: { id: true, email: true, name: true, role: true, locale: true, state: true } },
} as const;

/** Sessions of platform staff, in no market. */
export const staffSessions: SessionTable = {
  inMarket: false,

  scopeOf: ({ actorId }, receipt) => ({
    surface: 'admin',
    marketId: null,
    actor: { kind: 'staff', id: actorId, role: 'support', name: '' },
    receipt,
  }),

  find: async (db, sessionId) => {
    const row = await db.staffSession.findFirst({ where: { id: sessionId }, select: LIVE });
    if (!row) return null;
    const { staffUser, ...session } = row;
    const actor = {
      kind: 'staff',
      id: staffUser.id,
      role: staffUser.role as StaffRole,
      name: staffUser.name,
    } as const;
    return {
      ...session,
      ...{ personId: staffUser.id, email: staffUser.email, locale: staffUser.locale },
      isActive: staffUser.state === 'active',
      market: null,
      scope: { ...db.scope, actor },
    };
  },

  insert: async (db, { actorId }, row, device) => {
    await db.staffSession.createMany({ data: [{ ...row, ...device, staffUserId: actorId }] });
  },

  advance: async (db, { id, rotation, rotatedAt, expiresAt }) => {
    const { count } = await db.staffSession.updateMany({
      where: { id, rotation: rotation - 1, revokedAt: null, expiresAt: { gt: rotatedAt } },
      data: { rotation, rotatedAt, expiresAt },
    });
    return count === 1;
  },

  revoke: async (db, ids, at, reason) => {
    const one = ids === 'all' ? {} : { id: ids };
    const where = { staffUserId: db.scope.actor.id, revokedAt: null, ...one };
    return (await db.staffSession.updateMany({ where, data: { revokedAt: at, revokedFor: reason } })).count;
  },

  listOpen: (db: ScopedClient, now) =>
    db.staffSession.findMany({
      where: { staffUserId: db.scope.actor.id, revokedAt: null, expiresAt: { gt: now } },
      orderBy: { rotatedAt: 'desc' },
      select: { id: true, userAgent: true, address: true, createdAt: true, rotatedAt: true },
    }),
};
