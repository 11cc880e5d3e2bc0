import assert from 'node:assert/strict';
import { withClient } from '../../server/db/setup/connect.ts';
import { marketJobScope } from '../../server/jobs/job-scope.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { eventId, insertEvents, rollUp } from '../support/events.ts';
import { type ArrangedMarket, arrangeMarkets, partnerDatabase } from '../support/scoped.ts';

const HOUR = 3_600_000;

/** Lines of both sides: what event_part says, and what event_day adds up to. */
const SIDES = `
  select (select json_agg(concat_ws(' ', market_id, day, part, part_id, kind, events) order by market_id, day, part, part_id, kind) from event_part) as parts,
    (select json_agg(line order by line) from (
      select concat_ws(' ', market_id, day, side.part, side.id, kind, sum(events)) as line
      from event_day, lateral (values ('offer', offer_id), ('branch', branch_id)) as side(part, id)
      group by market_id, day, side.part, side.id, kind) as days) as days`;

describe('figures by offer alone and by branch alone', () => {
  let database: TestDatabase;
  let markets: ArrangedMarket[];
  const scoped = () => partnerDatabase(database);

  before(async () => {
    database = await testDatabase();
    markets = await arrangeMarkets(database, 2);
  });
  after(() => database?.drop());

  const events = ({ offers, branches }: ArrangedMarket, count: number, from: number) =>
    Array.from({ length: count }, (_, i) => {
      const at = from - i * 2.3 * HOUR;
      const kind = (['view', 'view', 'claim', 'redeem'] as const)[i % 4]!;
      const branch = i % 3 === 0 ? null : branches[i % 2]!;
      return { id: eventId(at), at, visitor: null, kind, branch, offer: offers[(i >> 1) % 2]! };
    });

  it('are the sums of event_day, whatever is counted, counted again or gone', async () => {
    const tools = scoped();
    const count = async () => {
      for (const { id } of markets) await rollUp(tools.direct(marketJobScope(id, 'test')));
    };
    const same = () =>
      withClient(database.superuserUrl, async (client) => {
        const { parts, days } = (await client.query(SIDES)).rows[0];
        assert.deepEqual((parts ?? []).sort(), days ?? []);
        return (days ?? []).length as number;
      });
    try {
      await withClient(database.superuserUrl, async (client) => {
        for (const market of markets)
          await insertEvents(client, market.id, events(market, 120, Date.now() - HOUR));
      });
      await count();
      const first = await same();
      assert.ok(first > 50);
      // Late ones, in days that have been counted.
      await withClient(database.superuserUrl, (client) =>
        insertEvents(client, markets[0]!.id, events(markets[0]!, 40, Date.now() - 7.7 * HOUR)),
      );
      await count();
      assert.ok((await same()) >= first);
      // Days that begin elsewhere: every figure goes and comes back.
      await withClient(database.superuserUrl, (client) =>
        client.query(`update market set time_zone = 'Pacific/Auckland' where id = $1`, [markets[0]!.id]),
      );
      await withClient(database.superuserUrl, (client) =>
        insertEvents(client, markets[0]!.id, events(markets[0]!, 1, Date.now() - 60_000)),
      );
      await count();
      assert.ok((await same()) > 50);
    } finally {
      await tools.close();
    }
  });

  it('are seen and written by nobody but their own market’s counting', async () => {
    const tools = scoped();
    try {
      const [own, other] = markets as [ArrangedMarket, ArrangedMarket];
      const direct = tools.direct(marketJobScope(own.id, 'test'));
      const { sql } = await import('../../server/db/direct.ts');
      const seen = await direct.rows<{ id: string }>(sql`select distinct market_id as id from event_part`);
      assert.deepEqual(
        seen.map(({ id }) => id),
        [own.id],
      );
      const foreign = await direct.rows(sql`select 1 from event_part where market_id = ${other.id}`);
      assert.deepEqual(foreign, []);
      for (const statement of [
        sql`delete from event_part where market_id = ${own.id}`,
        sql`update event_part set events = 1 where market_id = ${own.id}`,
        sql`insert into event_part values (${own.id}, current_date, 'offer', ${own.id}, 'view', 1)`,
      ])
        await assert.rejects(direct.affected(statement), /42501|permission|refused/i);
    } finally {
      await tools.close();
    }
  });
});
