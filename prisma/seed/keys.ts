import type { ClientBase } from 'pg';
import { DAY } from './clock.ts';
import { demoId } from './ids.ts';
import { DEMO_MARKETS, type DemoMarket } from './market-list.ts';
import { memberOf } from './people.ts';
import { insertRows } from './rows.ts';

const columns = {
  ...{ market_id: 'uuid', id: 'uuid', name: 'text', created_by: 'uuid', created_at: 'timestamptz' },
};

/** A publishable key for each active market's own web page, the same in every seeded database. Any origin may use it. */
export async function writeKeys(client: ClientBase, opened: (market: DemoMarket) => Date): Promise<void> {
  const markets = DEMO_MARKETS.filter(({ state }) => state === 'active');
  await insertRows(
    client,
    'publishable_key',
    columns,
    markets.map((market) => ({
      ...{ market_id: market.id, id: demoId('key', market.number), name: 'Storefront' },
      ...{
        created_by: memberOf(market, 'owner').id,
        created_at: new Date(opened(market).getTime() + 2 * DAY),
      },
    })),
  );
}
