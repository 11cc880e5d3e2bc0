import type { ScopedClient } from '../db/client.ts';
import { sql } from '../db/direct.ts';
import type { MarketRole } from '../market/scope.ts';
import { type SessionTable, type SessionTimes, sessionTimes } from './session.ts';

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

interface LoadedRow extends SessionTimes {
  readonly member_id: string;
  readonly user_id: string | null;
  readonly email: string;
  readonly name: string;
  readonly role: MarketRole;
  readonly locale: string;
  readonly state: string;
  readonly market_id: string;
  readonly slug: string;
  readonly name_en: string;
  readonly name_ar: string;
  readonly market_state: string;
  readonly state_reason: string | null;
  readonly time_zone: string;
  readonly currency: string;
  readonly market_locale: string;
  readonly support_notices: readonly ('asked' | 'open')[] | null;
}

/** Sessions of team members, each in one market. */
export const partnerSessions: SessionTable = {
  inMarket: true,

  scopeOf: ({ actorId, marketId }, receipt) => ({
    surface: 'partner',
    marketId,
    actor: { kind: 'partner', id: actorId, role: 'analyst', name: '' },
    receipt,
  }),

  load: async ({ scope, rows }, sessionId) => {
    const [row] = await rows<LoadedRow>(sql`
      select s.id, s.rotation, s.rotated_at, s.created_at, s.expires_at, s.revoked_at,
        t.id as member_id, t.user_id, t.email, t.name, t.role, t.locale, t.state,
        m.id as market_id, m.slug, m.name_en, m.name_ar, m.state as market_state, m.state_reason, m.time_zone, m.currency,
        m.locale as market_locale,
        (select array_agg(distinct case when v.opened_at is null then 'asked' else 'open' end) from support_session as v
          where v.market_id = m.id and v.ended_at is null
            and case when v.opened_at is null then v.consent = 'asked' else v.expires_at > statement_timestamp() end
        ) as support_notices
      from partner_session as s
      join team_member as t on t.market_id = s.market_id and t.id = s.member_id
      join market as m on m.id = s.market_id
      where s.market_id = ${scope.marketId} and s.id = ${sessionId}`);
    if (!row) return null;
    const { member_id: id, role, name } = row;
    return {
      ...sessionTimes(row),
      ...{ personId: row.user_id ?? '', email: row.email, locale: row.locale },
      isActive: row.state === 'active',
      market: {
        ...{ id: row.market_id, slug: row.slug, nameEn: row.name_en, nameAr: row.name_ar },
        ...{ state: row.market_state, stateReason: row.state_reason },
        ...{ timeZone: row.time_zone, currency: row.currency, locale: row.market_locale },
        supportNotices: row.support_notices ?? [],
      },
      scope: { ...scope, actor: { kind: 'partner', id, role, name } },
    };
  },

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
