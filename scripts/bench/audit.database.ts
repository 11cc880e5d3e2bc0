import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '../../server/db/embedded/embedded.ts';
import { withClient, withUrl } from '../../server/db/setup/connect.ts';
import { storeContextKeys } from '../../server/db/setup/context-keys.ts';
import { applyMigrations } from '../../server/db/setup/migrations.ts';
import { ensureRoles, loginNames, type RolePasswords, secureDatabase } from '../../server/db/setup/roles.ts';
import type { ContextKey } from '../../server/market/context.ts';
import type { Scope } from '../../server/market/scope.ts';
import { prismaFolder } from '../../server/paths.ts';
import { BUFFERS, marketId } from './bench.database.ts';

export const VARIANTS = ['off', 'off again', 'commit', 'insert'] as const;
export type Variant = (typeof VARIANTS)[number];

export interface AuditBenchDatabase {
  readonly partnerUrl: string;
  readonly superuserUrl: string;
  readonly key: ContextKey;
  /** Empties the trail, and chains it as the variant says from then on. */
  become(variant: Variant): Promise<void>;
  stop(): Promise<void>;
}

const place = (kind: number, number: number) => marketId(number).replace('-7000-', `-700${kind}-`);
/** Each writer has a branch of its own in every market, so that nobody waits for a row but the head's. */
export const branchOf = (writer: number): string => place(3, writer);

export const writerScope = (market: number): Scope => ({
  surface: 'partner',
  marketId: marketId(market),
  actor: { kind: 'partner', id: place(1, market), role: 'owner', name: 'Owner' },
  receipt: 'bench',
});

const FILL = `
  insert into plan values ('basic', 'Basic', 'أساسي', 0, 'SAR', 10000000, 10000000, 10000000, 1, 1000, 10000000, 1000);
  insert into market (id, slug, name_en, name_ar, state, plan_id, updated_at)
    select ('00000000-0000-7000-8000-' || lpad(to_hex(m), 12, '0'))::uuid, 'bench-' || m, 'Market ' || m, 'سوق ' || m, 'active', 'basic', now()
    from generate_series(0, $1::int - 1) m;
  insert into branch (market_id, id, name_en, name_ar, updated_at)
    select market.id, ('00000000-0000-7003-8000-' || lpad(to_hex(w), 12, '0'))::uuid, 'Branch', 'فرع', now()
    from market, generate_series(0, $1::int - 1) w`;

const CHAINED: Readonly<Record<Variant, string>> = {
  off: '',
  'off again': '',
  commit: `create constraint trigger audit_entry_chained after insert on audit_entry
    deferrable initially deferred for each row execute function app.chain_entry()`,
  insert:
    'create trigger audit_entry_chained after insert on audit_entry for each row execute function app.chain_entry()',
};

/** A PostgreSQL of its own, gone afterwards. */
export async function startAudit(markets: number): Promise<AuditBenchDatabase> {
  const home = mkdtempSync(join(tmpdir(), 'bulkhead-bench-audit-'));
  // A head is held until the commit is on the disk: a server that does not wait for that would hide what it costs.
  const careful = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on', shared_buffers: BUFFERS };
  const server = await startEmbedded({ home, throwAway: true, settings: careful });
  const passwords = Object.fromEntries(
    loginNames.map((name) => [name, randomBytes(12).toString('hex')]),
  ) as RolePasswords;
  const key: ContextKey = { kid: 'bench', key: randomBytes(32), bindsPid: true };
  const superuserUrl = server.superuserUrl('bench_audit');
  await withClient(server.superuserUrl('postgres'), async (client) => {
    await ensureRoles(client, passwords);
    await client.query('create database bench_audit');
  });
  await withClient(superuserUrl, secureDatabase);
  await applyMigrations(superuserUrl, join(prismaFolder, 'migrations'));
  await withClient(superuserUrl, async (client) => {
    for (const statement of FILL.split(';')) await client.query(statement.replaceAll('$1', String(markets)));
    await storeContextKeys(client, { partner: [key] });
  });
  return {
    ...{ superuserUrl, key },
    partnerUrl: withUrl(superuserUrl, { user: 'bulkhead_partner', password: passwords.bulkhead_partner }),
    become: (variant) =>
      withClient(superuserUrl, async (client) => {
        await client.query(`
          set session_replication_role = replica;
          truncate audit_entry, audit_link, audit_head;
          set session_replication_role = origin;
          drop trigger if exists audit_entry_chained on audit_entry;
          ${CHAINED[variant]}`);
        await client.query('vacuum branch');
        await client.query('checkpoint');
      }),
    stop: () => server.stop(),
  };
}
