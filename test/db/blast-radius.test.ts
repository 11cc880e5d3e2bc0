import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blastRadius, REASONED_FROM } from '../../scripts/blast-radius.steps.ts';
import { withClient } from '../../server/db/setup/connect.ts';
import { compareSnapshots, type Difference } from '../../server/isolation/blast-radius/compare.ts';
import { needsReason, readReasons, reasonFor } from '../../server/isolation/blast-radius/reasons.ts';
import { readSnapshot } from '../../server/isolation/catalogue/snapshot.ts';
import { prismaFolder } from '../../server/paths.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

const MARKET = '(market_id = (select app.market_id()))';

describe('blast radius', () => {
  let database: TestDatabase;
  before(async () => {
    database = await testDatabase();
  });

  /** What a migration of this text would change, undone afterwards. */
  const radiusOf = (sql: string): Promise<Difference[]> =>
    withClient(database.superuserUrl, async (client) => {
      const before = await readSnapshot(client);
      await client.query('begin');
      await client.query(sql);
      const after = await readSnapshot(client);
      await client.query('rollback');
      return compareSnapshots(before, after);
    });

  const cases: [string, string, string][] = [
    [
      'a policy that lets everybody through',
      'alter policy partner_select on branch using (true)',
      'branch.select for bulkhead_partner changed',
    ],
    [
      'OR true',
      `alter policy partner_select on branch using (${MARKET} or true)`,
      'branch.select for bulkhead_partner changed',
    ],
    [
      'a grant without a policy',
      'grant delete on branch to bulkhead_partner',
      'branch.delete for bulkhead_partner wider',
    ],
    [
      'one more column',
      'grant update (market_id) on branch to bulkhead_partner',
      'branch.update for bulkhead_partner wider',
    ],
    ['row security off', 'alter table branch disable row level security', 'branch.row security for * wider'],
    [
      'row security not forced',
      'alter table branch no force row level security',
      'branch.row security for * wider',
    ],
    [
      'a function for one more role',
      'grant execute on function app.roll_up(integer) to bulkhead_public',
      'function.execute for app.roll_up(integer) wider',
    ],
    ['a membership', 'grant bulkhead_owner to bulkhead_partner', 'role.be for bulkhead_partner wider'],
    ['a power', 'alter role bulkhead_partner bypassrls', 'role.be for bulkhead_partner wider'],
  ];
  for (const [what, sql, expected] of cases) {
    it(`asks for a reason: ${what}`, async () => {
      const told = (await radiusOf(sql)).filter(needsReason);
      const lines = told.map(
        ({ table, verb, role, direction }) => `${table}.${verb} for ${role} ${direction}`,
      );
      assert.ok(lines.includes(expected), `${expected} is not among ${lines.join('; ')}`);
    });
  }

  const harmless: [string, string][] = [
    ['a right taken away', 'revoke delete on offer_branch from bulkhead_partner'],
    ['one more condition', `alter policy partner_select on branch using (${MARKET} and (state = 'open'))`],
    ['a policy dropped', 'drop policy partner_select on branch'],
    [
      'a table that was not there',
      'create table fresh (id uuid primary key); grant select on fresh to bulkhead_partner',
    ],
    ['nothing', 'select 1'],
  ];
  for (const [what, sql] of harmless) {
    it(`asks for none: ${what}`, async () => {
      const told = await radiusOf(sql);
      assert.deepEqual(told.filter(needsReason), []);
      assert.equal(told.length > 0, what !== 'nothing', 'and shows that it was seen');
    });
  }

  it('takes a written reason for exactly what it names', () => {
    const [difference] = [{ table: 'branch', verb: 'select', role: 'bulkhead_partner' } as Difference];
    const reason = (line: string) => reasonFor(difference!, readReasons(line))?.why;
    assert.equal(
      reason('-- widens: branch.select for bulkhead_partner: because it is theirs'),
      'because it is theirs',
    );
    assert.equal(reason('-- widens: branch.* for *: because it is theirs'), 'because it is theirs');
    assert.equal(reason('-- widens: branch.insert for bulkhead_partner: because it is theirs'), undefined);
    assert.equal(reason('-- widens: offer.select for bulkhead_partner: because it is theirs'), undefined);
    assert.equal(
      reason('-- widens: branch.select for bulkhead_partner: so'),
      undefined,
      'too short to be one',
    );
  });

  it('is explained, all of it, since reasons have to be given', async () => {
    const { rows, unexplained } = await blastRadius(join(prismaFolder, 'migrations'), REASONED_FROM);
    assert.ok(rows.some(({ direction }) => direction === 'wider'));
    assert.deepEqual(unexplained, []);
  });

  describe('of migrations to come', () => {
    const [one, two] = ['20991231000000_first', '20991231000001_second'];
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'bulkhead-migrations-'));
      cpSync(join(prismaFolder, 'migrations'), folder, { recursive: true });
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    const ask = (first: string, second: string) => {
      for (const [name, sql] of [
        [one, first],
        [two, second],
      ] as const) {
        mkdirSync(join(folder, name));
        writeFileSync(join(folder, name, 'migration.sql'), sql);
      }
      return blastRadius(folder, one);
    };
    const grant = 'grant update (market_id) on branch to bulkhead_partner;';
    const revoke = 'revoke update (market_id) on branch from bulkhead_partner;';
    const reason = '-- widens: branch.update for bulkhead_partner: so that a branch can be given away\n';

    it('takes no other one’s reason', async () => {
      const { unexplained } = await ask(`${reason}select 1;`, grant);
      assert.deepEqual(
        unexplained.map(({ table, verb, role }) => `${table}.${verb} for ${role}`),
        ['branch.update for bulkhead_partner'],
      );
    });

    it('takes its own', async () => {
      const { rows, unexplained } = await ask('select 1;', reason + grant);
      assert.deepEqual(unexplained, []);
      assert.deepEqual(
        rows.map((row) => row.reason),
        ['so that a branch can be given away'],
      );
    });

    it('asks nothing about what the next one takes back', async () => {
      const { rows, unexplained } = await ask(grant, revoke);
      assert.deepEqual([...rows, ...unexplained], []);
    });
  });
});
