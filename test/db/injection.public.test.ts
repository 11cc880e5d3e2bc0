import assert from 'node:assert/strict';
import { attacks } from '../support/injection-attacks.ts';
import { hiddenIds, publicAttacks, unlikeNothing } from '../support/public-attacks.ts';
import {
  ATTACKERS,
  type Attacker,
  HIDDEN,
  type PublicDrill,
  startPublicDrill,
} from '../support/public-drill.ts';
import { amber, basil, publicScope } from '../support/two-markets.ts';

const attackers = Object.keys(ATTACKERS) as Attacker[];
const told = (rows: readonly object[]): object[] => rows.flat().filter((row) => Object.keys(row).length > 0);
const UNKNOWN = '01900000-0000-7000-8000-00000000dead';

describe('SQL injection on the public surface', function () {
  this.timeout(120_000);
  let drill: PublicDrill;
  let untouched: string;
  let statements = 0;

  before(async () => {
    drill = await startPublicDrill();
    untouched = await drill.everything();
  });
  after(() => drill?.portals.close());

  /** The statement by itself, in a transaction, and past Prisma. */
  async function everyWay(attacker: Attacker, sql: string) {
    const scope = ATTACKERS[attacker];
    const answers = [
      await drill.inject(scope, sql),
      await drill.inTransaction(scope, [sql]),
      await drill.directly(scope, sql),
    ];
    for (const answer of answers) drill.assertSilent(attacker, answer, sql);
    statements += answers.length;
    return answers;
  }

  it('has something to hide', () => {
    for (const attacker of attackers) assert.ok(drill.secrets[attacker].length > 150);
    assert.ok(
      drill.secrets.key.some((secret) => secret.includes('@')),
      'an e-mail',
    );
    assert.ok(drill.secrets.shopper.includes('AMBRSPAR'), 'another shopper’s code');
    assert.ok(!drill.secrets.shopper.includes('AMBRMA1N'), 'not one’s own');
    assert.ok(drill.secrets.visitor.includes(String(HIDDEN.claimed)), 'a count');
  });

  for (const attacker of attackers) {
    for (const { name, sql, outcome } of publicAttacks) {
      it(`shows ${attacker} what the storefront shows: ${name}`, async () => {
        for (const answer of await everyWay(attacker, sql)) {
          if (outcome === 'own')
            assert.match(JSON.stringify(answer.rows), /marker-amber/, JSON.stringify(answer));
          else if (outcome === 'nothing') assert.deepEqual(told(answer.rows ?? [answer]), []);
          else assert.match(answer.error ?? JSON.stringify(answer), new RegExp(`^${outcome} `));
        }
      });
    }

    it(`refuses ${attacker} what it refuses the partner`, async () => {
      for (const { sql, outcome } of attacks) {
        const answers = await everyWay(attacker, sql);
        if (outcome === 'own' || outcome === 'nothing') continue;
        for (const answer of answers)
          assert.match(answer.error ?? `no error: ${sql}`, new RegExp(outcome), sql);
      }
    });
  }

  it('has changed no row by all that', async () => {
    assert.equal(await drill.everything(), untouched);
    const count = publicAttacks.length + attacks.length;
    process.stdout.write(
      `        ${statements} statements: ${count} attacks × ${attackers.length} actors × 3 ways\n`,
    );
  });

  it('lets a shopper read and change their own alone', async () => {
    const { rows } = await drill.inject(
      ATTACKERS.shopper,
      'select email, code from shopper_contact, claim order by 2',
    );
    assert.deepEqual(
      rows?.map(({ code }) => code),
      ['AMBRMA1N', 'AMBRRDMD'],
    );
    assert.deepEqual([...new Set(rows?.map(({ email }) => email))], ['marker-amber.main@example.test']);
    const update = await drill.inject(
      ATTACKERS.shopper,
      'update shopper_contact set opted_in_at = null returning shopper_id',
    );
    assert.deepEqual(update.rows, [{ shopper_id: amber.shopper }]);
    await drill.portals.sql('update shopper_contact set opted_in_at = $2 where shopper_id = $1', [
      amber.shopper,
      '2026-05-01T09:00:00.000Z',
    ]);
  });

  describe('answers with the same words, and writes nothing, for what is hidden and what is not there', () => {
    for (const [name, sql] of Object.entries(unlikeNothing)) {
      it(name, async () => {
        for (const attacker of attackers) {
          const unknown = await everyWay(attacker, sql(UNKNOWN));
          for (const id of hiddenIds[name]!) {
            const hidden = await everyWay(attacker, sql(id));
            const plain = (answer: object) =>
              JSON.stringify(answer).replaceAll(id, '?').replaceAll(UNKNOWN, '?');
            assert.deepEqual(hidden.map(plain), unknown.map(plain));
            for (const { error } of hidden) assert.match(error ?? '', /^(42501|BH001) /);
          }
        }
        assert.equal(await drill.everything(), untouched);
      });
    }
  });

  describe('has functions that act for nobody else', () => {
    it('names the id of an active market’s address, and no other', async () => {
      const ask = async (slug: string) =>
        (await drill.inject(ATTACKERS.key, `select app.market_of_slug('${slug}') as id`)).rows;
      assert.deepEqual(await ask('marker-basil-main'), [{ id: basil.marketId }]);
      assert.deepEqual(await ask('marker-basil'), [{ id: null }]);
      await drill.portals.sql(`update market set state = 'suspended' where id = $1`, [basil.marketId]);
      assert.deepEqual(await ask('marker-basil-main'), [{ id: null }]);
      await drill.portals.sql(`update market set state = 'active' where id = $1`, [basil.marketId]);
    });

    it('erases nobody but the shopper whose context it is', async () => {
      const rows = async () => (await drill.portals.sql('select id from shopper')).length;
      const before = await rows();
      for (const attacker of ['key', 'visitor'] as const)
        assert.deepEqual(
          (await drill.inject(ATTACKERS[attacker], 'select app.erase_shopper() as done')).rows,
          [{ done: false }],
        );
      for (const odd of [basil.shopper, amber.owner, UNKNOWN]) {
        const answer = await drill.inject(
          publicScope(amber, 'shopper', odd),
          'select app.erase_shopper() as done',
        );
        assert.deepEqual(answer.rows, [{ done: false }]);
      }
      assert.equal(await drill.everything(), untouched);
      const claimed = () =>
        drill.portals.sql('select claimed from offer_claims where offer_id = $1', [amber.liveOffer]);
      const done = await drill.inTransaction(ATTACKERS.shopper, [
        'select app.erase_shopper() as done',
        'select app.erase_shopper() as done',
      ]);
      assert.deepEqual(done.rows?.flat(), [{ done: true }, { done: false }]);
      assert.equal(await rows(), before - 1);
      assert.deepEqual(
        await claimed(),
        [{ claimed: 16 }],
        'the open claim went back, the redeemed one did not',
      );
      const left = await drill.portals.sql(
        'select shopper_id, code from claim where market_id = $1 order by code',
        [amber.marketId],
      );
      assert.deepEqual(left, [
        { shopper_id: null, code: 'AMBRRDMD' },
        { shopper_id: amber.otherShopper, code: 'AMBRSPAR' },
      ]);
    });

    it('would be noticed if it yielded something', async () => {
      await drill.portals.sql('alter table shopper_contact disable row level security');
      const sql = 'select email from shopper_contact';
      const answer = await drill.inject(ATTACKERS.key, sql);
      await drill.portals.sql('alter table shopper_contact enable row level security');
      assert.throws(() => drill.assertSilent('key', answer, sql), /tells /);
    });
  });
});
