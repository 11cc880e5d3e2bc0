import type { ScopedClient } from '../db/client.ts';
import { sql } from '../db/direct.ts';
import type { StaffRole } from '../market/scope.ts';
import { type SessionTable, type SessionTimes, sessionTimes } from './session.ts';

const LIVE = {
  ...{ id: true, rotation: true, rotatedAt: true, createdAt: true, expiresAt: true, revokedAt: true },
  staffUser: { select: { id: true, email: true, name: true, role: true, locale: true, state: true } },
} as const;

interface LoadedRow extends SessionTimes {
  readonly staff_id: string;
  readonly email: string;
  readonly name: string;
  readonly role: StaffRole;
  readonly locale: string;
  readonly state: string;
}

/** Sessions of platform staff, in no market. */
export const staffSessions: SessionTable = {
  inMarket: false,

  scopeOf: ({ actorId }, receipt) => ({
    surface: 'admin',
    marketId: null,
    actor: { kind: 'staff', id: actorId, role: 'support', name: '' },
    receipt,
  }),

  load: async ({ scope, rows }, sessionId) => {
    const [row] = await rows<LoadedRow>(sql`
      select s.id, s.rotation, s.rotated_at, s.created_at, s.expires_at, s.revoked_at,
        u.id as staff_id, u.email, u.name, u.role, u.locale, u.state
      from staff_session as s join staff_user as u on u.id = s.staff_user_id
      where s.id = ${sessionId}`);
    if (!row) return null;
    const { staff_id: id, role, name } = row;
    return {
      ...sessionTimes(row),
      ...{ personId: id, email: row.email, locale: row.locale },
      isActive: row.state === 'active',
      market: null,
      scope: { ...scope, actor: { kind: 'staff', id, role, name } },
    };
  },

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
