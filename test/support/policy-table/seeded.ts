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
    return { ...database, keys, fixture, contexts: contextCases(keys) };
  });
}
