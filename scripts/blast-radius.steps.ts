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
import { needsReason, readReasons, reasonFor } from '../server/isolation/blast-radius/reasons.ts';
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

/** Up to this one a reason counts for all of them; since then each migration has to give its own. */
const TOGETHER_UNTIL = '20261128160000_compare_layers';

/**
 * Who may do more or less after some migrations than before, read from a scratch database at each step.
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
  const steps = stepsOf(between);
  const snapshots = await readSnapshots(folder, old, steps);
  const explained = steps.flatMap((step, index) =>
    explain(folder, step, snapshots[index]!, snapshots[index + 1]!),
  );
  return report(between, compareSnapshots(snapshots[0]!, snapshots.at(-1)!), explained);
}

function stepsOf(between: readonly string[]): string[][] {
  const together = between.filter((name) => name <= TOGETHER_UNTIL);
  const apart = between.filter((name) => name > TOGETHER_UNTIL).map((name) => [name]);
  return together.length > 0 ? [together, ...apart] : apart;
}

/** What a step changes, with the reasons that its own migrations give. */
function explain(folder: string, step: readonly string[], before: Snapshot, after: Snapshot): Row[] {
  const reasons = step.flatMap((name) =>
    readReasons(readFileSync(join(folder, name, 'migration.sql'), 'utf8')),
  );
  return compareSnapshots(before, after).map((each) => ({
    ...each,
    reason: reasonFor(each, reasons)?.why ?? null,
  }));
}

/** What a later step took back needs no reason. */
function report(between: readonly string[], differences: Difference[], steps: readonly Row[]): BlastRadius {
  const stepsTo = (row: Difference) => steps.filter((step) => cellOf(step) === cellOf(row));
  const rows = differences.map((each) => {
    const reason = stepsTo(each).find((step) => step.reason !== null)?.reason ?? null;
    return { ...each, reason };
  });
  const unexplained = rows
    .filter((row) => stepsTo(row).some((step) => needsReason(step) && step.reason === null))
    .map((row) => ({ ...row, reason: null }));
  return { from: between[0]!, to: between.at(-1)!, rows, unexplained };
}

const cellOf = ({ table, verb, role }: Difference): string => [table, verb, role].join(' ');

type Snapshot = Awaited<ReturnType<typeof readSnapshot>>;

/**
 * Before the first step and after each, on a server of its own that is gone afterwards. Roles are today's throughout:
 * those belong to the whole server.
 */
async function readSnapshots(
  folder: string,
  old: readonly string[],
  steps: readonly (readonly string[])[],
): Promise<Snapshot[]> {
  const home = mkdtempSync(join(tmpdir(), 'bulkhead-radius-'));
  const server = await startEmbedded({ home, throwAway: true });
  try {
    const postgres = server.superuserUrl('postgres');
    const passwords = Object.fromEntries(loginNames.map((name) => [name, randomBytes(12).toString('hex')]));
    await withClient(postgres, (client) => ensureRoles(client, passwords as RolePasswords));
    await withClient(postgres, (client) => client.query('create database radius template template0'));
    const url = server.superuserUrl('radius');
    await withClient(url, secureDatabase);
    const snapshots: Snapshot[] = [];
    const done: string[] = [];
    for (const step of [old, ...steps]) {
      done.push(...step);
      if (step.length > 0) await applySome(url, folder, done, join(home, `until-${snapshots.length}`));
      snapshots.push(await withClient(url, readSnapshot));
    }
    return snapshots;
  } finally {
    await server.stop();
  }
}

/** From a folder of their own: the engine applies all that it finds. */
async function applySome(
  url: string,
  folder: string,
  names: readonly string[],
  target: string,
): Promise<void> {
  for (const name of names) cpSync(join(folder, name), join(target, name), { recursive: true });
  cpSync(join(folder, 'migration_lock.toml'), join(target, 'migration_lock.toml'));
  await applyMigrations(url, target);
  rmSync(target, { recursive: true });
}
