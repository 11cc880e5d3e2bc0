import assert from 'node:assert/strict';
import { access, type Rule } from '../../server/db/access/declaration.ts';
import { withClient } from '../../server/db/setup/connect.ts';
import {
  ALL_PARTITIONS,
  type Answer,
  fillPolicyTable,
  type PolicyTable,
  ROLES,
} from '../support/policy-table/check.ts';
import { keeperOf, OWNER } from '../support/policy-table/expectation.ts';
import { type SeededDatabase, seededDatabase } from '../support/policy-table/seeded.ts';

describe('policy table', function () {
  this.timeout(600_000);
  let database: SeededDatabase;
  let table: PolicyTable;
  let made: string[];
  const byCell = new Map<string, Answer[]>();

  before(async () => {
    database = await seededDatabase();
    // Months that the job makes later on must be as closed as those that the migration made.
    made = await withClient(database.url('bulkhead_partner_gate'), async (client) => {
      const { rows } = await client.query('select app.keep_event_partitions(15, 5, 120) as made');
      return rows[0].made;
    });
    table = await fillPolicyTable(database.superuserUrl, database);
    for (const answer of table.answers) {
      const cell = `${answer.role} ${answer.table} ${answer.command}`;
      const known = byCell.get(cell);
      if (known) known.push(answer);
      else byCell.set(cell, [answer]);
    }
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
        [
          ...Object.keys(access),
          ...(ALL_PARTITIONS.includes(name) ? table.partitions.map((each) => each.name) : []),
        ].flatMap((each) =>
          ['select', 'insert', 'update', 'delete'].map((command) => `${role} ${each} ${command} ${name}`),
        ),
      ),
    );
    assert.deepEqual(
      expected.filter((cell) => !asked.has(cell)),
      [],
    );
    const [contexts, tables, partitions] = [database.contexts, Object.keys(access), table.partitions];
    process.stdout.write(
      `        ${table.answers.length} statements: ${ROLES.length} roles × ${contexts.length} contexts × ` +
        `${tables.length} tables and ${partitions.length} partitions\n`,
    );
  });

  it('closed the months that were made a moment ago, too', () => {
    assert.ok(made.length >= 2);
    const asked = table.answers.filter((answer) => made.includes(answer.table));
    assert.equal(new Set(asked.map((answer) => answer.table)).size, made.length);
    assert.deepEqual([...new Set(asked.map(({ found }) => found))].sort(), [
      'affected 0',
      'error 42501',
      'rows ',
    ]);
    assert.deepEqual(
      [...new Set(asked.filter(({ found }) => found !== 'error 42501').map(({ role }) => role))],
      [OWNER],
    );
  });

  for (const [name, { roles }] of Object.entries(access)) {
    for (const [role, rules] of Object.entries(roles)) {
      for (const [command, rule] of Object.entries(rules)) {
        // Only the statement that wrote a row sees it: test/db/events-intake.test.ts shows that.
        if (rule.rows === 'public-fresh') continue;
        // The decoy market is none of the fixture's: test/http/decoy.test.ts shows that.
        if (rule.rows === 'decoy-market') continue;
        it(`${role} really may ${command} ${name}, for ${rule.rows} rows only`, () =>
          witness(byCell.get(`${role} ${name} ${command}`) ?? [], rule));
      }
    }
  }
});

/** Predicates that ask about the row and not who looks: a context is refused no row of theirs. */
const ROWS_ALONE = [
  ...['everyone', 'invited', 'invited-staff', 'past-receipt'],
  ...['run-by-admin', 'run-by-partner', 'by-command', 'past-command'],
];

/** The rule was seen at work: somebody got a row through it and, unless it is for everyone, somebody did not. */
function witness(answers: readonly Answer[], rule: Rule): void {
  const nothing = ['rows ', 'affected 0', 'error 42501'];
  assert.ok(
    answers.some(({ found }) => !nothing.includes(found)),
    'no row ever passed: the fixture lacks one',
  );
  if (!ROWS_ALONE.includes(rule.rows)) {
    assert.ok(
      answers.some(({ found }) => nothing.includes(found)),
      'no context was ever refused',
    );
  }
}
