import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BootError } from '../server/boot-error.ts';
import { startEmbedded } from '../server/db/embedded/embedded.ts';
import { withClient } from '../server/db/setup/connect.ts';
import { applyMigrations } from '../server/db/setup/migrations.ts';
import { ensureRoles, loginNames, type RolePasswords, secureDatabase } from '../server/db/setup/roles.ts';
import { compareSnapshots, type Difference } from '../server/isolation/blast-radius/compare.ts';
import {
  needsReason,
  type Reason,
  readReasons,
  reasonFor,
} from '../server/isolation/blast-radius/reasons.ts';
import { readSnapshot } from '../server/isolation/catalogue/snapshot.ts';

/** Migrations before this one were made before reasons had to be given. */
export const REASONED_FROM = '20261128';

export interface Row extends Difference {
  readonly reason: string | null;
}

export interface BlastRadius {
  readonly from: string;
  readonly to: string;
  readonly rows: readonly Row[];
  /** Differences that let somebody do more, and for which no migration gives a reason. */
  readonly unexplained: readonly Row[];
}

/**
 * Who may do more or less after some migrations than before, read from two scratch databases.
 * @param from the first migration whose effect is asked for, or the beginning of its name
 * @param to the last one; all that there are when absent
 * @throws BootError when no migration is in between
 */
export async function blastRadius(folder: string, from: string, to?: string): Promise<BlastRadius> {
  const names = readdirSync(folder)
    .filter((name) => /^\d{14}_/.test(name))
    .sort();
  const old = names.filter((name) => name < from);
  const until = names.filter((name) => to === undefined || name <= to || name.startsWith(to));
  const between = until.slice(old.length);
  if (between.length === 0)
    throw new BootError(`No migration is between ${from} and ${to ?? 'the last one'}.`);
  const reasons = between.flatMap((name) =>
    readReasons(readFileSync(join(folder, name, 'migration.sql'), 'utf8')),
  );
  const rows = await withSnapshots(folder, [old, until], (before, after) => compareSnapshots(before, after));
  return report(between, rows, reasons);
}

function report(
  between: readonly string[],
  differences: Difference[],
  reasons: readonly Reason[],
): BlastRadius {
  const rows = differences.map((each) => ({ ...each, reason: reasonFor(each, reasons)?.why ?? null }));
  const unexplained = rows.filter((row) => needsReason(row) && row.reason === null);
  return { from: between[0]!, to: between.at(-1)!, rows, unexplained };
}

type Snapshot = Awaited<ReturnType<typeof readSnapshot>>;

/** On a server of its own, gone afterwards. Both databases have today's roles: those belong to the whole server. */
async function withSnapshots<T>(
  folder: string,
  [old, until]: readonly [readonly string[], readonly string[]],
  work: (before: Snapshot, after: Snapshot) => T,
): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), 'bulkhead-radius-'));
  const server = await startEmbedded({ home, throwAway: true });
  try {
    const postgres = server.superuserUrl('postgres');
    const passwords = Object.fromEntries(loginNames.map((name) => [name, randomBytes(12).toString('hex')]));
    await withClient(postgres, (client) => ensureRoles(client, passwords as RolePasswords));
    const snapshot = async (name: string, migrations: readonly string[]) => {
      await withClient(postgres, (client) => client.query(`create database ${name} template template0`));
      const url = server.superuserUrl(name);
      await withClient(url, secureDatabase);
      const some = part(folder, migrations, join(home, name));
      if (migrations.length > 0) await applyMigrations(url, some);
      rmSync(some, { recursive: true });
      return withClient(url, readSnapshot);
    };
    return work(await snapshot('radius_before', old), await snapshot('radius_after', until));
  } finally {
    await server.stop();
  }
}

/** A folder with some of the migrations: the engine applies all that it finds. */
function part(folder: string, names: readonly string[], target: string): string {
  for (const name of names) cpSync(join(folder, name), join(target, name), { recursive: true });
  cpSync(join(folder, 'migration_lock.toml'), join(target, 'migration_lock.toml'));
  return target;
}
