import assert from 'node:assert/strict';
import { withClient } from '../../server/db/setup/connect.ts';
import { readBodies } from '../../server/isolation/catalogue/bodies.question.ts';
import { declaredBodies } from '../../server/isolation/catalogue/declared-bodies.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

/** What the file says otherwise than the database, and the command that writes it anew. */
function outOfDate(made: Readonly<Record<string, string>>): string {
  const names = [...new Set([...Object.keys(made), ...Object.keys(declaredBodies)])].sort();
  const differing = names.filter((name) => made[name] !== declaredBodies[name]);
  return differing.length === 0 ? '' : `run npm run isolation:bodies: ${differing.join(', ')}`;
}

describe('declared bodies of functions', () => {
  let database: TestDatabase;
  before(async () => {
    database = await testDatabase();
  });
  after(() => database.drop());

  it('are what the migrations make', async () => {
    assert.equal(outOfDate(await withClient(database.superuserUrl, readBodies)), '');
  });

  for (const [what, sql, name] of [
    [
      'changed',
      `create or replace function app.is_staff() returns boolean language sql stable as 'select true'`,
      'app.is_staff()',
    ],
    ['made', `create function app.fresh() returns int language sql as 'select 1'`, 'app.fresh()'],
    ['dropped', 'drop function app.count_cohorts()', 'app.count_cohorts()'],
  ] as const) {
    it(`have to be written anew when a function is ${what}`, async () => {
      const made = await withClient(database.superuserUrl, async (client) => {
        await client.query('begin');
        await client.query(sql);
        return readBodies(client);
      });
      assert.equal(outOfDate(made), `run npm run isolation:bodies: ${name}`);
    });
  }
});
