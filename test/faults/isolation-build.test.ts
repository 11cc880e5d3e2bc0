import assert from 'node:assert/strict';
import { auditEnvironments } from '../../scripts/audit-isolation.steps.ts';
import { SessionPool } from '../../server/db/pool.ts';
import { partnerTasks } from '../../server/isolation/tasks/partner-tasks.ts';
import { startTasks } from '../../server/isolation/tasks/task-runner.ts';
import { portalEnv, staffLogin, startPortals, type TestPortals } from '../support/http.ts';
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
  before(async () => {
    portals = await startPortals({ env: LEAKED });
    token = await portals.token(staffLogin('support'));
  });
  after(() => portals?.close());

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
    const { deps } = portals.partner;
    const handlers = partnerTasks({ ...deps, config });
    const stop = startTasks({ gate: deps.tasks, handlers, logger: { warn() {} }, interval: 20 });
    const { body } = await api('post', '/isolation/probes', { own: markets[0], foreign: markets[1] });
    await stop();
    return rulesOf(body);
  }

  it('reports a secret of the partner process in the admin’s environment', async () => {
    assert.deepEqual(rulesOf(await command({ admin: LEAKED })), ['BH-SEC-002']);
    assert.deepEqual(rulesOf((await api('get', '/isolation')).body), ['BH-SEC-002']);
  });

  it('reports a secret of the admin portal in the partner’s environment', async () => {
    assert.deepEqual(rulesOf(await command({ partner: LEAKED })), ['BH-SEC-001']);
    assert.deepEqual(await attack(), ['BH-SEC-001']);
  });

  it('reports a pool that resets nothing', async () => {
    const pool = SessionPool.prototype as unknown as { reset: unknown; handOver(session: unknown): void };
    const { reset } = pool;
    pool.reset = async function (this: typeof pool, session: unknown) {
      this.handOver(session);
    };
    try {
      assert.deepEqual(rulesOf(await command()), ['BH-APP-001']);
      assert.ok((await attack()).includes('BH-APP-001'));
    } finally {
      pool.reset = reset;
    }
  });

  it('reports an application that does not hold arguments to the market', async () => {
    const { config } = portals.partner.deps;
    const scoping = () => (_model: string, operation: string, args: unknown) => ({ operation, args });
    const unscoped = { ...config, database: { ...config.database, scoping } };
    assert.ok((await attack(unscoped)).includes('BH-APP-002'));
  });
});
