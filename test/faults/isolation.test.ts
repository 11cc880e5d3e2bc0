import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditReport, auditEnvironments } from '../../scripts/audit-isolation.steps.ts';
import { partnerTasks } from '../../server/isolation/tasks/partner-tasks.ts';
import { startTasks } from '../../server/isolation/tasks/task-runner.ts';
import { portalEnv, staffLogin, startPortals, type TestPortals } from '../support/http.ts';
import { faults } from '../support/isolation/faults.ts';
import { type Scratch, scratchOf } from '../support/isolation/scratch.ts';
import { Started } from '../support/started.ts';
import { amber, basil } from '../support/two-markets.ts';

const quiet = { warn() {} };
const rulesOf = ({ findings }: { findings: readonly { rule: string; text: string }[] }) =>
  [...new Set(findings.map(({ rule }) => rule))].sort();

function includes(told: readonly string[], wanted: readonly string[], who: string): void {
  const missing = wanted.filter((rule) => !told.includes(rule));
  assert.deepEqual(missing, [], `${who} said ${told.join(', ') || 'nothing'}`);
}

describe('isolation, with one guard taken away', () => {
  let portals: TestPortals;
  let scratch: Scratch;
  let token: string;
  let stopTasks: () => Promise<void>;

  before(async () => {
    portals = await startPortals();
    token = await portals.token(staffLogin('support'));
    scratch = await scratchOf(portals.database);
    const { deps } = portals.partner;
    stopTasks = startTasks({ gate: deps.tasks, handlers: partnerTasks(deps), logger: quiet, interval: 50 });
  });
  after(async () => {
    await stopTasks?.();
    await scratch?.restore();
    await portals?.close();
  });

  const command = (): Promise<AuditReport> =>
    auditEnvironments(
      { admin: portalEnv('admin', portals.database), partner: portalEnv('partner', portals.database) },
      [amber.marketId, basil.marketId],
    );
  const page = async () => (await portals.admin.browser().api('get', '/isolation', { token })).body;
  const attack = async () =>
    (
      await portals.admin
        .browser()
        .api('post', '/isolation/probes', { token, body: { own: amber.marketId, foreign: basil.marketId } })
    ).body;

  it('finds nothing where nothing is wrong', async () => {
    const report = await command();
    assert.deepEqual(report.findings, []);
    assert.ok(report.ok && report.probe && report.probe.attacks > 1_000, `${report.probe?.attacks} attacks`);
    assert.deepEqual((await page()).findings, []);
    assert.deepEqual((await attack()).findings, []);
  });

  it('is a command: what was attacked, where the round is kept, and 0', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bulkhead-isolation-'));
    const files = (['admin', 'partner'] as const).flatMap((portal) => {
      const settings = Object.entries(portalEnv(portal, portals.database));
      const file = join(folder, portal);
      writeFileSync(file, settings.map(([key, value]) => `${key}=${value}`).join('\n'));
      return [`--${portal}-env`, file];
    });
    const args = [...files, '--markets', `${amber.marketId},${basil.marketId}`];
    const { code, stdout, stderr } = await new Started('scripts/audit-isolation.ts', args, {}).ended;
    rmSync(folder, { recursive: true });
    assert.equal(code, 0, stdout + stderr);
    assert.match(
      stdout,
      /\d+ attacks in \d+ ms, 0 got through\.\nKept at \/isolation\/probes\/[\da-f-]{36}\./,
    );
  });

  for (const { name, sql, rule, also = [], probes, locksOut } of faults) {
    const rules = [rule, ...also];
    it(`reports ${[...rules, ...probes].join(' and ')} when ${name}`, async () => {
      await scratch.spoil(sql);
      try {
        const [told, shown] = [rulesOf(await command()), await page()];
        includes(told, [...rules, ...probes], 'the command');
        if (locksOut) return;
        assert.ok(Array.isArray(shown.findings), `the page said ${JSON.stringify(shown)}`);
        includes(rulesOf(shown), rules, 'the page');
        if (probes.length > 0) includes(rulesOf(await attack()), probes, 'the page’s own attacks');
      } finally {
        await scratch.restore();
      }
    });
  }

  it('finds nothing again in the end', async () => {
    assert.deepEqual((await command()).findings, []);
  });
});
