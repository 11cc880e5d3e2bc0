import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'pg';
import { startEmbedded } from '../../server/db/embedded/embedded.ts';
import { withClient, withUrl } from '../../server/db/setup/connect.ts';
import { storeContextKeys } from '../../server/db/setup/context-keys.ts';
import { applyMigrations } from '../../server/db/setup/migrations.ts';
import { ensureRoles, loginNames, type RolePasswords, secureDatabase } from '../../server/db/setup/roles.ts';
import type { ContextKey } from '../../server/market/context.ts';
import { prismaFolder } from '../../server/paths.ts';
import { BUFFERS, marketId } from './bench.database.ts';

/** Each with one till: those of different markets don't wait for each other at the month's counter. */
export const MARKETS = 10;
const CLAIMS = 2_500;

export interface SyncDatabase {
  readonly deviceUrl: string;
  readonly key: ContextKey;
  /** A login that row-level security does not bind, for raw `pg`. */
  readonly rawUrl: string;
  readonly superuserUrl: string;
}

const kind = (number: number, market: number): string => marketId(market).replace('-7000-', `-700${number}-`);
export const offerOf = (market: number): string => kind(2, market);
export const branchOf = (market: number): string => kind(3, market);
export const deviceOf = (market: number): string => kind(4, market);

const id = (number: number) => `('00000000-0000-700${number}-8000-' || lpad(to_hex(m), 12, '0'))::uuid`;
const markets = `generate_series(0, ${MARKETS - 1}) m`;
const FILL = `
  insert into plan values ('basic', 'Basic', 'أساسي', 0, 'SAR', 10000000, 10000000, 10000000, 1, 1000, 10000000, 1000);
  insert into market (id, slug, name_en, name_ar, state, plan_id, updated_at)
    select ${id(0)}, 'bench-' || m, 'Market ' || m, 'سوق ' || m, 'active', 'basic', now() from ${markets};
  insert into branch (market_id, id, name_en, name_ar, updated_at)
    select ${id(0)}, ${id(3)}, 'Branch', 'فرع', now() from ${markets};
  insert into device (market_id, id, branch_id, name, public_key, thumbprint, created_by)
    select ${id(0)}, ${id(4)}, ${id(3)}, 'Till', '{}', '', ${id(0)} from ${markets};
  insert into offer (market_id, id, title_en, title_ar, price, currency, updated_at)
    select ${id(0)}, ${id(2)}, 'Offer', 'عرض', 1000, 'SAR', now() from ${markets};
  update offer set decision = 'approved', decision_digest = content_digest, decided_at = now();
  set session_replication_role = replica;
  insert into claim (market_id, id, offer_id, code, title_en, title_ar, price, currency, claimed_at)
    select ${id(0)}, gen_random_uuid(), ${id(2)}, lpad(upper(to_hex(c)), 8, '0'), 'Two for one', 'اثنان بسعر واحد', 1000, 'SAR', now() - interval '1 day'
    from ${markets}, generate_series(1, ${CLAIMS}) c;
  set session_replication_role = origin;
  create table bare_redemption (like redemption including defaults including indexes);
  grant select on claim to bench_raw;
  grant select, insert on bare_redemption to bench_raw;
  grant usage on schema app to bench_raw;
  grant execute on function app.market_id(), app.claims() to bench_raw;
  select app.begin_sync_epoch();
  vacuum analyze`;

/** All claims open again, and nothing handed in. */
export async function startOver(client: Client): Promise<void> {
  await client.query(`
    set session_replication_role = replica;
    truncate redemption, bare_redemption, audit_entry, audit_link, audit_head, offer_event, rollup_task;
    update claim set state = 'open', redeemed_at = null, device_id = null, branch_id = null where state = 'redeemed';
    set session_replication_role = origin`);
  await client.query('vacuum claim, sync_change, limit_use');
  await client.query('checkpoint');
}

/** A market's history of things that have come and gone, until it is so long. */
export async function growHistory(client: Client, market: number, rows: number): Promise<void> {
  await client.query(
    `insert into sync_change (market_id, row_id, collection, offer_id, xid)
     select $1, gen_random_uuid(), 'claims', $2, 3
     from generate_series(1, $3::bigint - (select count(*) from sync_change where market_id = $1))`,
    [marketId(market), offerOf(market), rows],
  );
  await client.query('vacuum analyze sync_change');
}

/** Touches so many of a market's claims, as their redemptions would. */
export async function touch(client: Client, market: number, number: number): Promise<void> {
  await client.query(
    `select count(app.touch_thing(market_id, id, 'claims', offer_id)) from
       (select * from claim where market_id = $1 order by id limit $2) as chosen`,
    [marketId(market), number],
  );
}

/** A server that syncs every commit to its disk, as a real one does. */
export async function startSync(): Promise<{ database: SyncDatabase; stop(): Promise<void> }> {
  const home = mkdtempSync(join(tmpdir(), 'bulkhead-bench-'));
  const settings = {
    ...{ shared_buffers: BUFFERS, fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' },
    max_wal_size: '4GB',
  };
  const server = await startEmbedded({ home, throwAway: true, settings });
  const names = [...loginNames, 'bench_raw'] as const;
  const passwords = Object.fromEntries(
    names.map((name) => [name, randomBytes(12).toString('hex')]),
  ) as RolePasswords & Record<'bench_raw', string>;
  const superuserUrl = server.superuserUrl('sync');
  const key = { kid: 'device-bench', key: randomBytes(32), bindsPid: true };
  await withClient(server.superuserUrl('postgres'), async (client) => {
    await ensureRoles(client, passwords);
    await client.query('create database sync');
  });
  await withClient(superuserUrl, secureDatabase);
  await applyMigrations(superuserUrl, join(prismaFolder, 'migrations'));
  await withClient(superuserUrl, async (client) => {
    await client.query(`create role bench_raw login bypassrls password '${passwords.bench_raw}';
      grant connect on database sync to bench_raw; grant usage on schema public to bench_raw`);
    for (const statement of FILL.split(/;\n/)) await client.query(statement);
    await storeContextKeys(client, { device: [key] });
  });
  const login = (user: (typeof names)[number]) => withUrl(superuserUrl, { user, password: passwords[user] });
  const urls = { deviceUrl: login('bulkhead_device'), rawUrl: login('bench_raw'), superuserUrl };
  return { database: { ...urls, key }, stop: () => server.stop() };
}
