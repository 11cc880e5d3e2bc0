import pg from 'pg';
import { writeAudit } from './seed/audit.ts';
import { writeBranches } from './seed/branches.ts';
import { writeCatalogue } from './seed/catalogue.ts';
import { DAY, floorToDay } from './seed/clock.ts';
import { writeEvents } from './seed/event-rows.ts';
import { eventsOf } from './seed/events.ts';
import { DEMO_MARKETS, type DemoMarket } from './seed/market-list.ts';
import { writeOffers } from './seed/offer-rows.ts';
import { offersOf } from './seed/offers.ts';
import { writePeople } from './seed/people.ts';
import { renderPictures, writePictures } from './seed/pictures.ts';
import { insertRows } from './seed/rows.ts';

export { DEMO_LOGINS, DEMO_PASSWORD, type DemoLogin } from './seed/logins.ts';

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
 * Fills an empty database with demo markets, once: does nothing when any market exists, and leaves nothing
 * behind when it fails. The same day gives the same rows with the same ids; only password salts differ.
 */
export async function seed(options: SeedOptions): Promise<void> {
  await connected(options.url, async (client) => {
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

/** Plans and categories alone, which an installation without demo data needs too. Safe to repeat. */
export async function seedCatalogue(options: { readonly url: string }): Promise<void> {
  await connected(options.url, async (client) => {
    await refuseBoundLogin(client);
    await inTransaction(client, () => writeCatalogue(client));
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
  await writeCatalogue(client);
  await writeMarkets(client, opened, today);
  await writePeople(client, today, opened);
  await writeBranches(client, DEMO_MARKETS, opened);
  await writePictures(client, pictures, uploadsDir, opened);
  await writeOffers(client, [...offers.values()].flat());
  for (const [market, own] of offers)
    await writeEvents(client, market, own, eventsOf(market, own, today, now));
  await writeAudit(client, offers, opened, today);
  // Fresh tables have no statistics, and the first pages should not pay for it.
  await client.query('analyze');
}

/** When a market joined: a few days ago if it has only applied, else well before the figures begin. */
function openedFrom(today: Date): (market: DemoMarket) => Date {
  return ({ number, state }) => {
    const days = state === 'applied' ? 24 + number : 260 + ((number * 37) % 240);
    return new Date(today.getTime() - days * DAY + (8 + (number % 8)) * 3_600_000);
  };
}

async function writeMarkets(
  client: pg.Client,
  opened: (market: DemoMarket) => Date,
  today: Date,
): Promise<void> {
  const columns = {
    id: 'uuid',
    slug: 'text',
    name_en: 'text',
    name_ar: 'text',
    state: 'text',
    state_reason: 'text',
    plan_id: 'text',
    locale: 'text',
    time_zone: 'text',
    currency: 'text',
    is_demo: 'boolean',
    created_at: 'timestamptz',
    updated_at: 'timestamptz',
  };
  const rows = DEMO_MARKETS.map((market) => ({
    id: market.id,
    slug: market.slug,
    name_en: market.nameEn,
    name_ar: market.nameAr,
    state: market.state,
    state_reason: market.stateReason,
    plan_id: market.plan,
    locale: market.locale,
    time_zone: market.country.timeZone,
    currency: market.country.currency,
    is_demo: true,
    created_at: opened(market),
    updated_at: market.stoppedDaysAgo
      ? new Date(today.getTime() - market.stoppedDaysAgo * DAY)
      : opened(market),
  }));
  await insertRows(client, 'market', columns, rows);
}

async function hasMarkets(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query('select exists (select from market) as found');
  return rows[0].found;
}

// Row-level security is forced on owners too: such a login would see no markets and fail half-way.
async function refuseBoundLogin(client: pg.Client): Promise<void> {
  const { rows } = await client.query(
    'select rolsuper or rolbypassrls as free from pg_roles where rolname = current_user',
  );
  if (!rows[0].free)
    throw new Error(
      'Seeding needs a login with SUPERUSER or BYPASSRLS: tables are row-secured for all others',
    );
}

async function connected(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'bulkhead-seed' });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
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
