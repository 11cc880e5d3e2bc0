import { withClient } from '../../server/db/setup/connect.ts';
import { marketJobScope } from '../../server/jobs/job-scope.ts';
import { eventId, insertEvents, rollUp, type TestEvent } from './events.ts';
import type { TestPortals } from './http.ts';
import { amber, basil, type MarketFixture } from './two-markets.ts';

const HOUR = 3_600_000;
const KINDS = ['view', 'view', 'view', 'claim', 'redeem'] as const;

/** Far from UTC, on both sides, one of them by half an hour: a wrong day would show. */
export const ZONES = { amber: 'Pacific/Auckland', basil: 'America/St_Johns' } as const;

/** Events over the last `days`, one every few hours, today's among them; the same figures at every run of the same hour. */
function eventsOf(market: MarketFixture, days: number): TestEvent[] {
  const step = market.side === 'amber' ? 3.7 : 5.3;
  const now = Date.now() - 60_000;
  return Array.from({ length: Math.floor((days * 24) / step) }, (_, index) => {
    const at = now - Math.round(index * step * HOUR);
    return {
      ...{ id: eventId(at), at, visitor: null, kind: KINDS[(index * 7 + (index % 3)) % KINDS.length]! },
      offer: index % 3 === 0 ? market.offer : market.liveOffer,
      branch: index % 4 === 0 ? market.branch : null,
    };
  });
}

/** Gives both markets a time zone and events of 100 days, and has them rolled up as the job does. */
export async function arrangeFigures({ database, partner }: TestPortals): Promise<void> {
  await withClient(database.superuserUrl, async (client) => {
    await client.query('select app.keep_event_partitions(13, 1, 120)');
    await client.query('set session_replication_role = replica');
    for (const table of [
      'event_day',
      'event_hour',
      'event_part',
      'offer_event',
      'rollup_task',
      'rollup_state',
      'claim',
      'claim_cohort',
      'benchmark',
    ])
      await client.query(`delete from ${table}`);
    await client.query('set session_replication_role = origin');
    for (const market of [amber, basil]) {
      await client.query('update market set time_zone = $2 where id = $1', [
        market.marketId,
        ZONES[market.side as 'amber'],
      ]);
      await insertEvents(client, market.marketId, eventsOf(market, 100));
    }
  });
  for (const { marketId } of [amber, basil])
    await rollUp(partner.deps.database.direct(marketJobScope(marketId, 'test')));
}

/** Counts of raw events by day, offer, branch, weekday, hour and kind, which no rollup had a part in. */
export interface RawRow {
  readonly day: string;
  readonly offer: string;
  readonly branch: string | null;
  readonly weekday: number;
  readonly hour: number;
  readonly kind: 'view' | 'claim' | 'redeem';
}

export const rawEvents = ({ sql }: TestPortals, market: MarketFixture): Promise<RawRow[]> =>
  sql<RawRow>(
    `select to_char(local, 'YYYY-MM-DD') as day, offer_id as offer, branch_id as branch, kind,
       extract(dow from local)::int as weekday, extract(hour from local)::int as hour
     from (select *, occurred_at at time zone $2 as local from offer_event where market_id = $1) as event`,
    [market.marketId, ZONES[market.side as 'amber']],
  );

export const todayIn = async ({ sql }: TestPortals, market: MarketFixture): Promise<string> =>
  (
    await sql<{ day: string }>(`select to_char(now() at time zone $1, 'YYYY-MM-DD') as day`, [
      ZONES[market.side as 'amber'],
    ])
  )[0]!.day;

/** The day so many days later, or earlier. */
export const shiftDay = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T12:00:00Z`) + days * 24 * HOUR).toISOString().slice(0, 10);
