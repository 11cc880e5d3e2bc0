import type { ScopedClient } from '../db/client.ts';
import type { Prisma } from '../db/types.ts';
import { orNotFound } from '../http/ids.ts';
import { type ListQuery, paginate } from '../http/list-query.ts';

const names = { nameEn: true, nameAr: true } as const;

const SELECT = {
  ...{ id: true, name: true, state: true, appVersion: true, queueDepth: true, clockSkewMs: true },
  ...{ pairedAt: true, lastSeenAt: true, revokedAt: true, revokedBy: true, marketId: true },
  branch: { select: { id: true, ...names, market: { select: names } } },
  leases: {
    where: { settledAt: null },
    orderBy: { issuedAt: 'desc' },
    take: 1,
    select: { granted: true, used: true, returned: true, expiresAt: true },
  },
} as const satisfies Prisma.DeviceSelect;

type Row = Prisma.DeviceGetPayload<{ select: typeof SELECT }>;

/** A skew that matters: redemptions come in with times that look wrong. */
const ODD_CLOCK = 5 * 60_000;
/** Longer silent than a till that works: it gets a new token every quarter of an hour. */
const SILENT = 60 * 60_000;

const describeDevice = (row: Row, now: Date) => {
  const clockSkewMs = Number(row.clockSkewMs);
  const silence = now.getTime() - (row.lastSeenAt ?? row.pairedAt).getTime();
  const [lease] = row.leases;
  return {
    ...row,
    // What it may redeem without a connection. An older month's may still cover what comes late; the newest is shown.
    lease: lease
      ? {
          left: lease.granted - lease.used - lease.returned,
          granted: lease.granted,
          expiresAt: lease.expiresAt,
        }
      : null,
    clockSkewMs,
    isClockOdd: Math.abs(clockSkewMs) >= ODD_CLOCK,
    isSilent: row.state === 'active' && silence > SILENT,
  };
};

/** One page of devices, revoked ones too: their queue may still hold something. Staff may name a market. */
export async function listDevices(db: ScopedClient, list: ListQuery, now: Date) {
  const { state, branch, market } = list.filters as { state?: string; branch?: string; market?: string };
  const where: Prisma.DeviceWhereInput = {
    ...(state ? { state } : {}),
    ...(branch ? { branchId: branch } : {}),
    ...(market ? { marketId: market } : {}),
    ...(list.q ? { name: { contains: list.q, mode: 'insensitive' } } : {}),
  };
  const page = await paginate(list, where, (args) => db.device.findMany({ ...args, select: SELECT }));
  return { ...page, rows: page.rows.map((row) => describeDevice(row, now)) };
}

/** @throws AppError 404 */
export async function findDevice(db: ScopedClient, id: string, now: Date) {
  return describeDevice(orNotFound(await db.device.findFirst({ where: { id }, select: SELECT })), now);
}

/** Null where nobody of the market is known to have done it. */
export async function memberName(db: ScopedClient, id: string | null): Promise<string | null> {
  if (!id) return null;
  return (await db.teamMember.findFirst({ where: { id }, select: { name: true } }))?.name ?? null;
}

const PAIRING = {
  ...{ id: true, name: true, createdAt: true, expiresAt: true, usedAt: true },
  branch: { select: { id: true, ...names } },
} as const satisfies Prisma.DevicePairingSelect;

/** Codes that a device may still use. */
export function listPairings(db: ScopedClient, now: Date) {
  return db.devicePairing.findMany({
    where: { usedAt: null, expiresAt: { gt: now } },
    orderBy: { createdAt: 'desc' },
    take: 50,
    select: PAIRING,
  });
}

/** How far a pairing is. A device has the id of the pairing that it came from. @throws AppError 404 */
export async function findPairing(db: ScopedClient, id: string, now: Date) {
  const row = orNotFound(await db.devicePairing.findFirst({ where: { id }, select: PAIRING }));
  const state = row.usedAt ? 'done' : row.expiresAt > now ? 'pending' : 'expired';
  return { ...row, state } as const;
}

/** Where a device may stand. */
export const openBranches = (db: ScopedClient) =>
  db.branch.findMany({
    where: { state: 'open' },
    orderBy: [{ nameEn: 'asc' }, { id: 'asc' }],
    select: { id: true, ...names },
  });

/** Where devices stand, for a filter: a branch that was closed since has some too. */
export const branchesOfDevices = (db: ScopedClient) =>
  db.branch.findMany({
    where: { devices: { some: {} } },
    orderBy: [{ nameEn: 'asc' }, { id: 'asc' }],
    select: { id: true, ...names },
  });

/** Markets that have devices, for staff. */
export const marketsWithDevices = (db: ScopedClient) =>
  db.market.findMany({
    where: { branches: { some: { devices: { some: {} } } } },
    orderBy: [{ nameEn: 'asc' }, { id: 'asc' }],
    select: { id: true, ...names },
  });
