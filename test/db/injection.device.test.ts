import assert from 'node:assert/strict';
import { deviceAttacks, hiddenIds, unlikeNothing } from '../support/device-attacks.ts';
import { assertSilent, type DeviceDrill, startDeviceDrill, TILLS } from '../support/device-drill.ts';
import { attacks } from '../support/injection-attacks.ts';
import { publicAttacks } from '../support/public-attacks.ts';
import { amber } from '../support/two-markets.ts';

const UNKNOWN = '01900000-0000-7000-8000-00000000dead';
const OF_BRANCH = `alter policy device_select on branch using (
  market_id = (select app.device_market_id()) and id = (select app.device_branch_id()))`;
const told = (rows: readonly object[]): object[] => rows.flat().filter((row) => Object.keys(row).length > 0);

describe('SQL injection on the device surface', function () {
  this.timeout(180_000);
  let drill: DeviceDrill;
  let untouched: string;
  let statements = 0;

  before(async () => {
    drill = await startDeviceDrill();
    untouched = await drill.everything();
  });
  after(() => drill?.portals.close());

  it('has something to hide', () => {
    assert.ok(drill.secrets.till.length > 200);
    for (const hidden of [
      amber.secondBranch,
      amber.revokedDevice,
      amber.shopper,
      amber.owner,
      amber.key,
      'BASXMA1N',
    ])
      assert.ok(drill.secrets.till.includes(hidden), hidden);
    assert.ok(!drill.secrets.till.includes(amber.branch));
    assert.ok(drill.secrets.revoked.includes(amber.marketId) === false, 'it knows which market it was of');
  });

  for (const { name, sql, outcome } of deviceAttacks) {
    it(`shows a till its branch and itself: ${name}`, async () => {
      for (const answer of await drill.everyWay('till', sql)) {
        if (outcome === 'own')
          assert.match(JSON.stringify(answer.rows), /marker-amber/, JSON.stringify(answer));
        else if (outcome === 'nothing') assert.deepEqual(told(answer.rows ?? [answer]), []);
        else assert.match(answer.error ?? JSON.stringify(answer), new RegExp(`^(${outcome})`));
        statements++;
      }
    });
  }

  it('shows a revoked till that it is, and nothing else', async () => {
    // An entry in its own name is the one thing that it may write: that it was refused.
    const others = deviceAttacks.filter(({ sql }) => !/^insert into audit_entry/.test(sql));
    for (const { name, sql } of others) {
      for (const { rows = [] } of await drill.everyWay('revoked', sql)) {
        const own = JSON.stringify(told(rows)).includes('revoked') || told(rows).length === 0;
        assert.ok(own, `${name}: ${JSON.stringify(rows)}`);
        statements++;
      }
    }
    const own = await drill.everyWay('revoked', 'select state, revoked_at is not null as told from device');
    for (const { rows } of own) assert.deepEqual(rows, [{ state: 'revoked', told: true }]);
  });

  it('tells nothing to what is tried on the other surfaces', async () => {
    for (const till of Object.keys(TILLS) as (keyof typeof TILLS)[]) {
      for (const { sql } of [...attacks, ...publicAttacks]) {
        await drill.everyWay(till, sql);
        statements += 3;
      }
    }
  });

  it('has changed no row by all that', async () => {
    assert.equal(await drill.everything(), untouched);
    process.stdout.write(`        ${statements} statements as a till\n`);
  });

  describe('answers with the same words for what is hidden and what is not there', () => {
    for (const [name, sql] of Object.entries(unlikeNothing)) {
      it(name, async () => {
        const unknown = await drill.everyWay('till', sql(UNKNOWN));
        for (const id of hiddenIds[name]!) {
          const hidden = await drill.everyWay('till', sql(id));
          const plain = (answer: object) =>
            JSON.stringify(answer).replaceAll(id, '?').replaceAll(UNKNOWN, '?');
          assert.deepEqual(hidden.map(plain), unknown.map(plain));
        }
        assert.equal(await drill.everything(), untouched);
      });
    }
  });

  it('would be noticed if it yielded something', async () => {
    await drill.portals.sql(`alter policy device_select on branch using (true)`);
    const sql = 'select name_en from branch';
    await assert.rejects(drill.everyWay('till', sql), /tells /);
    await drill.portals.sql(OF_BRANCH);
    await drill.everyWay('till', sql);
    assert.throws(() => assertSilent(['marker-basil'], { rows: [{ name: 'marker-basil' }] }, sql), /tells /);
  });
});
