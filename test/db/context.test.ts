import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import pg from 'pg';
import { withClient } from '../../server/db/setup/connect.ts';
import { storeContextKeys } from '../../server/db/setup/context-keys.ts';
import { CONTEXT_SECONDS, type ContextKey, signContext } from '../../server/market/context.ts';
import type { Scope } from '../../server/market/scope.ts';
import { type SeededDatabase, seededDatabase } from '../support/policy-table/seeded.ts';
import {
  amber,
  basil,
  jobScope,
  partnerScope,
  personScope,
  publicScope,
  staffScope,
} from '../support/two-markets.ts';

const scope = partnerScope(amber, 'manager');

describe('signing a context', () => {
  const key: ContextKey = { kid: 'k1', key: Buffer.alloc(32, 7), bindsPid: true };

  it('writes ten parts in a fixed order, the last being the HMAC-SHA256 of the others', () => {
    const text = signContext(scope, key, 4711, 1_000_999);
    const body = `v1|k1|partner|${amber.marketId}|partner|${amber.manager}|manager|4711|${1000 + CONTEXT_SECONDS}`;
    assert.equal(text, `${body}|${createHmac('sha256', key.key).update(body).digest('hex')}`);
  });

  it('leaves the market empty for those who have none, and the pid 0 where a pooler hides it', () => {
    assert.match(signContext(staffScope(), key, 1), /^v1\|k1\|admin\|\|staff\|/);
    assert.match(
      signContext(personScope(amber.person), { ...key, bindsPid: false }, 1),
      /\|none\|0\|\d+\|[0-9a-f]{64}$/,
    );
  });
});

describe('the context in the database', () => {
  let database: SeededDatabase;
  let client: pg.Client;
  let pid: number;

  before(async () => {
    database = await seededDatabase();
    client = new pg.Client(database.url('bulkhead_partner'));
    await client.connect();
    pid = (client as unknown as { processID: number }).processID;
  });
  after(async () => {
    await client?.end();
    await database?.drop();
  });

  /** What the database takes the text for. The setting is transaction-local, as the product sends it. */
  async function claims(text: string): Promise<string[] | null> {
    await client.query('begin');
    try {
      await client.query(`select set_config('app.context', $1, true)`, [text]);
      const { rows } = await client.query(
        `select app.claims() as claims, app.market_id() as market, app.market_id_as('owner') as owner, app.is_staff() as staff`,
      );
      const [row] = rows;
      if (row.claims === null)
        assert.deepEqual(row, { claims: null, market: null, owner: null, staff: false });
      return row.claims;
    } finally {
      await client.query('rollback');
    }
  }

  /** What was signed, and what of it holds for which surface's policies. */
  const expected = ({ surface, actor, marketId }: Scope) => [
    surface,
    actor.kind,
    actor.role,
    marketId ?? '',
    actor.id,
    surface === 'partner' ? marketId || null : null,
    surface === 'public' ? marketId || null : null,
    surface === 'public' && actor.kind === 'key' ? actor.id : null,
    surface === 'public' && actor.kind === 'shopper' ? actor.id : null,
    surface === 'device' ? marketId || null : null,
    surface === 'device' && actor.kind === 'device' ? actor.id : null,
  ];

  it('is what was signed', async () => {
    for (const each of [scope, partnerScope(basil, 'owner'), personScope(amber.person)]) {
      assert.deepEqual(await claims(signContext(each, database.keys.partner, pid)), expected(each));
    }
    assert.deepEqual(
      await claims(signContext(staffScope(), database.keys.admin, pid)),
      expected(staffScope()),
    );
    for (const kind of ['key', 'visitor', 'shopper'] as const) {
      const open = publicScope(basil, kind);
      assert.deepEqual(await claims(signContext(open, database.keys.public, pid)), expected(open));
    }
    const job = jobScope(amber);
    assert.deepEqual(await claims(signContext(job, database.keys.partner, pid)), expected(job));
  });

  it('is none when another surface’s key signed it', async () => {
    const { partner, admin, public: open } = database.keys;
    for (const [each, keys] of [
      [publicScope(amber, 'shopper'), [partner, admin]],
      [publicScope(amber, 'key'), [partner, admin]],
      [scope, [open, admin]],
      [jobScope(amber), [open, admin]],
      [staffScope(), [open, partner]],
    ] as const) {
      for (const wrong of keys) assert.equal(await claims(signContext(each, wrong, pid)), null);
    }
  });

  it('lasts a minute and no longer', async () => {
    const signedAgo = (seconds: number) =>
      signContext(scope, database.keys.partner, pid, Date.now() - seconds * 1000);
    assert.deepEqual(await claims(signedAgo(CONTEXT_SECONDS - 3)), expected(scope));
    assert.equal(await claims(signedAgo(CONTEXT_SECONDS + 2)), null);
  });

  it('runs out inside of a transaction that goes on', async () => {
    await client.query('begin');
    const text = signContext(scope, database.keys.partner, pid, Date.now() - (CONTEXT_SECONDS - 1) * 1000);
    await client.query(`select set_config('app.context', $1, true)`, [text]);
    const seen = async () => (await client.query('select app.market_id() as id')).rows[0].id;
    assert.equal(await seen(), amber.marketId);
    await client.query('select pg_sleep(2.2)');
    assert.equal(await seen(), null);
    await client.query('rollback');
  });

  it('is gone when its transaction ends, whichever way', async () => {
    for (const end of ['commit', 'rollback', 'select 1/0']) {
      await client.query('begin');
      await client.query(`select set_config('app.context', $1, true)`, [
        signContext(scope, database.keys.partner, pid),
      ]);
      assert.equal((await client.query('select count(*)::int from branch')).rows[0].count, 3);
      await client.query(end).catch(() => client.query('rollback'));
      const { rows } = await client.query(
        `select app.claims() as claims, (select count(*)::int from branch) as branches`,
      );
      assert.deepEqual(rows, [{ claims: null, branches: 0 }]);
    }
  });

  it('counts as none, and never as an error, when it is garbage', async () => {
    const good = signContext(scope, database.keys.partner, pid);
    const parts = good.split('|');
    const garbage = [
      '',
      ' ',
      '|',
      '|'.repeat(9),
      '|'.repeat(400),
      'v1',
      'v2|a',
      good.slice(0, -1),
      `${good} `,
      ` ${good}`,
      `${good}|`,
      `|${good}`,
      good.toUpperCase(),
      `${good}\n`,
      good.replace('v1', 'v2'),
      parts.slice(0, 9).join('|'),
      [...parts, 'x'].join('|'),
      'x'.repeat(401),
      'x'.repeat(5_000_000),
      'ي'.repeat(400),
      '🛒'.repeat(200),
      '\u202e',
      `v1|${"'; drop table offer; --"}|partner||||||9|a`,
      '\\x00',
      '\u0001',
      ...parts.map((_, index) => parts.with(index, '').join('|')),
      ...parts.map((_, index) => parts.with(index, '99999999999999999999999').join('|')),
      ...parts.map((_, index) => parts.with(index, 'é🛒').join('|')),
    ]; // prettier-ignore
    for (const text of garbage) assert.equal(await claims(text), null, text.slice(0, 80));
    assert.deepEqual(await claims(good), expected(scope));
  });

  it('can hold no NUL: PostgreSQL refuses the setting itself', async () => {
    await assert.rejects(claims(`v1\0|`), { code: '22021' });
  });

  it('counts as none for any text that a key holder did not sign', async () => {
    const good = signContext(scope, database.keys.partner, pid);
    const edit = fc.tuple(fc.nat(good.length - 1), fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }));
    await fc.assert(
      fc.asyncProperty(edit, fc.string({ unit: 'binary', maxLength: 300 }), async ([at, put], random) => {
        const edited = (good.slice(0, at) + put + good.slice(at + put.length)).replaceAll('\0', '');
        if (edited !== good) assert.equal(await claims(edited), null);
        assert.equal(await claims(random.replaceAll('\0', '')), null);
      }),
      { numRuns: 300 },
    );
  });

  it('lets no field run into another, whatever a scope holds', async () => {
    const field = fc.string({
      unit: fc.constantFrom('a', '|', '1', "'", ' ', 'é', 'owner', amber.marketId),
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(field, field, field, async (marketId, id, role) => {
        const odd = { ...scope, marketId, actor: { ...scope.actor, id, role } } as unknown as Scope;
        await client.query('begin');
        await client.query(`select set_config('app.context', $1, true)`, [
          signContext(odd, database.keys.partner, pid),
        ]);
        const { rows } = await client.query('select app.claims() as claims');
        await client.query('rollback');
        if (rows[0].claims !== null) assert.deepEqual(rows[0].claims, expected(odd));
        assert.equal(
          rows[0].claims === null,
          `${marketId}${id}${role}`.includes('|') ||
            signContext(odd, database.keys.partner, pid).length > 400,
        );
      }),
      { numRuns: 200 },
    );
  });

  it('is believed for both keys of a rotation, and for neither once retired, on open connections too', async () => {
    const make = (kid: string): ContextKey => ({ kid, key: randomBytes(32), bindsPid: true });
    const [old, next] = [make('rotation-old'), make('rotation-new')];
    const store = (ring: ContextKey[]) =>
      withClient(database.superuserUrl, (each) => storeContextKeys(each, { partner: ring }));
    const believed = async (key: ContextKey) => (await claims(signContext(scope, key, pid))) !== null;
    await store([old]);
    assert.deepEqual([await believed(old), await believed(next)], [true, false]);
    await store([next, old]);
    assert.deepEqual([await believed(old), await believed(next)], [true, true]);
    await store([next]);
    assert.deepEqual([await believed(old), await believed(next)], [false, true]);
    await store([database.keys.partner, database.keys.previousPartner]);
    assert.deepEqual([await believed(next), await believed(database.keys.partner)], [false, true]);
  });

  it('is bound to its connection unless its key says otherwise', async () => {
    const pooled: ContextKey = { kid: 'pooled', key: randomBytes(32), bindsPid: false };
    await withClient(database.superuserUrl, (each) =>
      storeContextKeys(each, { partner: [database.keys.partner, pooled] }),
    );
    assert.equal(await claims(signContext(scope, database.keys.partner, pid + 1)), null);
    assert.deepEqual(await claims(signContext(scope, pooled, pid + 1)), expected(scope));
  });
});
