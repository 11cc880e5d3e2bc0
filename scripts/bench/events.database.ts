import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '../../server/db/embedded/embedded.ts';
import { withClient, withUrl } from '../../server/db/setup/connect.ts';
import { storeContextKeys } from '../../server/db/setup/context-keys.ts';
import { applyMigrations } from '../../server/db/setup/migrations.ts';
import { ensureQueue } from '../../server/db/setup/queue.ts';
import { ensureRoles, loginNames, type RolePasswords, secureDatabase } from '../../server/db/setup/roles.ts';
import { prismaFolder } from '../../server/paths.ts';
import { BUFFERS, marketId } from './bench.database.ts';

export const MARKETS = 1_000;
const OFFERS = 25;

/** What the measured processes are told. */
export interface EventsDatabase {
  readonly env: Record<string, string>;
  /** A login that row-level security does not bind, for raw `pg`. */
  readonly rawUrl: string;
  readonly superuserUrl: string;
}

/** The key, and an offer, of the n-th market. */
export const keyIdOf = (market: number): string => marketId(market).replace('-7000-', '-7001-');
export const offerIdOf = (market: number, offer: number): string =>
  marketId(market).replace('-8000-', `-8${(1 + (offer % OFFERS)).toString(16).padStart(3, '0')}-`);

const id = (kind: string, of = "'000'") =>
  `('00000000-0000-${kind}-8' || ${of} || '-' || lpad(to_hex(m), 12, '0'))::uuid`;
const markets = `generate_series(0, ${MARKETS - 1}) m`;
const FILL = `
  insert into plan values ('basic', 'Basic', 'أساسي', 0, 'SAR', 10000000, 10000000, 10000000, 1, 1000, 1000, 1000);
  insert into market (id, slug, name_en, name_ar, state, plan_id, updated_at)
    select ${id('7000')}, 'bench-' || m, 'Market ' || m, 'سوق ' || m, 'active', 'basic', now() from ${markets};
  insert into publishable_key (market_id, id, name, created_by, last_used_at)
    select ${id('7000')}, ${id('7001')}, 'Website', ${id('7000')}, now() + interval '1 hour' from ${markets};
  insert into offer (market_id, id, title_en, title_ar, text_en, price, currency, updated_at)
    select ${id('7000')}, ${id('7000', "lpad(to_hex(o), 3, '0')")}, 'Offer ' || o, 'عرض ' || o, 'Two for one', 1000, 'SAR', now()
    from generate_series(1, ${OFFERS}) o, ${markets};
  update offer set decision = 'approved', decision_digest = content_digest, decided_at = now();`;

/** A server that syncs every commit to its disk, as a real one does. */
export async function startEvents(): Promise<{ database: EventsDatabase; stop(): Promise<void> }> {
  const home = mkdtempSync(join(tmpdir(), 'bulkhead-bench-'));
  const settings = {
    shared_buffers: BUFFERS,
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    max_wal_size: '4GB',
  };
  const server = await startEmbedded({ home, throwAway: true, settings });
  const names = [...loginNames, 'bench_raw'] as const;
  const passwords = Object.fromEntries(
    names.map((name) => [name, randomBytes(12).toString('hex')]),
  ) as RolePasswords & Record<'bench_raw', string>;
  const url = server.superuserUrl('events');
  const [partner, open] = [randomBytes(32), randomBytes(32)];
  await withClient(server.superuserUrl('postgres'), async (client) => {
    await ensureRoles(client, passwords);
    await client.query('create database events');
  });
  await withClient(url, secureDatabase);
  await applyMigrations(url, join(prismaFolder, 'migrations'));
  await ensureQueue(url);
  await withClient(url, async (client) => {
    await client.query(FILL);
    await client.query(`create role bench_raw login bypassrls password '${passwords.bench_raw}';
      grant connect on database events to bench_raw;
      grant usage on schema public, app to bench_raw;
      grant execute on function app.uuid_time(uuid), app.market_id(), app.claims() to bench_raw;
      grant insert, select on offer_event to bench_raw`);
    await storeContextKeys(client, {
      partner: [{ kid: 'partner-bench', key: partner, bindsPid: true }],
      public: [{ kid: 'public-bench', key: open, bindsPid: true }],
    });
    await client.query('vacuum analyze');
  });
  const login = (user: (typeof names)[number]) => withUrl(url, { user, password: passwords[user] });
  const ring = (surface: string, key: Buffer) => `${surface}-bench:${key.toString('base64url')}`;
  const env = {
    DATABASE_URL: login('bulkhead_partner'),
    GATE_DATABASE_URL: login('bulkhead_partner_gate'),
    PUBLIC_DATABASE_URL: login('bulkhead_public'),
    ...{ TOKEN_KEYS: ring('partner', partner), CONTEXT_KEYS: ring('partner', partner) },
    ...{ PUBLIC_TOKEN_KEYS: ring('public', open), PUBLIC_CONTEXT_KEYS: ring('public', open) },
    DEVICE_DATABASE_URL: login('bulkhead_device'),
    ...{ DEVICE_TOKEN_KEYS: ring('device', open), DEVICE_CONTEXT_KEYS: ring('device', open) },
  };
  return { database: { env, rawUrl: login('bench_raw'), superuserUrl: url }, stop: () => server.stop() };
}
