import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Response } from 'supertest';
import { keyText } from '../../../server/public/publishable-key.ts';
import { startPortals, type TestPortals } from '../../support/http.ts';
import { asker } from '../../support/public.ts';
import { signUp } from '../../support/shoppers.ts';
import { amber, basil } from '../../support/two-markets.ts';

describe('publishable keys at the public surface', () => {
  let portals: TestPortals;
  let ask: ReturnType<typeof asker>;

  before(async () => {
    portals = await startPortals();
    ask = asker(portals.partner);
  });
  after(() => portals.close());

  it('shows the market of the key, in the header or the query', async () => {
    for (const [mine, other] of [
      [amber, basil],
      [basil, amber],
    ] as const) {
      const answer = await ask('get', '/market', mine.key).expect(200);
      assert.match(JSON.stringify(answer.body), new RegExp(mine.marker));
      assert.doesNotMatch(JSON.stringify(answer.body), new RegExp(other.marker));
      await ask('get', `/market?key=${keyText(mine.key)}`, null).expect(200);
    }
  });

  it('says of each key that does not hold why', async () => {
    const good = keyText(amber.key);
    const cases: [key: string | null, code: string][] = [
      [null, 'key-missing'],
      ['pk_live_', 'key-malformed'],
      [`${good}x`, 'key-malformed'],
      [good.replace('pk_live_', 'pk_test_'), 'key-malformed'],
      [keyText(randomUUID()), 'key-unknown'],
      [keyText(amber.revokedKey), 'key-revoked'],
    ];
    for (const [key, code] of cases) {
      const answer = await ask('get', '/market', null, key ? { 'Bulkhead-Key': key } : {});
      assert.deepEqual([answer.status, answer.body.code], [401, code], String(key));
      assert.match(answer.type, /problem\+json/);
    }
  });

  it('answers in the language asked for', async () => {
    const title = async (path: string, headers = {}) => (await ask('get', path, null, headers)).body.title;
    const english = await title('/market');
    const arabic = await title('/market', { 'Accept-Language': 'ar' });
    assert.match(arabic, /[\u0600-\u06ff]/);
    assert.equal(await title('/market?locale=ar', { 'Accept-Language': 'en' }), arabic);
    assert.equal(await title('/market', { Cookie: 'bulkhead-locale=ar' }), english);
  });

  it('refuses a key from the next request after it was revoked, has expired, or its market was suspended', async () => {
    const changes = [
      ["update publishable_key set revoked_at = now() where id = '%'", 'key-revoked'],
      ["update publishable_key set expires_at = now() where id = '%'", 'key-revoked'],
      ["update market set state = 'suspended' where slug like '%amber%'", 'market-not-active'],
    ] as const;
    const back = `update publishable_key set revoked_at = null, expires_at = null where id = '${amber.key}';
      update market set state = 'active'`;
    const shopper = await signUp(portals, amber);
    const asks: (() => Promise<Response>)[] = [
      async () => ask('get', '/market', amber.key),
      // These ask about the key in the list itself, the last one about the shopper.
      async () => ask('get', '/offers', amber.key),
      async () => ask('get', '/offers?q=nothing+is+called+so', amber.key),
      () => shopper.ask('get', '/offers'),
    ];
    // Until its use is noted, a key is looked up each time.
    const isNoted = 'select from publishable_key where id = $1 and last_used_at is not null';
    while ((await portals.sql(isNoted, [amber.key])).length === 0) await asks[0]!();
    for (const [change, code] of changes) {
      for (const [index, asked] of asks.entries()) {
        // What was just asked is what a process may recall.
        for (const each of [asks[0]!, asked]) assert.equal((await each()).status, 200);
        await portals.sql(change.replace("'%'", `'${amber.key}'`));
        assert.equal((await asked()).body.code, code, `${change} ${index}`);
        await portals.sql(back);
      }
    }
    await ask('get', '/market', amber.key).expect(200);
  });
});
