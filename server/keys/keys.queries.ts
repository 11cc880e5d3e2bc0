import type { ScopedClient } from '../db/client.ts';
import type { Prisma } from '../db/types.ts';
import { orNotFound } from '../http/ids.ts';
import { type ListQuery, paginate } from '../http/list-query.ts';
import { keyText } from '../public/publishable-key.ts';

const select = {
  ...{
    id: true,
    name: true,
    origins: true,
    createdAt: true,
    expiresAt: true,
    revokedAt: true,
    lastUsedAt: true,
  },
} as const satisfies Prisma.PublishableKeySelect;

export type StoredKey = Prisma.PublishableKeyGetPayload<{ select: typeof select }>;
export type KeyState = 'active' | 'expiring' | 'expired' | 'revoked';

/** @returns the key with its text, which is no secret and can be shown at any time, and its state now. */
export function describeKey(key: StoredKey, now: Date) {
  return { ...key, key: keyText(key.id), state: stateOf(key, now) };
}

function stateOf({ expiresAt, revokedAt }: StoredKey, now: Date): KeyState {
  if (revokedAt) return 'revoked';
  if (!expiresAt) return 'active';
  return expiresAt > now ? 'expiring' : 'expired';
}

/** One page of a market's keys, those that no longer hold too: the audit trail speaks of them. Staff name the market. */
export async function listKeys(db: ScopedClient, list: ListQuery, now: Date, marketId?: string) {
  const where = { ...(list.q ? { name: { contains: list.q } } : {}), ...(marketId ? { marketId } : {}) };
  const page = await paginate(list, where, (args) => db.publishableKey.findMany({ ...args, select }));
  return { ...page, rows: page.rows.map((key) => describeKey(key, now)) };
}

/** @throws AppError 404 */
export async function findKey(db: ScopedClient, id: string, now: Date) {
  return describeKey(orNotFound(await db.publishableKey.findFirst({ where: { id }, select })), now);
}
