import type { ClientBase } from 'pg';
import { branchIds } from './branches.ts';
import type { DemoEvent } from './events.ts';
import { demoId, withTime } from './ids.ts';
import type { DemoMarket } from './market-list.ts';
import type { DemoOffer } from './offers.ts';

const CHUNK = 20_000;
const literal = (values: readonly (number | string)[]) => `{${values.join(',')}}`;

/** Small numbers travel, ids of offers and branches are looked up in two short arrays. */
const SQL = `
  insert into offer_event (market_id, id, offer_id, branch_id, kind, occurred_at, received_at)
  select $1::uuid, e.id, ($2::uuid[])[e.offer + 1], ($3::uuid[])[e.branch + 1],
    (array['view', 'claim', 'redeem'])[e.kind + 1],
    to_timestamp(e.at / 1000.0), to_timestamp((e.at + 400) / 1000.0)
  from unnest($4::uuid[], $5::smallint[], $6::smallint[], $7::smallint[], $8::bigint[]) as e (id, offer, branch, kind, at)`;

/** Writes one market's events, oldest first. */
export async function writeEvents(
  client: ClientBase,
  market: DemoMarket,
  offers: readonly DemoOffer[],
  events: readonly DemoEvent[],
): Promise<void> {
  const offerIds = literal(offers.map((offer) => offer.id));
  const branches = literal(branchIds(market));
  for (let from = 0; from < events.length; from += CHUNK) {
    const part = events.slice(from, from + CHUNK);
    await client.query(SQL, [
      market.id,
      offerIds,
      branches,
      literal(
        part.map(({ at }, index) => withTime(demoId('event', market.number * 1_000_000 + from + index), at)),
      ),
      literal(part.map((event) => event.offer)),
      literal(part.map((event) => event.branch)),
      literal(part.map((event) => event.kind)),
      literal(part.map((event) => event.at)),
    ]);
  }
}
