import assert from 'node:assert/strict';
import { auditEnvironments } from '../../scripts/audit-isolation.steps.ts';
import type { Chosen } from '../../server/isolation/probe/find-targets.ts';
import { runProbe } from '../../server/isolation/probe/run-probe.ts';
import { roleAccesses } from '../../server/isolation/tasks/partner-tasks.ts';
import { decoyJob } from '../../server/jobs/decoy.job.ts';
import { DECOY_MARKET } from '../../server/market/scoping/decoy-market.ts';
import type { Browser } from '../support/browser.ts';
import { portalEnv, staffLogin, startPortals, type TestPortals } from '../support/http.ts';
import { amber, basil, staffScope } from '../support/two-markets.ts';

describe('rounds of attacks', () => {
  let portals: TestPortals;
  let support: Browser;
  before(async () => {
    portals = await startPortals();
    support = await portals.signIn(staffLogin('support'));
    const { database, decoy } = portals.partner.deps;
    const quiet = { debug() {}, info() {}, warn() {}, error() {} };
    const run = { attempt: 1, isLastAttempt: false, signal: new AbortController().signal };
    await decoyJob({ database, decoy, logger: quiet })({}, run);
  });
  after(() => portals?.close());

  const command = (chosen: Chosen = null) =>
    auditEnvironments(
      { admin: portalEnv('admin', portals.database), partner: portalEnv('partner', portals.database) },
      chosen,
    );
  const targets = (chosen: Chosen) => portals.admin.deps.installation.targets(staffScope('support'), chosen);

  /** While `sql` holds; taken back by `back`. */
  async function meanwhile<T>(sql: string, back: string, work: () => Promise<T>): Promise<T> {
    await portals.sql(sql);
    try {
      return await work();
    } finally {
      await portals.sql(back);
    }
  }

  describe('by the command', () => {
    it('are kept beside those of the page, and written down in the trail', async () => {
      const { ok, kept, probe } = await command([amber.marketId, basil.marketId]);
      assert.ok(ok && kept && 'id' in kept, JSON.stringify(kept));
      const [row] = await portals.sql<Record<string, unknown>>(
        'select source, staff_user_id, attacks from isolation_probe where id = $1',
        [kept.id],
      );
      assert.deepEqual(row, { source: 'command', staff_user_id: null, attacks: probe!.attacks });
      const [entry] = await portals.sql<Record<string, unknown>>(
        'select action, surface, actor_kind, staff_user_id from platform_audit_entry where subject_id = $1',
        [kept.id],
      );
      assert.deepEqual(entry, {
        ...{ action: 'isolation.probe', surface: 'admin', actor_kind: 'job', staff_user_id: null },
      });
      const list = await support.get('/isolation/probes');
      assert.match(list.text, new RegExp(`/isolation/probes/${kept.id}[\\s\\S]*?>command<`));
      const one = await support.get(`/isolation/probes/${kept.id}`);
      assert.match(one.text, /Nothing got through/);
      assert.match(one.text, />command</);
    });

    it('go after ninety days; those of the page stay', async () => {
      const old = `now() - interval '91 days'`;
      await portals.sql(`update isolation_probe set at = ${old}`);
      const [page] = await portals.sql<{ id: string }>(
        `insert into isolation_probe (id, at, source, staff_user_id, attacks, breaches, duration_ms, result)
         select gen_random_uuid(), ${old}, 'page', (select id from staff_user limit 1), 1, 0, 1, result
         from isolation_probe limit 1 returning id`,
      );
      const { kept } = await command();
      const left = await portals.sql<{ id: string }>('select id from isolation_probe order by source');
      assert.deepEqual(
        left.map(({ id }) => id),
        [(kept as { id: string }).id, ...(await pagesOf())],
      );
      assert.ok((await pagesOf()).includes(page!.id));
    });
    const pagesOf = async () =>
      (await portals.sql<{ id: string }>(`select id from isolation_probe where source = 'page'`)).map(
        ({ id }) => id,
      );

    it('are told all the same when they can’t be kept', async () => {
      const { ok, kept, probe } = await meanwhile(
        'revoke insert on isolation_probe from bulkhead_admin_gate',
        `grant insert (id, at, source, attacks, breaches, duration_ms, result) on isolation_probe to bulkhead_admin_gate`,
        command,
      );
      assert.ok(!ok && probe!.attacks > 0);
      assert.match((kept as { reason: string }).reason, /permission denied/);
    });

    it('are out of the gate’s reach once they are written, and so are those of the page', async () => {
      const { gate } = portals.admin.deps;
      for (const sql of [
        `update isolation_probe set breaches = 0`,
        `select result from isolation_probe`,
        `insert into isolation_probe (id, source, attacks, breaches, duration_ms, result) values (gen_random_uuid(), 'page', 1, 0, 1, '{}')`,
      ])
        await assert.rejects(gate.query(sql), { code: '42501' }, sql);
      const before = await portals.sql('select id from isolation_probe');
      await gate.query(`delete from isolation_probe`);
      assert.deepEqual(await portals.sql('select id from isolation_probe'), before);
    });
  });

  describe('and the decoy market', () => {
    it('leave it out of the sample while there are two others', async () => {
      await meanwhile(
        `update market set state = 'active' where id = '${DECOY_MARKET}'`,
        `update market set state = 'applied' where id = '${DECOY_MARKET}'`,
        async () => {
          const { own, foreign } = await targets(null);
          assert.ok(![own.id, foreign.id].includes(DECOY_MARKET));
        },
      );
    });

    it('attack it where there is but one market, and never as it', async () => {
      const closed = `update market set state = 'suspended' where state = 'active' and id <> '${amber.marketId}'`;
      const back = `update market set state = 'active' where state = 'suspended'`;
      const { own, foreign, tables } = await meanwhile(closed, back, () => targets(null));
      assert.deepEqual([own.id, foreign.id], [amber.marketId, DECOY_MARKET]);
      assert.equal(tables.offer?.foreign, 1);
      await assert.rejects(targets([DECOY_MARKET, amber.marketId]), RangeError);
      const nobody = meanwhile(`update market set state = 'suspended' where state = 'active'`, back, () =>
        targets(null),
      );
      await assert.rejects(nobody, RangeError);
    });

    it('get nothing of it, and tell when they do', async () => {
      const chosen = [amber.marketId, DECOY_MARKET] as const;
      const accesses = roleAccesses(portals.partner.deps.config);
      assert.deepEqual((await runProbe(accesses, await targets(chosen))).findings, []);
      const { findings } = await meanwhile(
        `create policy wide on offer for select to bulkhead_partner using (market_id = '${DECOY_MARKET}')`,
        'drop policy wide on offer',
        async () => runProbe(accesses, await targets(chosen)),
      );
      assert.ok(findings.some(({ rule, text }) => rule === 'BH-PRB-001' && text.includes('offer')));
      const { kept } = await command(chosen);
      const { text } = await support.get(`/isolation/probes/${(kept as { id: string }).id}`);
      assert.match(text, /attacked the decoy market/);
      assert.ok(!text.includes(DECOY_MARKET));
    });
  });
});
