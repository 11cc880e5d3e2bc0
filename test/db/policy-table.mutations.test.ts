import assert from 'node:assert/strict';
import { withClient } from '../../server/db/setup/connect.ts';
import { fillPolicyTable } from '../support/policy-table/check.ts';
import { portalMutations } from '../support/policy-table/mutations.ts';
import { publicMutations } from '../support/policy-table/public-mutations.ts';
import { seededDatabase } from '../support/policy-table/seeded.ts';
import { shopperMutations } from '../support/policy-table/shopper-mutations.ts';
import { syncMutations } from '../support/policy-table/sync-mutations.ts';

describe('policy table, with one guard taken away', () => {
  for (const { name, sql, at, breach } of [
    ...portalMutations,
    ...publicMutations,
    ...shopperMutations,
    ...syncMutations,
  ]) {
    it(`tells when ${name}`, async () => {
      const database = await seededDatabase();
      try {
        const [role, context] = at;
        const contexts = database.contexts.filter((each) => each.name === context);
        const ask = () => fillPolicyTable(database.superuserUrl, { ...database, roles: [role], contexts });
        assert.deepEqual((await ask()).breaches, []);
        await withClient(database.superuserUrl, (client) => client.query(sql));
        const { breaches } = await ask();
        const told = breaches.map((line) => line.replace(`${role}, ${context}: `, ''));
        assert.ok(
          told.some((line) => breach.test(line)),
          `not noticed; it said:\n${told.slice(0, 10).join('\n')}`,
        );
      } finally {
        await database.drop();
      }
    });
  }
});
