import type pg from 'pg';
import { BootError } from '../server/boot-error.ts';
import { withClient } from '../server/db/setup/connect.ts';
import { writeAudit } from './seed/audit.ts';
import { writeBenchmarks } from './seed/benchmarks.ts';
import { writeBranches } from './seed/branches.ts';
import { writeCatalogue } from './seed/catalogue.ts';
import { writeClaimLimits } from './seed/claim-limits.ts';
import { writeClaims } from './seed/claims.ts';
import { floorToDay } from './seed/clock.ts';
import { writeDevices } from './seed/devices.ts';
import { writeEvents } from './seed/event-rows.ts';
import { eventsOf } from './seed/events.ts';
import { writeFigures } from './seed/figures.ts';
import { writeKeys } from './seed/keys.ts';
import { writeLimits } from './seed/limits.ts';
import { DEMO_MARKETS } from './seed/market-list.ts';
import { openedFrom, writeMarkets } from './seed/markets.ts';
import { writeMessages } from './seed/messages.ts';
import { writeOffers } from './seed/offer-rows.ts';
import { offersOf } from './seed/offers.ts';
import { writePeople } from './seed/people.ts';
import { renderPictures, storePictures, writePictures } from './seed/pictures.ts';
import { writeRedemptions } from './seed/redemptions.ts';

export { DEMO_LOGINS, DEMO_PASSWORD } from './seed/logins.ts';

export interface SeedOptions {
  /** A login that row-level security does not bind: the embedded server's superuser. */
  readonly url: string;
  /** Pictures go to `<uploadsDir>/<market id>/<image id>.webp`. */
  readonly uploadsDir: string;
  /** The present, for tests. All dates hang on its day; figures end at this very instant. */
  readonly now?: Date;
}

/** Any number; two seeds of one database wait for each other on it. */
const SEED_LOCK = 7_202_611;

/**
 * Fills an empty database with demo markets, once: does nothing when any market exists, and no row
 * stays when it fails. The same day gives the same rows with the same ids; only password salts differ.
 */
export async function seed(options: SeedOptions): Promise<void> {
  await withClient(options.url, async (client) => {
    await refuseBoundLogin(client);
    if (await hasMarkets(client)) return;
    const pictures = await renderPictures();
    await inTransaction(client, async () => {
      await client.query('select pg_advisory_xact_lock($1)', [SEED_LOCK]);
      if (await hasMarkets(client)) return;
      await writeAll(client, options, pictures);
    });
  });
}

/**
 * Plans and categories alone, which an installation without demo data needs too. Safe to repeat. A login that
 * row-level security binds becomes the tables' owner for it and lifts FORCE inside of the transaction only.
 */
export async function seedCatalogue(options: { readonly url: string }): Promise<void> {
  const force = (word: string) =>
    ['plan', 'category'].map((table) => `alter table ${table} ${word} row level security`).join('; ');
  await withClient(options.url, async (client) => {
    const bound = !(await isFree(client)).free;
    await inTransaction(client, async () => {
      if (bound) await client.query(`set local role bulkhead_owner; ${force('no force')}`);
      await writeCatalogue(client);
      if (bound) await client.query(force('force'));
    });
  });
}

async function writeAll(
  client: pg.Client,
  { uploadsDir, now = new Date() }: SeedOptions,
  pictures: Awaited<ReturnType<typeof renderPictures>>,
): Promise<void> {
  const today = floorToDay(now);
  const opened = openedFrom(today);
  const offers = new Map(DEMO_MARKETS.map((market) => [market, offersOf(market, today)]));
  // The present of a test may lie where the migrations made no months.
  await client.query('select app.keep_event_partitions(13, 1, 120)');
  await writeCatalogue(client);
  await writeMarkets(client, opened, today);
  await writePeople(client, today, opened);
  await writeKeys(client, opened);
  await writeBranches(client, DEMO_MARKETS, opened);
  await writeDevices(client, now, opened);
  await writePictures(client, pictures, opened);
  await writeOffers(client, [...offers.values()].flat());
  for (const [market, own] of offers) {
    const events = eventsOf(market, own, today, now);
    await writeEvents(client, market, own, events);
    await writeClaims(client, market, own, events);
  }
  await writeClaimLimits(client);
  await writeMessages(client, today);
  await writeLimits(client, today, now);
  await writeFigures(client);
  await writeBenchmarks(client, today);
  await writeAudit(client, offers, opened, today);
  await writeRedemptions(client, now);
  // Claims were written past the triggers that note what tills are told.
  await client.query('select app.begin_sync_epoch()');
  // Fresh tables have no statistics, and the first pages should not pay for it.
  await client.query('analyze');
  await storePictures(pictures, uploadsDir);
}

async function hasMarkets(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query('select exists (select from market) as found');
  return rows[0].found;
}

// Row-level security is forced on owners too: such a login would see no markets and fail half-way.
async function refuseBoundLogin(client: pg.Client): Promise<void> {
  const { name, free } = await isFree(client);
  if (free) return;
  throw new BootError(
    `${name} can't write demo data: row-level security binds it. Use a login with SUPERUSER or BYPASSRLS, or set SEED=off.`,
  );
}

async function isFree(client: pg.Client): Promise<{ name: string; free: boolean }> {
  const { rows } = await client.query(
    'select current_user as name, rolsuper or rolbypassrls as free from pg_roles where rolname = current_user',
  );
  return rows[0];
}

async function inTransaction(client: pg.Client, work: () => Promise<void>): Promise<void> {
  await client.query('begin');
  try {
    await work();
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}
