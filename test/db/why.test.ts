import assert from 'node:assert/strict';
import { type Answer, type Checker, openChecker } from '../support/policy-table/check.ts';
import { type SeededDatabase, seededDatabase } from '../support/policy-table/seeded.ts';
import { Explainer } from '../support/policy-table/verdicts.ts';

const ROLES = [
  ...['bulkhead_partner', 'bulkhead_public', 'bulkhead_device', 'bulkhead_admin'],
  ...['bulkhead_partner_gate', 'bulkhead_admin_gate'],
];

describe('why somebody sees a row, or does not', function () {
  this.timeout(600_000);
  let database: SeededDatabase;
  let checker: Checker;
  let explainer: Explainer;
  before(async () => {
    database = await seededDatabase();
    checker = await openChecker(database.superuserUrl, database.fixture);
    explainer = await Explainer.open(database.superuserUrl);
  });
  after(async () => {
    await explainer?.close();
    await checker?.close();
    await database?.drop();
  });

  /** The cells where the explanation says otherwise than the database did. */
  async function differences(roles: readonly string[], contexts = database.contexts, changed = '') {
    const wrong: string[] = [];
    let cells = 0;
    let inserts = 0;
    const { answers, ...known } = await checker.fill({ roles, contexts, changed });
    const found = new Map<string, Answer>();
    for (const answer of answers) found.set(keyOf(answer), answer);
    for (const role of roles) {
      for (const context of contexts) {
        for (const [cell, said] of await explainer.explain(role, context, known, changed)) {
          const happened = found.get(`${role}, ${context.name}: ${cell}`)?.found;
          if (happened === undefined || isRule(happened)) continue;
          cells += 1;
          if (/^\w+ insert /.test(cell)) inserts += 1;
          if (said !== happened)
            wrong.push(`${role}, ${context.name}: ${cell}: "${said}", but really "${happened}"`);
        }
      }
    }
    return { wrong, cells, inserts };
  }

  for (const role of ROLES) {
    it(`is explained as it really happens, in every cell of ${role}`, async () => {
      const { wrong, cells, inserts } = await differences([role]);
      assert.ok(cells > 1_000);
      assert.ok(inserts > 1_000);
      assert.deepEqual(wrong.slice(0, 10), []);
    });
  }

  it('follows the policies as they are, not as they were declared', async () => {
    const contexts = database.contexts.filter(({ name }) => name === 'amber owner');
    const role = 'bulkhead_partner';
    const widened = 'alter policy partner_select on offer using (true)';
    const narrowed =
      'create policy narrowed on branch as restrictive for select to bulkhead_partner using (false)';
    assert.deepEqual((await differences([role], contexts, widened)).wrong, []);
    assert.deepEqual((await differences([role], contexts, narrowed)).wrong, []);
    const open = 'alter policy partner_insert on offer with check (true)';
    assert.deepEqual((await differences([role], contexts, open)).wrong, []);
    const { answers: _, breaches: __, ...known } = await checker.fill({ roles: [role], contexts });
    const told = async (changed: string) => explainer.explain(role, contexts[0]!, known, changed);
    const [before, after, less] = [await told(''), await told(widened), await told(narrowed)];
    const rows = (text: string | undefined) => text!.split(' ').length;
    assert.ok(rows(after.get('offer select')) > rows(before.get('offer select')));
    assert.equal(less.get('branch select'), 'rows ');
    const inserts = (said: Map<string, string>) =>
      [...said].filter(([cell, found]) => cell.startsWith('offer insert ') && found === 'affected 1').length;
    assert.ok(inserts(await told(open)) > inserts(before));
    assert.notEqual(before.get('branch select'), 'rows ');
  });
});

const keyOf = ({ role, context, table, command, about }: Answer): string =>
  `${role}, ${context}: ${table} ${command}${command === 'insert' ? ` ${about}` : ''}`;

/** A rule's trigger speaks before or after the policies, which is no question to them. */
const isRule = (happened: string): boolean => happened.startsWith('error BH');
