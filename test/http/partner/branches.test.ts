import assert from 'node:assert/strict';
import { type Browser, partnerLogin, startPortals, type TestPortals } from '../../support/http.ts';
import { amber, basil, fixtureId } from '../../support/two-markets.ts';

const UNKNOWN = '01890000-0000-7000-8000-00000000dead';

const fields = (changes: Record<string, string> = {}) => ({
  ...{ nameEn: 'North gate', nameAr: 'البوابة الشمالية', city: 'Riyadh', phone: '+966 11 123 4567' },
  ...{ addressEn: '1 King Road', addressAr: 'طريق الملك', latitude: '24.7136', longitude: '46.6753' },
  ...{ 'opens-sun': '09:00', 'closes-sun': '23:30', ...changes },
});

describe('Partner: branches', () => {
  let portals: TestPortals;
  let manager: Browser;

  before(async () => {
    portals = await startPortals();
    await portals.sql('update plan set max_branches = 1000, max_team_members = 1000');
    manager = await portals.signIn(partnerLogin('amber', 'manager'));
  });
  after(() => portals.close());

  const add = async (changes = {}) => {
    await manager.get('/branches/new');
    const answer = await manager.submit('/branches', fields(changes));
    assert.equal(answer.status, 303, answer.text);
    return answer.headers.location!.split('/').at(-1)!;
  };

  it('adds a branch with its place and hours, and writes who did it', async () => {
    const id = await add();
    const [row] = await portals.sql<Record<string, unknown>>('select * from branch where id = $1', [id]);
    assert.equal(row!.market_id, amber.marketId);
    assert.deepEqual(row!.hours, [{ day: 'sun', opens: '09:00', closes: '23:30' }]);
    assert.equal(row!.latitude, 24.7136);
    const [entry] = await portals.sql('select actor_id, action from audit_entry where subject_id = $1', [id]);
    assert.deepEqual(entry, { actor_id: amber.manager, action: 'branch.create' });
    const page = await manager.get(`/branches/${id}`);
    assert.match(page.text, /North gate/);
    assert.match(page.text, /09:00 – 23:30/);
  });

  for (const [field, value] of [
    ['nameEn', ''],
    ['nameAr', 'ع'.repeat(121)],
    ['phone', 'call me'],
    ['latitude', '91'],
    ['latitude', '1e1'],
    ['longitude', ''],
    ['opens-sun', '24:00'],
    ['closes-sun', ''],
  ] as const) {
    it(`refuses ${field} = "${value.slice(0, 10)}" at the field and keeps what was typed`, async () => {
      await manager.get('/branches/new');
      const before = await portals.sql('select count(*) from branch');
      const answer = await manager.submit('/branches', fields({ city: 'Kept town', [field]: value }));
      assert.equal(answer.status, 422);
      assert.match(answer.text, new RegExp(`id="f-${field}-error"`));
      assert.match(answer.text, /value="Kept town"/);
      assert.deepEqual(await portals.sql('select count(*) from branch'), before);
    });
  }

  it('closes and opens again, and refuses one more than the plan includes, also to two at once', async () => {
    const id = await add();
    await manager.submit(`/branches/${id}/closing`);
    const [open] = await portals.sql<{ count: number }>(
      `select count(*)::int from branch where market_id = $1 and state = 'open'`,
      [amber.marketId],
    );
    await portals.sql('update plan set max_branches = $1', [open!.count + 1]);
    const answers = await Promise.all([1, 2, 3].map(() => manager.copy().submit('/branches', fields())));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 409, 409]);
    const refused = await manager.submit(`/branches/${id}/opening`);
    assert.equal(refused.status, 409);
    await portals.sql('update plan set max_branches = 1000');
    assert.equal((await manager.submit(`/branches/${id}/opening`)).status, 303);
  });

  it('answers another market’s branch exactly like an unknown one, by every route', async () => {
    const foreign = (
      await portals.sql<{ id: string }>('select id from branch where market_id = $1', [basil.marketId])
    )[0]!.id;
    const before = await portals.sql('select * from branch where market_id = $1 order by id', [
      basil.marketId,
    ]);
    const same = (text: string) =>
      text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|value="[^"]*"|nonce="[^"]*"/g, '');
    for (const path of ['', '/edit']) {
      const [there, nowhere, odd] = await Promise.all(
        [foreign, UNKNOWN, 'x'].map((id) => manager.copy().get(`/branches/${id}${path}`)),
      );
      assert.deepEqual([there!.status, nowhere!.status, odd!.status], [404, 404, 404]);
      assert.equal(same(there!.text).replaceAll(`/branches/x`, ''), same(nowhere!.text));
    }
    for (const verb of ['', '/closing', '/opening']) {
      const [there, nowhere] = await Promise.all(
        [foreign, UNKNOWN].map((id) => manager.copy().submit(`/branches/${id}${verb}`, fields())),
      );
      assert.deepEqual([there!.status, nowhere!.status], [404, 404], verb);
    }
    assert.deepEqual(
      await portals.sql('select * from branch where market_id = $1 order by id', [basil.marketId]),
      before,
    );
  });

  it('lets an analyst look and nothing else', async () => {
    const analyst = await portals.signIn(partnerLogin('amber', 'analyst'));
    const page = await analyst.get('/branches');
    assert.equal(page.status, 200);
    assert.doesNotMatch(page.text, /\/branches\/new/);
    assert.equal((await analyst.get('/branches/new')).status, 403);
    assert.equal((await analyst.submit('/branches', fields())).status, 403);
  });

  it('answers JSON with the same rows and the same rules', async () => {
    const token = await portals.token(partnerLogin('amber', 'manager'));
    const made = await manager.api('post', '/branches', { token, body: { nameEn: 'A', nameAr: 'أ' } });
    assert.equal(made.status, 201, made.text);
    const list = await manager.api('get', '/branches', { token, query: { limit: '100' } });
    assert.ok(list.body.rows.some(({ id }: { id: string }) => id === made.body.id));
    assert.doesNotMatch(list.text, new RegExp(basil.marker));
    const bad = await manager.api('post', '/branches', {
      token,
      body: { nameEn: { $ne: null }, nameAr: 'أ' },
    });
    assert.equal(bad.status, 422);
    assert.equal(bad.body.errors[0].field, 'nameEn');
    const foreign = await manager.api('put', `/branches/${fixtureId}`, {
      token,
      body: { nameEn: 'A', nameAr: 'أ' },
    });
    assert.equal(foreign.status, 404);
  });
});
