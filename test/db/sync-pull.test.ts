import assert from 'node:assert/strict';
import pg from 'pg';
import { createDatabase, type Database } from '../../server/db/client.ts';
import { sql } from '../../server/db/direct.ts';
import { withClient } from '../../server/db/setup/connect.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { amber, basil, insertTwoMarkets, tillScope } from '../support/two-markets.ts';

describe('sync scratch', () => {
  let database: TestDatabase;
  let till: Database;
  before(async () => {
    database = await testDatabase();
    await withClient(database.superuserUrl, insertTwoMarkets);
    till = createDatabase({
      url: database.url('bulkhead_device'),
      key: database.contextKeys.device[0]!,
      poolSize: 4,
    } as never);
  });
  it('works', async () => {
    const direct = till.direct(tillScope(amber));
    console.log(await direct.rows(sql`select app.sync_epoch() as e`));
    console.log(await direct.rows(sql`select * from sync_change`));
    console.log(await direct.rows(sql`select offer_id, branch_id, holds from sync_reach`));
    console.log(await direct.rows(sql`select id, title_en from offer`));
    console.log(await direct.rows(sql`select id, code, state from claim`));
    console.log(
      await direct.affected(sql`insert into redemption (market_id, device_id, id, branch_id, code, body_hash, lease_id, device_at, skew_ms, receipt)
      select ${amber.marketId}::uuid, ${amber.device}::uuid, x.id, ${amber.branch}::uuid, x.code, 'h', null, now(), 0, 'r'
      from (values ('01900000-0000-7000-8000-000000000001'::uuid, 'AMBRMA1N'), ('01900000-0000-7000-8000-000000000002'::uuid, 'AMBRMA1N'), ('01900000-0000-7000-8000-000000000003'::uuid, 'AMBRRDMD'), ('01900000-0000-7000-8000-000000000004'::uuid, 'NOSUCHXX')) as x(id, code)
      on conflict (market_id, device_id, id) do nothing`),
    );
    console.log(await direct.rows(sql`select id, code, state, answer from redemption`));
    console.log(await direct.rows(sql`select * from app.issue_lease(5)`));
    const [lease] = await direct.rows<{ id: string }>(sql`select * from app.issue_lease(5)`);
    console.log(await direct.rows(sql`select * from app.settle_lease(${lease!.id}::uuid)`));
    await withClient(database.superuserUrl, async (c) => {
      console.log(
        (await c.query('select * from audit_entry order by id desc limit 3')).rows,
        (await c.query("select * from limit_use where name='sync_pushes'")).rows,
      );
    });
  });
  after(() => till.close());
});
