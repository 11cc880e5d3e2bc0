import assert from 'node:assert/strict';
import { createDatabase, type Database } from '../../server/db/client.ts';
import { createLayerGate } from '../../server/isolation/layer-gate.ts';
import { COMPARABLE } from '../../server/isolation/layers/comparable.ts';
import { createPoliciesAlone } from '../../server/isolation/layers/compare-layers.ts';
import { createLayerWatch, type LayerWatch } from '../../server/isolation/layers/layer-watch.ts';
import { adminTasks } from '../../server/isolation/tasks/admin-tasks.admin.ts';
import { startTasks } from '../../server/isolation/tasks/task-runner.ts';
import { partnerLogin, staffLogin, startPortals, type TestPortals } from '../support/http.ts';
import { amber, basil, partnerScope } from '../support/two-markets.ts';

const RECEIPT = '00000000-0000-7000-8000-00000000c0de';
const BY_MARKET = '(market_id = (select app.market_id()))';

interface Row {
  readonly id: string;
  readonly receipt: string;
  readonly of_market: string;
  readonly model: string;
  readonly layer: string;
  readonly both_rows: number;
  readonly alone_rows: number;
  readonly ids: string[];
}

describe('layers that disagree', () => {
  let portals: TestPortals;
  let stopTasks: () => Promise<void>;
  const opened: { close(): Promise<void> }[] = [];

  const answerWith = (database: Pick<Database, 'scoped'>) =>
    startTasks({
      ...{ gate: portals.admin.deps.tasks, handlers: adminTasks({ database: database as Database }) },
      ...{ logger: { warn() {} }, interval: 20 },
    });
  const options = (of: 'admin' | 'partner') => {
    const { config } = portals[of].deps;
    return { ...config.database, key: config.contextKeys[0]! };
  };
  const watch = (mostPerMinute?: number): LayerWatch => {
    const { database, tasks, gate } = portals.partner.deps;
    const made = createLayerWatch({
      ...{ database, tasks, gate: createLayerGate(gate), rate: 1, patience: 5_000 },
      policiesAlone: createPoliciesAlone(options('partner')),
      onError: (error) => assert.fail(error),
      ...(mostPerMinute === undefined ? {} : { mostPerMinute }),
    });
    opened.push(made);
    return made;
  };
  const read = (model: string, where: object = {}, operation = 'findMany') => ({
    ...{ scope: partnerScope(amber), receipt: RECEIPT },
    reads: [{ model, operation, args: { where } }],
  });
  const found = () => portals.sql<Row>('select * from layer_difference order by at, id');
  const forget = () => portals.sql('delete from layer_difference');

  before(async () => {
    portals = await startPortals({ env: { RECEIPTS: 'on', LAYER_SAMPLE: '1' } });
    await forget();
    stopTasks = answerWith(portals.admin.deps.database);
  });
  after(async () => {
    await stopTasks?.();
    await Promise.all(opened.map((each) => each.close()));
    await portals?.close();
  });

  it('are looked for after requests of pages, in models that the market alone decides about', async () => {
    assert.ok(COMPARABLE.has('Branch') && COMPARABLE.has('Offer'));
    assert.ok(!COMPARABLE.has('Market') && !COMPARABLE.has('Category') && !COMPARABLE.has('StaffUser'));
    const owner = await portals.signIn(partnerLogin('amber', 'owner'));
    for (const path of ['/branches', '/offers', `/branches/${amber.branch}`, '/team', '/devices', '/keys'])
      assert.equal((await owner.get(path)).status, 200, path);
    const { layers } = portals.partner.deps;
    await layers!.settled();
    assert.ok(layers!.compared >= 3, String(layers!.compared));
    assert.deepEqual(await found(), []);
    assert.equal(portals.admin.deps.layers, null);
  });

  it('are none in any comparable model as it is, whatever the filter looks like', async () => {
    const layers = watch(1_000);
    for (const model of COMPARABLE) {
      layers.take(read(model));
      await layers.settled();
    }
    for (const filter of [
      { createdAt: { lt: new Date() } },
      { OR: [{ state: 'open' }, { NOT: { id: amber.branch } }] },
      { state: undefined, id: { in: [amber.branch, basil.branch] } },
    ]) {
      layers.take(read('Branch', filter));
      await layers.settled();
    }
    layers.take(
      read('Branch', { marketId_id: { marketId: amber.marketId, id: amber.branch } }, 'findUnique'),
    );
    await layers.settled();
    assert.ok(layers.compared >= 20, String(layers.compared));
    assert.deepEqual(await found(), []);
  });

  it('are not looked for through relations, in support sessions, or beyond the share of a minute', async () => {
    const layers = watch(2);
    layers.take(read('Branch', { market: { nameEn: 'x' } }));
    layers.take(read('Market'));
    const support = partnerScope(amber);
    layers.take({ ...read('Branch'), scope: { ...support, support: { sessionId: support.actor.id } } });
    await layers.settled();
    assert.equal(layers.compared, 0);
    for (let i = 0; i < 5; i++) layers.take(read('Branch'));
    assert.equal(layers.draws(), false);
    await layers.settled();
    assert.equal(layers.compared, 2);
  });

  it('are recorded with the receipt when a policy lets through more than its market', async () => {
    const layers = watch();
    await portals.sql('alter policy partner_select on branch using (true)');
    try {
      layers.take(read('Branch'));
      await layers.settled();
    } finally {
      await portals.sql(`alter policy partner_select on branch using (${BY_MARKET})`);
    }
    const [row, ...more] = await found();
    assert.deepEqual(more, []);
    assert.deepEqual(
      [row?.layer, row?.model, row?.receipt, row?.of_market],
      ['policies', 'Branch', RECEIPT, amber.marketId],
    );
    assert.ok(row!.alone_rows > row!.both_rows);
    assert.ok(row!.ids.length > 0 && !row!.ids.includes(amber.branch));
    await forget();
  });

  it('are recorded when the scoping of arguments lets through more than the market', async () => {
    await stopTasks();
    const broken = createDatabase({
      ...options('admin'),
      scoping: () => (_model, operation, args) => ({ operation, args }),
    });
    const stop = answerWith(broken);
    const layers = watch();
    try {
      layers.take(read('Offer'));
      await layers.settled();
    } finally {
      await stop();
      await broken.close();
      stopTasks = answerWith(portals.admin.deps.database);
    }
    const rows = await found();
    assert.deepEqual(
      rows.map(({ layer, model }) => [layer, model]),
      [['arguments', 'Offer']],
    );
    assert.ok(rows[0]!.alone_rows > rows[0]!.both_rows);
  });

  it('are seen by staff, acknowledged by operators alone, and never by a partner', async () => {
    const [row] = await found();
    const path = `/isolation/layers/${row!.id}/acknowledgement`;
    const support = await portals.signIn(staffLogin('support'));
    assert.match((await support.get('/isolation/layers')).text, /Scoping of arguments/);
    assert.equal((await support.submit(path)).status, 403);
    const operator = await portals.signIn(staffLogin());
    await operator.get('/isolation/layers');
    assert.equal((await operator.submit(path)).status, 303);
    assert.equal((await operator.submit(path)).status, 404);
    const entries = await portals.sql(
      `select from platform_audit_entry where action = 'isolation.acknowledge'`,
    );
    assert.equal(entries.length, 1);
    const token = await portals.token(staffLogin('support'));
    const { body } = await portals.admin.browser().api('get', '/isolation/layers', { token });
    assert.equal(body.rows[0].acknowledgedAt !== null, true);
    await assert.rejects(
      portals.partner.deps.database.scoped(partnerScope(basil)).$queryRaw`select from layer_difference`,
      { status: 403 },
    );
    await assert.rejects(portals.partner.deps.gate.query('select from layer_difference'), { code: '42501' });
  });

  it('leave no filter behind: questions go when nobody can be waiting for them', async () => {
    await portals.sql(
      `update isolation_task set created_at = created_at - interval '6 minutes' where kind = 'layers'`,
    );
    await portals.admin.deps.tasks.sweep();
    assert.deepEqual(
      await portals.sql(`select from isolation_task where kind = 'layers' and staff_user_id is null`),
      [],
    );
  });

  it('can’t be asked of the admin process through relations, or about what partners may not read', async () => {
    const { layers } = adminTasks(portals.admin.deps);
    const ask = (input: object) =>
      layers!({ marketId: amber.marketId, model: 'Branch', where: {}, ...input });
    await assert.rejects(ask({ where: { market: { nameEn: 'x' } } }), RangeError);
    await assert.rejects(ask({ where: { OR: [{ market: { nameEn: 'x' } }] } }), RangeError);
    await assert.rejects(ask({ model: 'StaffUser' }), RangeError);
    await assert.rejects(ask({ marketId: 'x' }), /./);
    const seen = (await ask({})) as unknown as { count: number };
    assert.ok(seen.count >= 3);
  });
});
