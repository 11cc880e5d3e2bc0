import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import { branchId } from './branches.ts';
import { DAY, HOUR } from './clock.ts';
import { demoId } from './ids.ts';
import { DEMO_MARKETS, type DemoMarket } from './market-list.ts';
import { memberOf } from './people.ts';
import { publicPoint } from './public-point.ts';
import { randomFor } from './random.ts';
import { insertRows } from './rows.ts';

const MINUTE = 60_000;
/** Fewer than each plan allows. */
const TILLS: Readonly<Record<string, number>> = { free: 1, basic: 3, pro: 5 };

const columns = {
  ...{ market_id: 'uuid', id: 'uuid', branch_id: 'uuid', name: 'text', state: 'text', public_key: 'jsonb' },
  ...{ thumbprint: 'text', app_version: 'text', queue_depth: 'integer', clock_skew_ms: 'bigint' },
  ...{ created_by: 'uuid', paired_at: 'timestamptz', last_seen_at: 'timestamptz' },
  ...{ revoked_at: 'timestamptz', revoked_by: 'uuid' },
};

/** RFC 7638. */
const thumbprintOf = ({ crv, kty, x, y }: ReturnType<typeof publicPoint>) =>
  createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');

/** A market's tills: the last of several is out of use, the one before has been silent and has a queue. */
function tillsOf(market: DemoMarket, opened: Date, now: Date) {
  const random = randomFor(`${market.slug}/devices`);
  const count = TILLS[market.plan] ?? 1;
  return Array.from({ length: count }, (_, index) => {
    const id = demoId('device', market.number * 100 + index + 1);
    const publicKey = publicPoint(id);
    const isRevoked = count > 2 && index === count - 1;
    const isSilent = count > 2 && index === count - 2;
    const away = isRevoked ? 12 * DAY : isSilent ? 3 * DAY + 5 * HOUR : random.int(1, 12) * MINUTE;
    const seen = new Date(now.getTime() - away);
    return {
      ...{ market_id: market.id, id, branch_id: branchId(market, index % market.branches) },
      name: market.locale === 'ar' ? `نقطة بيع ${index + 1}` : `Till ${index + 1}`,
      ...{ state: isRevoked ? 'revoked' : 'active', public_key: publicKey },
      ...{ thumbprint: thumbprintOf(publicKey), app_version: isRevoked ? '0.9.0' : '1.0.0' },
      queue_depth: isSilent ? random.int(3, 9) : 0,
      clock_skew_ms: isSilent ? -(2 * HOUR + 11 * MINUTE) : random.int(-4_000, 4_000),
      created_by: memberOf(market, 'manager').id,
      paired_at: new Date(opened.getTime() + (index + 5) * DAY),
      last_seen_at: seen,
      revoked_at: isRevoked ? new Date(seen.getTime() + 4 * HOUR) : null,
      revoked_by: isRevoked ? memberOf(market, 'owner').id : null,
    };
  });
}

/**
 * Tills of the active markets, to look at. Nobody holds a private half of their keys, so no program can be one of them:
 * whoever wants a till that works pairs one.
 */
export async function writeDevices(
  client: ClientBase,
  now: Date,
  opened: (market: DemoMarket) => Date,
): Promise<void> {
  const markets = DEMO_MARKETS.filter(({ state }) => state === 'active');
  const rows = markets.flatMap((market) => tillsOf(market, opened(market), now));
  await insertRows(client, 'device', columns, rows);
}
