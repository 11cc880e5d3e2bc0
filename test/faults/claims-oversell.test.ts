import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { withClient } from '../../server/db/setup/connect.ts';
import { keyText } from '../../server/public/publishable-key.ts';
import type { TestDatabase } from '../support/database.ts';
import { buildOnce, type RunningPortal, runPortal, twoMarketsDatabase } from '../support/portal-processes.ts';
import { insertShoppers } from '../support/shoppers.ts';
import { amber } from '../support/two-markets.ts';

const PROCESSES = 4;

describe('a rush on an offer, in four processes', function () {
  this.timeout(180_000);
  let database: TestDatabase;
  let portals: RunningPortal[];

  before(async () => {
    await buildOnce();
    database = await twoMarketsDatabase();
    const start = () => runPortal('partner', database, { DB_POOL_SIZE: '6', LOG_LEVEL: 'info' });
    portals = await Promise.all(Array.from({ length: PROCESSES }, start));
  });
  after(async () => {
    await Promise.all((portals ?? []).map((portal) => portal.stop()));
    await database?.drop();
  });

  const sql = <Row>(text: string, values: unknown[] = []): Promise<Row[]> =>
    withClient(database.superuserUrl, async (client) => (await client.query(text, values)).rows as Row[]);

  async function offer(limit: number | null, each: number): Promise<string> {
    const id = randomUUID();
    await sql(
      `insert into offer (market_id, id, title_en, price, currency, claim_limit, claim_limit_per_shopper, updated_at)
       values ($1, $2, 'Rush', 1000, 'SAR', $3, $4, now())`,
      [amber.marketId, id, limit, each],
    );
    await sql(
      "update offer set decision = 'approved', decision_digest = content_digest, decided_at = now() where id = $1",
      [id],
    );
    return id;
  }

  /** Presses all at once, spread over the processes; who is told to come back later does. */
  async function rush(offerId: string, tokens: readonly string[]): Promise<Map<string, number>> {
    const press = async (token: string, index: number): Promise<string> => {
      const { url } = portals[index % PROCESSES]!;
      const headers = {
        'Bulkhead-Key': keyText(amber.key),
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
      };
      const answer = await post(`${url}/public/v1/claims`, headers, { offerId });
      if (answer.status !== 503) return answer.status === 201 ? 'claimed' : answer.body.code;
      await pause(100 + (index % 50) * 10);
      return press(token, index);
    };
    const outcomes = new Map<string, number>();
    for (const outcome of await Promise.all(tokens.map(press)))
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    return outcomes;
  }

  const written = async (offerId: string) => {
    const [row] = await sql<Record<'counter' | 'rows' | 'events' | 'most', number>>(
      `select (select claimed from offer_claims where offer_id = $1) as counter,
         (select count(*)::int from claim where offer_id = $1) as rows,
         (select count(*)::int from offer_event where offer_id = $1 and kind = 'claim') as events,
         (select max(n)::int from (select count(*) as n from claim where offer_id = $1 group by shopper_id) as each) as most`,
      [offerId],
    );
    return row!;
  };

  it('gives 500 claimants of 100 exactly 100', async () => {
    const offerId = await offer(100, 1);
    const people = await insertShoppers({ database, sql }, amber, 500);
    const outcomes = await rush(
      offerId,
      people.map(({ token }) => token),
    );
    assert.deepEqual(Object.fromEntries(outcomes), { claimed: 100, 'sold-out': 400 });
    assert.deepEqual(await written(offerId), { counter: 100, rows: 100, events: 100, most: 1 });
  });

  it('gives nobody more than their own, however often and wherever they press', async () => {
    const offerId = await offer(null, 3);
    const people = await insertShoppers({ database, sql }, amber, 10);
    const presses = people.flatMap(({ token }) => Array.from({ length: 20 }, () => token));
    const outcomes = await rush(offerId, presses);
    assert.deepEqual(Object.fromEntries(outcomes), { claimed: 30, 'claimed-already': 170 });
    assert.deepEqual(await written(offerId), { counter: 30, rows: 30, events: 30, most: 3 });
  });

  // The tests above are worth something only if they notice what they are about.
  it('gives too many once the counter no longer asks how many there are', async () => {
    const [{ source }] = (await sql<{ source: string }>(
      "select pg_get_functiondef('app.take_claim()'::regprocedure) as source",
    )) as [{ source: string }];
    const condition = 'coalesce(claimed < asked.claim_limit, true)';
    assert.ok(source.includes(condition));
    await sql(source.replace(condition, 'true'));
    try {
      const offerId = await offer(5, 1);
      const people = await insertShoppers({ database, sql }, amber, 40);
      await rush(
        offerId,
        people.map(({ token }) => token),
      );
      assert.equal((await written(offerId)).rows, 40);
    } finally {
      await sql(source);
    }
  });
});

/** A connection of its own for each: a server may end an idle one just as it is used again. */
function post(url: string, headers: Record<string, string>, body: object) {
  return new Promise<{ status: number; body: { code: string } }>((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, agent: false }, (answer) => {
      text(answer).then((got) => resolve({ status: answer.statusCode ?? 0, body: JSON.parse(got) }), reject);
    });
    sent.once('error', reject);
    sent.end(JSON.stringify(body));
  });
}
