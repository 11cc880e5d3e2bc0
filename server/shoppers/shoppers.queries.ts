import type { ScopedClient } from '../db/client.ts';
import { type Direct, sql } from '../db/direct.ts';
import type { Prisma } from '../db/types.ts';
import { notFound } from '../errors.ts';
import { type ListQuery, paginate } from '../http/list-query.ts';

/** A shopper as they see themselves. Instants as ISO 8601. */
export interface ShopperProfile {
  readonly id: string;
  readonly email: string;
  readonly locale: 'en' | 'ar';
  readonly optedIn: boolean;
  readonly phone: string | null;
  /** For messages by the number; apart from the opt-in to e-mail. */
  readonly phoneOptedIn: boolean;
  readonly createdAt: string;
}

interface ProfileRow {
  readonly id: string;
  readonly email: string;
  readonly locale: 'en' | 'ar';
  readonly opted_in_at: string | null;
  readonly phone: string | null;
  readonly phone_opted_in_at: string | null;
  readonly created_at: string;
}

/** The shopper of the scope, while the session is neither ended nor over; else null. */
export async function findProfile(
  { scope, rows }: Direct,
  sessionId: string,
  now: Date,
): Promise<ShopperProfile | null> {
  const [row] = await rows<ProfileRow>(sql`
    select s.id, c.email, s.locale, c.opted_in_at, p.phone, p.opted_in_at as phone_opted_in_at, s.created_at
    from shopper_session as l
    join shopper as s on s.market_id = l.market_id and s.id = l.shopper_id
    join shopper_contact as c on c.market_id = l.market_id and c.shopper_id = l.shopper_id
    left join shopper_phone as p on p.market_id = l.market_id and p.shopper_id = l.shopper_id
    where l.market_id = ${scope.marketId} and l.id = ${sessionId} and l.shopper_id = ${scope.actor.id}
      and l.revoked_at is null and l.expires_at > ${now}`);
  if (!row) return null;
  const { opted_in_at, phone_opted_in_at, created_at, ...rest } = row;
  const optIns = { optedIn: opted_in_at !== null, phoneOptedIn: phone_opted_in_at !== null };
  return { ...rest, ...optIns, createdAt: created_at };
}

/** Everything that is held about the shopper of the scope. */
export async function exportShopper(db: ScopedClient) {
  const shopperId = db.scope.actor.id;
  const shopper = await db.shopper.findFirst({
    where: { id: shopperId },
    select: {
      ...{ id: true, locale: true, createdAt: true },
      contact: { select: { email: true, optedInAt: true } },
      phone: { select: { phone: true, optedInAt: true } },
      messages: {
        select: { channel: true, locale: true, state: true, sentAt: true, deliveredAt: true, readAt: true },
        orderBy: { queuedAt: 'asc' },
      },
      sessions: {
        select: { id: true, createdAt: true, expiresAt: true, revokedAt: true },
        orderBy: { createdAt: 'asc' },
      },
      claims: {
        select: {
          ...{ id: true, offerId: true, code: true, state: true, titleEn: true, titleAr: true, price: true },
          ...{ currency: true, claimedAt: true, expiresAt: true, redeemedAt: true, branchId: true },
        },
        orderBy: { claimedAt: 'asc' },
      },
    },
  });
  if (!shopper) throw notFound();
  return shopper;
}

const STAFF_VIEW = {
  ...{ id: true, locale: true, createdAt: true },
  contact: { select: { email: true, optedInAt: true } },
  _count: { select: { claims: true } },
} as const satisfies Prisma.ShopperSelect;

export type StaffShopper = Prisma.ShopperGetPayload<{ select: typeof STAFF_VIEW }>;

/** One page of a market's shoppers, under a staff scope. Addresses are covered: nobody needs all of them at once. */
export async function listShoppers(db: ScopedClient, marketId: string, list: ListQuery) {
  const { optedIn } = list.filters as { optedIn?: 'yes' | 'no' };
  const where: Prisma.ShopperWhereInput = {
    marketId,
    ...(optedIn ? { contact: { is: { optedInAt: optedIn === 'yes' ? { not: null } : null } } } : {}),
  };
  const page = await paginate(list, where, (args) => db.shopper.findMany({ ...args, select: STAFF_VIEW }));
  return { ...page, rows: page.rows.map(covered) };
}

function covered<Row extends StaffShopper>(row: Row): Row {
  if (!row.contact) return row;
  const { email } = row.contact;
  const hidden = `${[...email][0]}…${email.slice(email.lastIndexOf('@'))}`;
  return { ...row, contact: { ...row.contact, email: hidden } };
}

/** Only for a look-up that is written down. */
export function findByAddress(
  db: ScopedClient,
  marketId: string,
  email: string,
): Promise<StaffShopper | null> {
  return db.shopper.findFirst({ where: { marketId, contact: { is: { email } } }, select: STAFF_VIEW });
}

/** A market's name, for the pages of what belongs to it. @throws AppError 404 */
export async function findMarketName(db: ScopedClient, id: string) {
  const market = await db.market.findFirst({
    where: { id },
    select: { id: true, nameEn: true, nameAr: true },
  });
  if (!market) throw notFound();
  return market;
}
