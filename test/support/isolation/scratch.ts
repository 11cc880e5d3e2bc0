import { withClient } from '../../../server/db/setup/connect.ts';
import { ensureRoles, secureDatabase } from '../../../server/db/setup/roles.ts';
import { testCluster } from '../cluster.ts';
import type { TestDatabase } from '../database.ts';

/** A database that is put back as it was, whatever has been done to it and to the roles of its server. */
export interface Scratch {
  spoil(sql: string): Promise<void>;
  restore(): Promise<void>;
}

export async function scratchOf(database: TestDatabase): Promise<Scratch> {
  const { server, passwords } = await testCluster();
  const maintenance = server.superuserUrl('postgres');
  const kept = `${database.name}_kept`;
  const run = (...statements: string[]) =>
    withClient(maintenance, async (client) => {
      for (const statement of statements) await client.query(statement);
    });
  const alone = (name: string) =>
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}' and pid <> pg_backend_pid()`;
  await run(
    `alter database ${database.name} allow_connections false`,
    alone(database.name),
    `create database ${kept} template ${database.name}`,
    `alter database ${database.name} allow_connections true`,
  );
  return {
    spoil: (sql) => withClient(database.superuserUrl, async (client) => void (await client.query(sql))),
    restore: async () => {
      await run(
        `drop database if exists ${database.name} with (force)`,
        'drop role if exists bulkhead_stranger',
        `create database ${database.name} template ${kept}`,
      );
      await withClient(database.superuserUrl, async (client) => {
        await ensureRoles(client, passwords);
        await secureDatabase(client);
      });
    },
  };
}
