import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { seedCatalogue } from '../../prisma/seed.ts';
import { recordAudit } from '../../server/audit/audit.service.ts';
import { createAuditGate } from '../../server/audit/audit-gate.ts';
import { PLATFORM } from '../../server/audit/chain.ts';
import { letGo } from '../../server/audit/retention.ts';
import { verifyTrail } from '../../server/audit/verify/verify-trail.ts';
import { createBranch } from '../../server/branches/branches.service.ts';
import type { Database } from '../../server/db/client.ts';
import { sql } from '../../server/db/direct.ts';
import { withClient, withUrl } from '../../server/db/setup/connect.ts';
import { storeContextKeys } from '../../server/db/setup/context-keys.ts';
import { applyMigrations } from '../../server/db/setup/migrations.ts';
import { prismaFolder } from '../../server/paths.ts';
import { type TrailWorld, trailWorld } from '../support/audit/trail-world.ts';
import { unmigratedDatabase } from '../support/database.ts';
import { branchInput } from '../support/plan-limits.ts';
import { adminDatabase, partnerDatabase, partnerScope, staffScope } from '../support/scoped.ts';

describe('the audit chain', () => {
  let world: TrailWorld;
  let partner: Database;

  before(async () => {
    world = await trailWorld();
    partner = partnerDatabase(world.test, { poolSize: 10 });
    await world.client.query('update plan set max_branches = 1000');
  });
  after(async () => {
    await partner?.close();
    await world?.close();
  });

  const own = (market = world.markets[0]) => partner.scoped(partnerScope(market));
  const links = async (market: string) =>
    (
      await world.client.query(
        'select seq::int, entry_id from audit_link where market_id = $1 order by seq',
        [market],
      )
    ).rows as { seq: number; entry_id: string }[];

  it('has no gap and no fork, however many write at once, with limits and pushes counted beside it', async () => {
    const before = (await links(world.markets[0])).length;
    const work = Array.from({ length: 60 }, (_, index) =>
      index % 3 === 0
        ? createBranch(own(), branchInput())
        : recordAudit(own(index % 3 === 1 ? world.markets[0] : world.markets[1]), {
            ...{ action: 'test.write', subjectType: 'test', subjectId: String(index) },
          }),
    );
    const ended = await Promise.allSettled(work);
    assert.deepEqual(
      ended.filter(({ status }) => status === 'rejected'),
      [],
    );
    const all = await links(world.markets[0]);
    assert.equal(all.length, before + 40);
    assert.deepEqual(
      all.map(({ seq }) => seq),
      all.map((_, index) => index + 1),
    );
    assert.deepEqual((await world.verify()).findings, []);
  });

  it('takes its head last: transactions that write the same things in other orders do not wait in a circle', async () => {
    const scope = partnerScope(world.markets[0]);
    const both = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) =>
        partner.scoped(scope).$transaction(async (tx) => {
          const audit = () => recordAudit(tx, { action: 'test.order', subjectType: 'test' });
          // Some write their entry first, some last; the counter of branches is locked in between.
          if (index % 2 === 0) await audit();
          await tx.branch.createMany({ data: [{ id: randomUUID(), ...branchInput() }] });
          if (index % 2 === 1) await audit();
        }),
      ),
    );
    assert.deepEqual(
      both.filter(({ status }) => status === 'rejected'),
      [],
    );
    assert.deepEqual((await world.verify()).findings, []);
  });

  it('leaves no link of what was rolled back', async () => {
    const before = (await links(world.markets[0])).length;
    await own()
      .$transaction(async (tx) => {
        await recordAudit(tx, { action: 'test.undone', subjectType: 'test' });
        throw new Error('undone');
      })
      .catch(() => undefined);
    assert.equal((await links(world.markets[0])).length, before);
    assert.deepEqual((await world.verify()).findings, []);
  });

  it('covers every column of its entries', async () => {
    const covered = async (table: string, chained: string) => {
      const { rows } = await world.client.query(
        `select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
        [table],
      );
      const { rows: made } = await world.client.query('select prosrc from pg_proc where proname = $1', [
        chained,
      ]);
      return rows
        .filter(({ name }) => !new RegExp(`entry\\.${name}\\b`).test(made[0].prosrc))
        .map(({ name }) => name);
    };
    assert.deepEqual(await covered('audit_entry', 'link_entry'), []);
    assert.deepEqual(await covered('platform_audit_entry', 'link_platform_entry'), []);
  });

  it('runs everything else that is put off until commit before it', async () => {
    const { rows } = await world.client.query(
      `select tgname as name from pg_trigger where tgdeferrable and not tgisinternal and tgname not like '%audit_entry_chained'`,
    );
    const { rows: made } = await world.client.query(
      "select prosrc from pg_proc where proname = 'chain_entry'",
    );
    for (const { name } of rows)
      assert.ok(made[0].prosrc.includes(`public.${name}`), `${name} runs after the chain`);
    const keys = await world.client.query(
      "select conname from pg_constraint where contype = 'f' and condeferrable",
    );
    assert.deepEqual(keys.rows, []);
  });

  for (const table of [
    'audit_entry',
    'audit_link',
    'audit_checkpoint',
    'platform_audit_entry',
    'audit_anchor',
  ]) {
    for (const statement of [
      `update ${table} set ${table.includes('entry') ? "action = 'x'" : table === 'audit_anchor' ? "digest = 'x'" : "hash = ''"}`,
      `delete from ${table}`,
      `truncate ${table}`,
    ]) {
      it(`refuses the table's owner: ${statement}`, async () => {
        await withClient(withUrl(world.test.superuserUrl, { role: 'bulkhead_owner' }), async (client) => {
          await assert.rejects(client.query(statement), { code: 'BH055' });
        });
        await assert.rejects(world.client.query(statement), { code: 'BH055' });
      });
    }
  }

  it('lets the owner of its functions delete nothing that no checkpoint stands for', async () => {
    await withClient(withUrl(world.test.superuserUrl, { role: 'bulkhead_chain' }), async (client) => {
      await assert.rejects(client.query('delete from audit_entry'), { code: 'BH056' });
      await assert.rejects(client.query('delete from audit_link'), { code: 'BH056' });
    });
  });

  it('shows a market its own links and head, and nobody may write one', async () => {
    const direct = partner.direct(partnerScope(world.markets[0]));
    const seen = await direct.rows<{ market: string; links: number }>(
      sql`select market_id as market, count(*)::int as links from audit_link group by 1`,
    );
    assert.deepEqual(
      seen.map(({ market }) => market),
      [world.markets[0]],
    );
    const heads = await direct.rows<{ market: string }>(sql`select market_id as market from audit_head`);
    assert.deepEqual(heads, [{ market: world.markets[0] }]);
    const logins = [
      'bulkhead_partner',
      'bulkhead_admin',
      'bulkhead_public',
      'bulkhead_device',
      'bulkhead_admin_gate',
      'bulkhead_partner_gate',
    ] as const;
    for (const login of logins) {
      const client = new pg.Client(world.test.url(login));
      await client.connect();
      try {
        for (const statement of [
          `insert into audit_link (market_id, seq, entry_id, prev_hash, hash) values ('${world.markets[0]}', 999, gen_random_uuid(), '', '')`,
          `update audit_head set seq = 0`,
          `delete from audit_link`,
          `insert into platform_audit_link values (999, gen_random_uuid(), '', '')`,
          `select app.link_entry(e) from audit_entry e`,
        ])
          await assert.rejects(client.query(statement), { code: '42501' }, `${login}: ${statement}`);
      } finally {
        await client.end();
      }
    }
  });

  it('is made of what is there already, by the migration', async () => {
    const test = await unmigratedDatabase();
    const all = join(prismaFolder, 'migrations');
    const before = mkdtempSync(join(tmpdir(), 'bulkhead-migrations-'));
    cpSync(all, before, { recursive: true, filter: (from) => !from.includes('20261128') });
    await applyMigrations(test.superuserUrl, before);
    const client = new pg.Client(test.superuserUrl);
    await client.connect();
    const market = randomUUID();
    await seedCatalogue({ url: test.superuserUrl });
    await client.query(
      `insert into market (id, slug, name_en, name_ar, state, plan_id, updated_at) values ($1, 'old-market', 'Old', 'Old', 'active', 'free', now())`,
      [market],
    );
    await client.query(
      `insert into audit_entry (market_id, id, at, surface, actor_kind, actor_id, actor_name, action, subject_type)
       select $1, gen_random_uuid(), now() - g * interval '1 hour', 'partner', 'partner', $1, 'Owner', 'a' || g, 'offer' from generate_series(1, 20) g`,
      [market],
    );
    await applyMigrations(test.superuserUrl, all);
    const { rows } = await client.query(
      'select action from audit_link join audit_entry e on e.market_id = audit_link.market_id and e.id = entry_id order by seq',
    );
    assert.deepEqual(
      rows.map(({ action }) => action),
      Array.from({ length: 20 }, (_, index) => `a${20 - index}`),
    );
    await withClient(test.superuserUrl, (owner) => storeContextKeys(owner, test.contextKeys));
    const admin = adminDatabase(test);
    const direct = admin.direct(staffScope('support'));
    const { findings, entries } = await verifyTrail({ direct, keys: [], anchorDir: before });
    assert.deepEqual([findings, entries], [[], 20]);
    rmSync(before, { recursive: true, force: true });
    await Promise.all([client.end(), admin.close()]);
    await test.drop();
  });

  it('lets old entries go behind a signed checkpoint, and stays verifiable', async () => {
    const [market] = world.markets;
    await world.write(PLATFORM, 1);
    await world.anchor();
    const { admin, gate, signer, anchorDir } = world;
    const audit = {
      ...{ signer, keys: [signer], anchorDir, anchorSeconds: 60, monthsKept: 1, store: null },
      ...{ gate: createAuditGate(gate), anchor: world.anchor as never },
    };
    const before = (await links(market)).length;
    // Two months from now everything is old.
    const clock = () => new Date(Date.now() + 62 * 86_400_000);
    const logger = { info: () => {}, error: (context: object) => assert.fail(JSON.stringify(context)) };
    await world.write(market, 2);
    await letGo({ audit, database: admin, clock, logger }, staffScope('support'));
    const after = await links(market);
    assert.deepEqual(
      after.map(({ seq }) => seq),
      [before + 1, before + 2],
    );
    assert.deepEqual((await world.verify()).findings, []);
    await world.write(market, 2);
    await world.anchor();
    assert.deepEqual((await world.verify()).findings, []);
    await world.tamper('delete from audit_checkpoint');
    const { findings } = await world.verify();
    assert.equal(findings.find(({ chain }) => chain === market)?.kind, 'gap');
  });
});
