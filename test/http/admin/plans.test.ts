import assert from 'node:assert/strict';
import { type Browser, staffLogin, startPortals, type TestPortals } from '../../support/http.ts';
import { amber, basil, fixtureId, staff } from '../../support/two-markets.ts';

describe('Admin: plans and limits', () => {
  let portals: TestPortals;
  let operator: Browser;
  let support: Browser;
  let token: string;

  before(async () => {
    portals = await startPortals();
    await portals.sql('delete from limit_override');
    [operator, support] = await Promise.all([
      portals.signIn(staffLogin('operator')),
      portals.signIn(staffLogin('support')),
    ]);
    token = await portals.token(staffLogin('operator'));
  });
  beforeEach(() => Promise.all([operator.get('/plans'), support.get('/plans')]));
  after(() => portals.close());

  const api = (method: 'get' | 'post' | 'put', path: string, body?: object) =>
    portals.admin.browser().api(method, path, { token, ...(body ? { body } : {}) });
  const figures = {
    ...{ monthlyPrice: 100, maxLiveOffers: 500, maxBranches: 500, maxTeamMembers: 500 },
    ...{ maxDevices: 500, maxSyncPushes: 500, maxMessages: 500 },
  };
  /** As a form sends it. */
  const typed = (values: object) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
  const cap = async (column: string) =>
    (await portals.sql<Record<string, number>>(`select ${column} from plan where id = 'fixturemain'`))[0]![
      column
    ];

  it('changes a plan for a reason, and keeps what was changed', async () => {
    const answer = await operator.submit(
      '/plans/fixturemain',
      typed({ ...figures, reason: 'A round number' }),
    );
    assert.equal(answer.status, 303);
    assert.equal(await cap('max_devices'), 500);
    const page = await operator.get('/plans/fixturemain');
    assert.match(page.text, /A round number/);
    assert.match(page.text, /1,000 → 500/);
    const entries = await portals.sql(
      `select action from platform_audit_entry where subject_id = 'fixturemain' and action = 'plan.update'`,
    );
    assert.equal(entries.length, 1);
  });

  for (const [field, value] of [
    ['maxBranches', '0'],
    ['maxDevices', '-1'],
    ['maxMessages', '1e3'],
    ['maxLiveOffers', ''],
    ['reason', ' '],
  ] as const) {
    it(`refuses ${field} = "${value}" at its field`, async () => {
      const answer = await operator.submit(
        '/plans/fixturemain',
        typed({ ...figures, reason: 'x', [field]: value }),
      );
      assert.equal(answer.status, 422);
      assert.match(answer.text, new RegExp(`id="f-${field}-error"`));
    });
  }

  it('says beforehand who would be over, changes nothing, and then does as told', async () => {
    const lower = { ...figures, maxBranches: 1, reason: 'Smaller' };
    const refused = await api('put', '/plans/fixturemain', lower);
    assert.equal(refused.status, 409);
    assert.equal(refused.body.code, 'below-use');
    assert.equal(refused.body.count, 2);
    assert.equal(await cap('max_branches'), 500);
    const page = await operator.submit('/plans/fixturemain', typed(lower));
    assert.equal(page.status, 409);
    assert.match(page.text, /Nothing is deleted or switched off/);
    assert.match(page.text, /name="acceptOverLimit"/);
    const done = await operator.submit('/plans/fixturemain', typed({ ...lower, acceptOverLimit: 'on' }));
    assert.equal(done.status, 303);
    const { body } = await api('get', `/markets/${amber.marketId}/limits`);
    const branches = body.limits.find(({ name }: { name: string }) => name === 'branches');
    assert.deepEqual([branches.use, branches.cap, branches.state], [3, 1, 'over']);
    assert.match((await operator.get('/usage')).text, /Over the limit/);
    await api('put', '/plans/fixturemain', { ...figures, reason: 'Back' });
  });

  it('warns before a market moves to a plan that is too small for it', async () => {
    await portals.sql(`update plan set max_branches = 1 where id = 'fixturespare'`);
    const settings = {
      ...{ nameEn: 'Amber', nameAr: 'كهرمان', planId: 'fixturespare', locale: 'en', timeZone: 'Asia/Riyadh' },
    };
    const refused = await api('put', `/markets/${amber.marketId}`, settings);
    assert.deepEqual([refused.status, refused.body.code], [409, 'below-use']);
    const page = await operator.submit(`/markets/${amber.marketId}`, settings);
    assert.equal(page.status, 409);
    assert.match(page.text, /acceptOverLimit/);
    const moved = await api('put', `/markets/${amber.marketId}`, { ...settings, acceptOverLimit: true });
    assert.equal(moved.status, 200);
    await api('put', `/markets/${amber.marketId}`, { ...settings, planId: 'fixturemain' });
  });

  it('gives one market a limit of its own for a time, and ends it', async () => {
    const set = await api('post', `/markets/${amber.marketId}/limits`, {
      ...{ name: 'devices', cap: 7, reason: 'Fair in spring', endsAt: new Date(Date.now() + 86_400_000) },
    });
    assert.equal(set.status, 201, set.text);
    const devices = set.body.limits.find(({ name }: { name: string }) => name === 'devices');
    assert.deepEqual([devices.cap, devices.planCap, devices.isOwn], [7, 500, true]);
    assert.equal(set.body.overrides[0].state, 'in-force');
    const [entry] = await portals.sql<Record<string, unknown>>(
      `select actor_id, market_id, details from audit_entry where action = 'limit.set'`,
    );
    assert.equal(entry!.actor_id, staff.operator);
    const other = await api('get', `/markets/${basil.marketId}/limits`);
    assert.equal(other.body.limits.find(({ name }: { name: string }) => name === 'devices').cap, 500);
    const end = `/markets/${amber.marketId}/limits/${set.body.overrides[0].id}/end`;
    const ended = await api('post', end);
    assert.equal(ended.body.overrides[0].state, 'over');
    assert.equal((await api('post', end)).body.code, 'override-over');
    assert.equal((await api('post', end.replace(amber.marketId, basil.marketId))).status, 404);
    assert.match((await operator.get(`/markets/${amber.marketId}/limits`)).text, /Fair in spring/);
  });

  it('refuses a limit that ends before it begins, or below what is used', async () => {
    const post = (body: object) =>
      operator.submit(`/markets/${amber.marketId}/limits`, body as Record<string, string>);
    const wrong = await post({
      name: 'devices',
      cap: '7',
      reason: 'x',
      startsAt: '2027-05-02T00:00',
      endsAt: '2027-05-01T00:00',
    });
    assert.equal(wrong.status, 422);
    assert.match(wrong.text, /id="f-endsAt-error"/);
    const below = await post({ name: 'branches', cap: '1', reason: 'x' });
    assert.equal(below.status, 409);
    assert.match(below.text, /name="acceptOverLimit"/);
  });

  it('lets support look and not touch', async () => {
    for (const path of ['/plans', '/plans/fixturemain', '/usage', `/markets/${amber.marketId}/limits`])
      assert.equal((await support.get(path)).status, 200, path);
    assert.equal(
      (await support.submit('/plans/fixturemain', typed({ ...figures, reason: 'x' }))).status,
      403,
    );
    assert.equal((await support.submit(`/markets/${amber.marketId}/limits`, {})).status, 403);
    assert.doesNotMatch((await support.get('/plans/fixturemain')).text, /acceptOverLimit|name="maxBranches"/);
  });

  it('shows a counter that was wrong until somebody has seen it, and afterwards too', async () => {
    const id = fixtureId('limit_drift', 'amber', 'spare');
    assert.match((await operator.get('/usage')).text, /nobody has looked into/);
    const path = `/usage/drifts/${amber.marketId}/${id}/acknowledgement`;
    assert.equal((await operator.submit(path, {})).status, 303);
    assert.equal((await operator.submit(path, {})).status, 404);
    const [row] = await portals.sql<Record<string, unknown>>(
      'select acknowledged_by from limit_drift where id = $1',
      [id],
    );
    assert.equal(row!.acknowledged_by, staff.operator);
    const { body } = await api('get', '/usage/drifts');
    assert.ok(body.rows.some((each: { id: string }) => each.id === id));
  });

  it('answers a plan that there is not, or no name of one, with 404', async () => {
    for (const path of ['/plans/none', '/plans/No%20plan', '/plans/..%2fx'])
      assert.equal((await operator.get(path)).status, 404, path);
    assert.equal((await api('get', '/plans/none')).status, 404);
  });
});
