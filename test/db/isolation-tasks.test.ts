import assert from 'node:assert/strict';
import type { AppError } from '../../server/errors.ts';
import { asRole } from '../../server/isolation/role-clients.ts';
import { startTasks, type TaskHandlers } from '../../server/isolation/tasks/task-runner.ts';
import { runTask } from '../../server/isolation/tasks.service.ts';
import { startPortals, type TestPortals } from '../support/http.ts';
import { amber, basil, partnerScope, staffScope } from '../support/two-markets.ts';

const quiet = { warn() {} };

describe('tasks of the isolation page', () => {
  let portals: TestPortals;
  before(async () => {
    portals = await startPortals();
  });
  after(() => portals?.close());

  const serve = (handlers: TaskHandlers) =>
    startTasks({ gate: portals.partner.deps.tasks, handlers, logger: quiet, interval: 20 });
  const db = () => portals.admin.deps.database.scoped(staffScope('support'));

  it('are done by the partner process, which hands back the answer', async () => {
    const stop = serve({ probe: async (input) => ({ heard: input as string }) });
    assert.deepEqual(await runTask(db(), 'probe', 'hello'), { heard: 'hello' });
    await stop();
  });

  it('say when they failed, and when nobody answers', async () => {
    const stop = serve({
      probe: async () => {
        throw new Error('no such market');
      },
    });
    await assert.rejects(
      runTask(db(), 'probe', {}),
      (error: AppError) => error.code === 'task-failed' && error.cause === 'no such market',
    );
    await stop();
    await assert.rejects(
      runTask(db(), 'probe', {}, { timeoutMs: 150 }),
      (error: AppError) => error.code === 'partner-silent' && error.status === 503,
    );
  });

  it('are asked of the admin process for layers alone', async () => {
    const { tasks } = portals.partner.deps;
    const id = '00000000-0000-7000-8000-0000000000aa';
    await tasks.ask(id, 'layers', { model: 'Branch' });
    const seen: unknown[] = [];
    const stop = startTasks({
      gate: portals.admin.deps.tasks,
      handlers: { layers: async (input) => void seen.push(input) as unknown as null },
      logger: quiet,
      interval: 20,
    });
    while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await stop();
    assert.deepEqual(seen, [{ model: 'Branch' }]);
    await assert.rejects(tasks.ask(id.replace('aa', 'ab'), 'why' as 'layers', {}), /runs_on_check/);
  });

  it('never leave a row of what a role does in them', async () => {
    const { database } = portals;
    const access = { url: database.url('bulkhead_partner'), key: database.contextKeys.partner[0]! };
    const seen = await asRole(access, partnerScope(amber, 'owner'), async ({ query }) => {
      await query(`update branch set city = 'elsewhere'`);
      return query<{ market_id: string; city: string }>('select market_id, city from branch');
    });
    assert.ok(seen.length > 0 && seen.every((row) => row.city === 'elsewhere'));
    assert.ok(seen.every((row) => row.market_id === amber.marketId && row.market_id !== basil.marketId));
    assert.deepEqual(await portals.sql(`select from branch where city = 'elsewhere'`), []);
  });
});
