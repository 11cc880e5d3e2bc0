import type { ClientBase } from 'pg';
import { withClient } from '../../../server/db/setup/connect.ts';
import { type TestDatabase, testDatabase } from '../database.ts';
import { type FixtureRow, insertTwoMarkets } from '../two-markets.ts';
import { type ContextCase, contextCases } from './contexts.ts';
import { storeTestKeys, type TestKeys } from './keys.ts';

export interface SeededDatabase extends TestDatabase {
  readonly keys: TestKeys;
  readonly contexts: ContextCase[];
  readonly fixture: FixtureRow[];
}

/** A database of its own with both markets in it and keys in every state. */
export async function seededDatabase(): Promise<SeededDatabase> {
  const database = await testDatabase();
  return withClient(database.superuserUrl, async (client) => {
    const keys = await storeTestKeys(client);
    const fixture = await insertTwoMarkets(client);
    await silenceTrail(client);
    return { ...database, keys, fixture, contexts: contextCases(keys) };
  });
}

/** Triggers that keep the audit trail refuse whatever a policy would say: test/db/audit-chain.test.ts asks them. */
async function silenceTrail(client: ClientBase): Promise<void> {
  const { rows } = await client.query(
    `select format('alter table %s disable trigger %I', tgrelid::regclass, tgname) as sql from pg_trigger
     where tgname ~ '_(kept|let_go)$' and tgrelid::regclass::text like '%audit_%'`,
  );
  for (const { sql } of rows) await client.query(sql);
}
