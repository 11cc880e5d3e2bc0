import assert from 'node:assert/strict';
import { auditMutations } from '../support/policy-table/audit-mutations.ts';
import { type Checker, openChecker } from '../support/policy-table/check.ts';
import { deviceMutations } from '../support/policy-table/device-mutations.ts';
import { portalMutations } from '../support/policy-table/mutations.ts';
import { planMutations } from '../support/policy-table/plan-mutations.ts';
import { publicMutations } from '../support/policy-table/public-mutations.ts';
import { type SeededDatabase, seededDatabase } from '../support/policy-table/seeded.ts';
import { shopperMutations } from '../support/policy-table/shopper-mutations.ts';
import { supportMutations } from '../support/policy-table/support-mutations.ts';
import { syncMutations } from '../support/policy-table/sync-mutations.ts';

const MUTATIONS = [
  ...portalMutations,
  ...publicMutations,
  ...shopperMutations,
  ...planMutations,
  ...auditMutations,
  ...deviceMutations,
  ...syncMutations,
  ...supportMutations,
];

describe('policy table, with one guard taken away', () => {
  let database: SeededDatabase;
  let checker: Checker;
  before(async () => {
    database = await seededDatabase();
    checker = await openChecker(database.superuserUrl, database.fixture);
  });
  after(async () => {
    await checker?.close();
    await database?.drop();
  });

  for (const { name, sql, at, breach } of MUTATIONS) {
    it(`tells when ${name}`, async () => {
      const [role, context] = at;
      const contexts = database.contexts.filter((each) => each.name === context);
      assert.deepEqual((await checker.fill({ roles: [role], contexts })).breaches, []);
      const { breaches } = await checker.fill({ roles: [role], contexts, changed: sql });
      const told = breaches.map((line) => line.replace(`${role}, ${context}: `, ''));
      assert.ok(
        told.some((line) => breach.test(line)),
        `not noticed; it said:\n${told.slice(0, 10).join('\n')}`,
      );
    });
  }
});
