import assert from 'node:assert/strict';
import { auditEnvironments } from '../../scripts/audit-isolation.steps.ts';
import { inspect } from '../../server/db/guard/boot-guard.ts';
import { RULE_IDS, type RuleId } from '../../server/db/guard/rules.ts';
import { SessionPool } from '../../server/db/pool.ts';
import { guardedLogins } from '../../server/deps.ts';
import { partnerTasks } from '../../server/isolation/tasks/partner-tasks.ts';
import { startTasks } from '../../server/isolation/tasks/task-runner.ts';
import { partner } from '../../server/portals/partner.ts';
import { portalEnv, staffLogin, startPortals, type TestPortals } from '../support/http.ts';
import { faults } from '../support/isolation/faults.ts';
import { amber, basil } from '../support/two-markets.ts';

const key = 'A'.repeat(43);
const LEAKED = {
  LEAKED_KEY: `admin-old:${key}`,
  LEAKED_URL: 'postgresql://bulkhead_public:secret@db/bulkhead',
};
const markets = [amber.marketId, basil.marketId] as const;
const rulesOf = ({ findings }: { findings: readonly { rule: string }[] }) => findings.map(({ rule }) => rule);

/** What the process itself has to notice: nothing of it stands in the catalogue. */
describe('isolation, with a fault in the build or its environment', () => {
  let portals: TestPortals;
  let token: string;
  const broken = new Set<RuleId>();
  before(async () => {
    portals = await startPortals({ env: LEAKED });
    token = await portals.token(staffLogin('support'));
  });
  after(() => portals?.close());

  const reports = (rule: RuleId, what: string, body: (rule: RuleId) => Promise<void>) => {
    broken.add(rule);
    it(`reports ${rule}: ${what}`, () => body(rule));
  };
  const command = (more: { admin?: object; partner?: object } = {}) =>
    auditEnvironments(
      {
        admin: { ...portalEnv('admin', portals.database), ...more.admin },
        partner: { ...portalEnv('partner', portals.database), ...more.partner },
      },
      markets,
    );
  const api = (method: 'get' | 'post', path: string, body?: object) =>
    portals.admin.browser().api(method, path, { token, ...(body ? { body } : {}) });

  /** A round ordered on the page, done by a partner process of this build. */
  async function attack(config = portals.partner.deps.config): Promise<string[]> {
    const { tasks } = portals.partner.deps;
    const ask = async () => (await Promise.all(guardedLogins(partner, config).map(inspect))).flat();
    const handlers = partnerTasks({ config, inspect: ask });
    const stop = startTasks({ gate: tasks, handlers, logger: { warn() {} }, interval: 20 });
    const { body } = await api('post', '/isolation/probes', { own: markets[0], foreign: markets[1] });
    await stop();
    return rulesOf(body);
  }

  reports('BH-SEC-002', 'a secret of the partner process in the admin’s environment', async (rule) => {
    assert.deepEqual(rulesOf(await command({ admin: LEAKED })), [rule]);
    assert.deepEqual(rulesOf((await api('get', '/isolation')).body), [rule]);
  });

  reports('BH-SEC-001', 'a secret of the admin portal in the partner’s environment', async (rule) => {
    assert.deepEqual(rulesOf(await command({ partner: LEAKED })), [rule]);
    assert.deepEqual(await attack(), [rule]);
  });

  reports('BH-ROL-001', 'a process that is told another login', async (rule) => {
    const { database } = portals;
    const DEVICE_DATABASE_URL = database.url('bulkhead_public');
    assert.ok(rulesOf(await command({ partner: { DEVICE_DATABASE_URL } })).includes(rule));
    const GATE_DATABASE_URL = database.url('bulkhead_admin');
    assert.ok(rulesOf(await command({ admin: { GATE_DATABASE_URL } })).includes(rule));
    const { config } = portals.partner.deps;
    const till = { ...config.till!, databaseUrl: DEVICE_DATABASE_URL };
    assert.ok((await attack({ ...config, till })).includes(rule));
  });

  reports('BH-APP-001', 'a pool that resets nothing', async (rule) => {
    const pool = SessionPool.prototype as unknown as { reset: unknown; handOver(session: unknown): void };
    const { reset } = pool;
    pool.reset = async function (this: typeof pool, session: unknown) {
      this.handOver(session);
    };
    try {
      assert.deepEqual(rulesOf(await command()), [rule]);
      assert.ok((await attack()).includes(rule));
    } finally {
      pool.reset = reset;
    }
  });

  reports('BH-APP-002', 'an application that does not hold arguments to the market', async (rule) => {
    const { config } = portals.partner.deps;
    const scoping = () => (_model: string, operation: string, args: unknown) => ({ operation, args });
    const unscoped = { ...config, database: { ...config.database, scoping } };
    assert.ok((await attack(unscoped)).includes(rule));
  });

  it('and no rule is without a fault, here or in the database', () => {
    for (const { rule, also = [], probes } of faults)
      for (const each of [rule, ...also, ...probes]) broken.add(each);
    assert.deepEqual(
      RULE_IDS.filter((rule) => !broken.has(rule)),
      [],
    );
  });
});
