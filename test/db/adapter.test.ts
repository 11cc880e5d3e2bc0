import assert from 'node:assert/strict';
import type { Database } from '../../server/db/client.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type ArrangedMarket, arrangeMarkets, partnerDatabase, partnerScope } from '../support/scoped.ts';

describe('the adapter', () => {
  let test: TestDatabase;
  let markets: ArrangedMarket[];
  let database: Database;

  before(async () => {
    test = await testDatabase();
    markets = await arrangeMarkets(test, 3);
    database = partnerDatabase(test);
  });
  after(async () => {
    await database.close();
    await test.drop();
  });

  it('shows each market its own rows and no others', async () => {
    for (const market of markets) {
      const db = database.scoped(partnerScope(market.id));
      const offers = await db.offer.findMany({ include: { branches: true, image: true, category: true } });
      assert.deepEqual(new Set(offers.map((offer) => offer.id)), new Set(market.offers));
      assert.equal((await db.market.findMany()).length, 1);
    }
  });

  it('writes under the scope, and rolls a transaction back', async () => {
    const db = database.scoped(partnerScope(markets[0]!.id));
    const made = await db.branch.create({ data: { nameEn: 'New', nameAr: 'جديد' } });
    assert.equal(made.marketId, markets[0]!.id);
    await assert.rejects(
      db.$transaction(async (tx) => {
        await tx.branch.update({ where: { id: made.id }, data: { nameEn: 'Changed' } });
        throw new Error('no');
      }),
      /no/,
    );
    assert.equal((await db.branch.findUnique({ where: { id: made.id } }))?.nameEn, 'New');
    await db.branch
      .delete({ where: { id: made.id } })
      .catch((error) => assert.match(String(error), /refused|denied/));
  });
});
