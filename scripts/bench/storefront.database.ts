import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '../../server/db/embedded/embedded.ts';
import { withClient, withUrl } from '../../server/db/setup/connect.ts';
import { storeContextKeys } from '../../server/db/setup/context-keys.ts';
import { applyMigrations } from '../../server/db/setup/migrations.ts';
import { ensureRoles, loginNames, type RolePasswords, secureDatabase } from '../../server/db/setup/roles.ts';
import { prismaFolder } from '../../server/paths.ts';
import { BUFFERS, marketId } from './bench.database.ts';

export const MARKETS = 1_000;
const OFFERS = 25;
const BRANCHES = 5;

/** Everything that both of the serving processes are told. */
export interface StorefrontDatabase {
  readonly env: Record<string, string>;
  /** PostGraphile's login. */
  readonly graphileUrl: string;
}

/** The key of the n-th market. */
export const keyIdOf = (index: number): string => marketId(index).replace('-7000-', '-7001-');

/**
 * A server with the same rows for both: 25 live offers a market with category, picture and three of five branches.
 * PostGraphile's role sees what the public role sees, by policies that compare with a setting, as its manual has it.
 */
export async function startStorefront(): Promise<{ database: StorefrontDatabase; stop(): Promise<void> }> {
  const home = mkdtempSync(join(tmpdir(), 'bulkhead-bench-'));
  const server = await startEmbedded({ home, throwAway: true, settings: { shared_buffers: BUFFERS } });
  const passwords = Object.fromEntries(
    [...loginNames, 'bench_graphile'].map((name) => [name, randomBytes(12).toString('hex')]),
  ) as RolePasswords & { bench_graphile: string };
  const url = server.superuserUrl('storefront');
  const [partner, open] = [randomBytes(32), randomBytes(32)];
  await withClient(server.superuserUrl('postgres'), async (client) => {
    await ensureRoles(client, passwords);
    await client.query('create database storefront');
  });
  await withClient(url, secureDatabase);
  await applyMigrations(url, join(prismaFolder, 'migrations'));
  await withClient(url, async (client) => {
    await client.query(FILL);
    await client.query(graphileRole(passwords.bench_graphile));
    await storeContextKeys(client, {
      partner: [{ kid: 'partner-bench', key: partner, bindsPid: true }],
      public: [{ kid: 'public-bench', key: open, bindsPid: true }],
    });
    await client.query('vacuum analyze');
  });
  const login = (user: keyof typeof passwords) => withUrl(url, { user, password: passwords[user] });
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
  return { database: { env, graphileUrl: login('bench_graphile') }, stop: () => server.stop() };
}

const id = (kind: string, parts: string) => `('00000000-0000-7${kind}-8' || ${parts})::uuid`;
const ofMarket = "'000-' || lpad(to_hex(m), 12, '0')";
const ofRow = (n: string) => `lpad(to_hex(${n}), 3, '0') || '-' || lpad(to_hex(m), 12, '0')`;
const market = id('000', ofMarket);

const FILL = `
  insert into plan values ('basic', 'Basic', 'أساسي', 0, 'SAR', 10000000, 10000000, 10000000, 1, 1000, 1000, 1000);
  insert into market (id, slug, name_en, name_ar, state, plan_id, updated_at)
    select ${market}, 'bench-' || m, 'Market ' || m, 'سوق ' || m, 'active', 'basic', now() from generate_series(0, ${MARKETS - 1}) m;
  insert into publishable_key (market_id, id, name, created_by)
    select ${market}, ${id('001', ofMarket)}, 'Website', ${market} from generate_series(0, ${MARKETS - 1}) m;
  insert into category select ${id('002', ofRow('c')).replaceAll('(m)', '(0)')}, 'category-' || c, 'Category ' || c, 'فئة ' || c, c
    from generate_series(1, 8) c;
  insert into branch (market_id, id, name_en, name_ar, city, latitude, longitude, updated_at)
    select ${market}, ${id('003', ofRow('b'))}, 'Branch ' || b, 'فرع ' || b, 'Riyadh', 24.6 + b / 10.0, 46.7, now()
    from generate_series(1, ${BRANCHES}) b, generate_series(0, ${MARKETS - 1}) m;
  insert into image (market_id, id, width, height, bytes, digest)
    select ${market}, ${id('004', ofRow('o'))}, 800, 600, 40000, md5(o || '-' || m)
    from generate_series(1, ${OFFERS}) o, generate_series(0, ${MARKETS - 1}) m;
  insert into offer (market_id, id, title_en, title_ar, text_en, text_ar, price, old_price, currency, category_id, image_id,
      ends_at, claim_limit, created_at, updated_at)
    select ${market}, ${id('005', ofRow('o'))}, 'Offer ' || o || ' of market ' || m, 'عرض ' || o,
      'Two for the price of one, this week, in all branches.', 'اثنان بسعر واحد هذا الأسبوع في كل الفروع.', 1000 + o, 2000 + o, 'SAR',
      ${id('002', ofRow('1 + o % 8')).replaceAll('(m)', '(0)')}, ${id('004', ofRow('o'))}, now() + interval '30 days', 100,
      now() - o * interval '1 hour', now() - o * interval '1 hour'
    from generate_series(1, ${OFFERS}) o, generate_series(0, ${MARKETS - 1}) m;
  update offer set decision = 'approved', decision_digest = content_digest, decided_at = now();
  insert into offer_branch (market_id, offer_id, branch_id)
    select ${market}, ${id('005', ofRow('o'))}, ${id('003', ofRow('b'))}
    from generate_series(1, ${OFFERS}) o, generate_series(1, 3) b, generate_series(0, ${MARKETS - 1}) m;
  insert into offer_claims (market_id, offer_id, claimed)
    select ${market}, ${id('005', ofRow('o'))}, o from generate_series(1, ${OFFERS}) o, generate_series(0, ${MARKETS - 1}) m;`;

/** The same rows and columns as bulkhead_public, by the pattern of a setting that the application vouches for. */
function graphileRole(password: string): string {
  const tenant = "market_id = nullif(current_setting('app.tenant', true), '')::uuid";
  const live = `state = 'live' and coalesce(starts_at <= now(), true) and coalesce(ends_at > now(), true)`;
  const columns = `market_id, id, title_en, title_ar, text_en, text_ar, price, old_price, currency, category_id, image_id,
    starts_at, ends_at, claim_limit, claim_limit_per_shopper, created_at`;
  const policies = {
    offer: `${tenant} and ${live}`,
    offer_branch: `${tenant} and offer_id in (select id from offer)`,
    branch: `${tenant} and state = 'open'`,
    image: `${tenant} and id in (select image_id from offer)`,
    offer_claims: `${tenant} and offer_id in (select id from offer)`,
    category: 'true',
  };
  const made = Object.entries(policies).map(
    ([table, using]) =>
      `create policy bench_graphile on ${table} for select to bench_graphile using (${using});`,
  );
  return `
    create role bench_graphile login password '${password}';
    grant connect on database storefront to bench_graphile;
    grant usage on schema public to bench_graphile;
    ${made.join('\n')}
    grant select (${columns}, state) on offer to bench_graphile;
    grant select on offer_branch, branch, image, offer_claims, category to bench_graphile;`;
}
