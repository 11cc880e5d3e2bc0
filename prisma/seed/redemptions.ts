import type { ClientBase } from 'pg';
import { HOUR } from './clock.ts';
import { demoId, withTime } from './ids.ts';
import { DEMO_MARKETS, type DemoMarket } from './market-list.ts';
import { memberOf } from './people.ts';
import { randomFor } from './random.ts';
import { insertRows } from './rows.ts';

const MINUTE = 60_000;
/** Of the redemptions at a till's branch so many of the latest were its own. */
const BY_TILL = 40;
const NO_CODE = 'N0TAC0DE';

interface TillClaim {
  readonly device_id: string;
  readonly branch_id: string;
  readonly id: string;
  readonly code: string;
  readonly redeemed_at: Date;
}

const columns = {
  ...{ market_id: 'uuid', device_id: 'uuid', id: 'uuid', branch_id: 'uuid', code: 'text', body_hash: 'text' },
  ...{
    device_at: 'timestamptz',
    skew_ms: 'bigint',
    received_at: 'timestamptz',
    receipt: 'text',
    state: 'text',
  },
  ...{ kind: 'text', claim_id: 'uuid', redeemed_at: 'timestamptz', answer: 'jsonb', resolution: 'text' },
  ...{ resolution_note: 'text', resolved_at: 'timestamptz', resolved_by: 'uuid' },
};

/**
 * What the demo tills have redeemed, and what they were too late for: of each market's tills the first has conflicts, one
 * decided and the rest to decide. Triggers are off, as for the claims.
 */
export async function writeRedemptions(client: ClientBase, now: Date): Promise<void> {
  await client.query('set local session_replication_role = replica');
  for (const market of DEMO_MARKETS.filter(({ state }) => state === 'active')) {
    const claims = await claimsOfTills(client, market);
    await client.query(
      `update claim set device_id = given.device_id, redeemed_by = null
       from json_to_recordset($2) as given (id uuid, device_id uuid) where claim.market_id = $1 and claim.id = given.id`,
      [market.id, JSON.stringify(claims)],
    );
    await insertRows(client, 'redemption', columns, [
      ...claims.map((claim, index) => applied(market, claim, index)),
      ...conflicts(market, claims, now),
    ]);
  }
  await client.query('set local session_replication_role = origin');
  await client.query(QUOTA);
}

/** What pushing them would have taken out of each month's quota. */
const QUOTA = `
  insert into limit_use (market_id, name, period, used)
  select market_id, 'sync_pushes', date_trunc('month', received_at at time zone market.time_zone)::date, count(*)
  from redemption join market on market.id = market_id group by 1, 3`;

async function claimsOfTills(client: ClientBase, { id }: DemoMarket): Promise<TillClaim[]> {
  const { rows } = await client.query<TillClaim>(
    `select device.id as device_id, device.branch_id, latest.id, latest.code, latest.redeemed_at
     from device cross join lateral (
       select claim.id, claim.code, claim.redeemed_at from claim
       where claim.market_id = device.market_id and claim.branch_id = device.branch_id and claim.state = 'redeemed'
         and claim.redeemed_at > device.paired_at and claim.redeemed_at < coalesce(device.revoked_at, 'infinity')
       order by claim.redeemed_at desc, claim.id limit $2
     ) as latest
     where device.market_id = $1 order by device.id, latest.redeemed_at desc, latest.id`,
    [id, BY_TILL],
  );
  return rows;
}

/** Numbers below 1,000 a market are for what was applied, those above for what was not. */
const operationId = (market: DemoMarket, number: number, at: number) =>
  withTime(demoId('redemption', market.number * 10_000 + number), at);

function operation(market: DemoMarket, claim: TillClaim, number: number, at: number) {
  return {
    ...{ market_id: market.id, device_id: claim.device_id, id: operationId(market, number, at) },
    ...{ branch_id: claim.branch_id, code: claim.code, body_hash: 'demo', skew_ms: 0, receipt: 'demo' },
    ...{ device_at: new Date(at), received_at: new Date(at + 2_000), claim_id: claim.id },
    ...{ redeemed_at: new Date(at), kind: null, resolution: null, resolution_note: null },
    ...{ resolved_at: null, resolved_by: null },
  };
}

function applied(market: DemoMarket, claim: TillClaim, index: number) {
  const at = claim.redeemed_at.getTime();
  const answer = { redeemedAt: claim.redeemed_at.toISOString() };
  return { ...operation(market, claim, index, at), state: 'applied', answer };
}

/** Redeemed once more on another till that was offline; and a code that nobody can place. */
function conflicts(market: DemoMarket, claims: readonly TillClaim[], now: Date) {
  const random = randomFor(`${market.slug}/conflicts`);
  const [first] = claims;
  if (!first) return [];
  const own = claims.filter(({ device_id }) => device_id === first.device_id);
  const other = claims.find(({ device_id }) => device_id !== first.device_id) ?? first;
  const place = { device_id: other.device_id, branch_id: other.branch_id };
  const redeemedBy = other === first ? 'self' : 'till';
  // Long enough ago that there was time to decide one.
  const before = own.filter(({ redeemed_at: at }) => now.getTime() - at.getTime() > 12 * HOUR);
  const late = before.slice(0, random.int(2, 4)).map((claim, index) => {
    const at = claim.redeemed_at.getTime() + random.int(8, 90) * MINUTE;
    const skew = index === 0 ? 3 * HOUR + 12 * MINUTE : random.int(-3, 3) * 1_000;
    const row = operation(market, { ...claim, ...place }, 1_000 + index, at);
    const answer = { kind: 'redeemed', redeemedAt: claim.redeemed_at.toISOString(), redeemedBy };
    return {
      ...{
        ...row,
        state: 'conflict',
        kind: 'redeemed',
        answer,
        skew_ms: skew,
        device_at: new Date(at + skew),
      },
      received_at: new Date(Math.min(now.getTime(), at + 5 * HOUR)),
      ...(index === 1 ? decision(market, at + 9 * HOUR) : {}),
    };
  });
  const stray = operation(market, { ...first, code: NO_CODE }, 1_100, now.getTime() - 50 * MINUTE);
  const unknown = { state: 'conflict', kind: 'unknown', claim_id: null, answer: { kind: 'unknown' } };
  return [...late, { ...stray, ...unknown }];
}

function decision(market: DemoMarket, at: number) {
  return {
    ...{ resolution: 'honoured', resolved_at: new Date(at), resolved_by: memberOf(market, 'manager').id },
    resolution_note: market.locale === 'ar' ? 'حصل المتسوق على الخصم.' : 'The shopper had the discount.',
  };
}
