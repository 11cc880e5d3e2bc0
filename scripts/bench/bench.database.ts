import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashPassword } from '../../server/auth/passwords.ts';
import { startEmbedded } from '../../server/db/embedded/embedded.ts';
import { withClient, withUrl } from '../../server/db/setup/connect.ts';
import { storeContextKeys } from '../../server/db/setup/context-keys.ts';
import { applyMigrations } from '../../server/db/setup/migrations.ts';
import { ensureRoles, loginNames, type RolePasswords, secureDatabase } from '../../server/db/setup/roles.ts';
import { prismaFolder } from '../../server/paths.ts';

/** Room for the largest database, as a server of its own would have: what is measured is not the disk cache. */
export const BUFFERS = '1GB';
const OFFERS_PER_MARKET = 25;

/** Somebody who can sign in to one of the markets. */
export const BENCH_LOGIN = { email: 'owner@bench.example', password: 'a password for the benchmark' };

/** What a measuring process is told. Keys in base64, because it arrives as a message. */
export interface BenchDatabase {
  readonly markets: number;
  /** A login that row-level security does not bind: what Prisma without scoping would use. */
  readonly unscopedUrl: string;
  readonly partnerUrl: string;
  readonly gateUrl: string;
  readonly publicUrl: string;
  readonly key: string;
  /** For Prisma's documented pattern, which can't know its connection's backend when it signs. */
  readonly unboundKey: string;
}

export interface BenchServer {
  /** A migrated database with this many markets of the same size. */
  database(markets: number): Promise<BenchDatabase>;
  stop(): Promise<void>;
}

const key = randomBytes(32);
const unboundKey = randomBytes(32);

/** A PostgreSQL of its own, gone afterwards. */
export async function startBenchServer(): Promise<BenchServer> {
  const home = mkdtempSync(join(tmpdir(), 'bulkhead-bench-'));
  const server = await startEmbedded({ home, throwAway: true, settings: { shared_buffers: BUFFERS } });
  const password = () => randomBytes(12).toString('hex');
  const passwords = Object.fromEntries(loginNames.map((name) => [name, password()])) as RolePasswords;
  const unscoped = password();
  await withClient(server.superuserUrl('postgres'), async (client) => {
    await ensureRoles(client, passwords);
    await client.query(`create role bench_unscoped login bypassrls password '${unscoped}'`);
  });
  return {
    async database(markets) {
      const name = `bench_${markets}`;
      const url = server.superuserUrl(name);
      await withClient(server.superuserUrl('postgres'), (client) => client.query(`create database ${name}`));
      await withClient(url, secureDatabase);
      await applyMigrations(url, join(prismaFolder, 'migrations'));
      await withClient(url, async (client) => {
        await fill(client, markets);
        await storeContextKeys(client, {
          partner: [
            { kid: 'bench', key, bindsPid: true },
            { kid: 'bench-unbound', key: unboundKey, bindsPid: false },
          ],
        });
        await client.query(
          'grant connect on database ' +
            name +
            ' to bench_unscoped; grant usage on schema public to bench_unscoped; grant select on all tables in schema public to bench_unscoped',
        );
      });
      return {
        markets,
        unscopedUrl: withUrl(url, { user: 'bench_unscoped', password: unscoped }),
        gateUrl: withUrl(url, { user: 'bulkhead_partner_gate', password: passwords.bulkhead_partner_gate }),
        publicUrl: withUrl(url, { user: 'bulkhead_public', password: passwords.bulkhead_public }),
        partnerUrl: withUrl(url, { user: 'bulkhead_partner', password: passwords.bulkhead_partner }),
        key: key.toString('base64'),
        unboundKey: unboundKey.toString('base64'),
      };
    },
    stop: () => server.stop(),
  };
}

/** The id of the n-th market, the same in every process. */
export const marketId = (index: number): string =>
  `00000000-0000-7000-8000-${index.toString(16).padStart(12, '0')}`;

async function fill(
  client: { query(sql: string, values?: unknown[]): Promise<unknown> },
  markets: number,
): Promise<void> {
  const id = "('00000000-0000-7000-8000-' || lpad(to_hex(m), 12, '0'))::uuid";
  await client.query(
    `insert into plan values ('basic', 'Basic', 'أساسي', 0, 'SAR', 10000000, 10000000, 10000000, 1, 1000, 1000, 1000)`,
  );
  await client.query(
    `insert into market (id, slug, name_en, name_ar, state, plan_id, updated_at)
     select ${id}, 'bench-' || m, 'Market ' || m, 'سوق ' || m, 'active', 'basic', now() from generate_series(0, $1 - 1) m`,
    [markets],
  );
  await client.query(
    `insert into offer (market_id, id, title_en, title_ar, text_en, price, old_price, currency, updated_at)
     select ${id}, gen_random_uuid(), 'Offer ' || o || ' of market ' || m, 'عرض ' || o,
       'Two for the price of one, this week, in all branches.', 1000 + o, 2000 + o, 'SAR', now() - o * interval '1 hour'
     from generate_series(1, ${OFFERS_PER_MARKET}) o, generate_series(0, $1 - 1) m`,
    [markets],
  );
  await client.query(
    `with person as (insert into partner_user (id, email, password_hash) values (gen_random_uuid(), $1, $2) returning id)
     insert into team_member (market_id, id, user_id, email, name, role, state)
     select '${marketId(7)}', gen_random_uuid(), id, $1, 'Owner', 'owner', 'active' from person`,
    [BENCH_LOGIN.email, await hashPassword(BENCH_LOGIN.password)],
  );
  await client.query('vacuum analyze');
}
