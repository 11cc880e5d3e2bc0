import assert from 'node:assert/strict';
import { access, type Rule } from '../../server/db/access/declaration.ts';
import { fillPolicyTable, type PolicyTable, ROLES } from '../support/policy-table/check.ts';
import { keeperOf } from '../support/policy-table/expectation.ts';
import { type SeededDatabase, seededDatabase } from '../support/policy-table/seeded.ts';

describe('policy table', () => {
  let database: SeededDatabase;
  let table: PolicyTable;

  before(async () => {
    database = await seededDatabase();
    table = await fillPolicyTable(database.superuserUrl, database);
  });
  after(() => database?.drop());

  it('has a declaration for every table of the catalogue, and no other', () => {
    const names = table.tables.map(({ name }) => name);
    assert.deepEqual(
      names.filter((name) => !(name in access) && !keeperOf(name)),
      [],
    );
    assert.deepEqual(
      Object.keys(access).filter((name) => !names.includes(name)),
      [],
    );
  });

  it('answers each role × table × command × context as declared', () => {
    assert.deepEqual(table.breaches.slice(0, 20), []);
  });

  it('asked every question', () => {
    const asked = new Set(table.answers.map((a) => `${a.role} ${a.table} ${a.command} ${a.context}`));
    const expected = ROLES.flatMap((role) =>
      database.contexts.flatMap(({ name }) =>
        Object.keys(access).flatMap((each) =>
          ['select', 'insert', 'update', 'delete'].map((command) => `${role} ${each} ${command} ${name}`),
        ),
      ),
    );
    assert.deepEqual(
      expected.filter((cell) => !asked.has(cell)),
      [],
    );
  });

  for (const [name, { roles }] of Object.entries(access)) {
    for (const [role, rules] of Object.entries(roles)) {
      for (const [command, rule] of Object.entries(rules)) {
        it(`${role} really may ${command} ${name}, for ${rule.rows} rows only`, () =>
          witness(table, name, role, command, rule));
      }
    }
  }
});

/** The rule was seen at work: somebody got a row through it and, unless it is for everyone, somebody did not. */
function witness(table: PolicyTable, name: string, role: string, command: string, rule: Rule): void {
  const answers = table.answers.filter((a) => a.table === name && a.role === role && a.command === command);
  const nothing = ['rows ', 'affected 0', 'error 42501'];
  assert.ok(
    answers.some(({ found }) => !nothing.includes(found)),
    'no row ever passed: the fixture lacks one',
  );
  if (!['everyone', 'invited', 'invited-staff'].includes(rule.rows)) {
    assert.ok(
      answers.some(({ found }) => nothing.includes(found)),
      'no context was ever refused',
    );
  }
}
