import assert from 'node:assert/strict';
import { withClient } from '../../../server/db/setup/connect.ts';
import { toAppError } from '../../../server/http/problems.ts';
import { planLimitOf } from '../../../server/plans/plan-limits.ts';
import { type Browser, partnerLogin, startPortals, type TestPortals } from '../../support/http.ts';
import { check, uploaded } from '../../support/imports.ts';
import { insertReadyOffers } from '../../support/plan-limits.ts';
import { amber, basil, fixtureId } from '../../support/two-markets.ts';

describe('Partner: limits of the plan', () => {
  let portals: TestPortals;
  let owner: Browser;
  let token: string;

  before(async () => {
    portals = await startPortals();
    await portals.sql('delete from limit_override');
    owner = await portals.signIn(partnerLogin('amber', 'owner'));
    token = await portals.token(partnerLogin('amber', 'owner'));
  });
  beforeEach(() =>
    portals.sql('update plan set max_branches = 1000, max_live_offers = 1000, max_team_members = 1000'),
  );
  after(() => portals.close());

  const used = async (name: string): Promise<number> =>
    (
      await portals.sql<{ used: number }>(
        `select used from limit_use where market_id = $1 and name = $2 and period = '1970-01-01'`,
        [amber.marketId, name],
      )
    )[0]!.used;
  const fill = async (column: string, name: string) => {
    const number = await used(name);
    await portals.sql(`update plan set ${column} = $1`, [number]);
    return number;
  };
  const branch = { nameEn: 'One more', nameAr: 'آخر' };
  const sentence = (number: number) => new RegExp(`${number} of ${number} are in use`);

  it('answers a program with 409, the limit, what is used, the plan and where to go', async () => {
    const cap = await fill('max_branches', 'branches');
    const answer = await portals.partner.browser().api('post', '/branches', { token, body: branch });
    assert.equal(answer.status, 409);
    assert.match(answer.get('Content-Type')!, /application\/problem\+json/);
    const { type, code, limit, use, plan, upgrade } = answer.body;
    assert.deepEqual(
      { type, code, limit, use, cap: answer.body.cap, plan, upgrade },
      {
        ...{ type: 'urn:bulkhead:problem:plan-limit', code: 'plan-limit', limit: 'branches' },
        ...{ use: cap, cap, plan: 'fixturemain', upgrade: '/usage' },
      },
    );
    assert.match(answer.body.detail, /^Open branches: \d+ of \d+ are in use/);
    assert.equal(await used('branches'), cap);
  });

  it('says it in a form, which keeps what was typed, in both languages', async () => {
    const cap = await fill('max_branches', 'branches');
    await owner.get('/branches/new');
    const answer = await owner.submit('/branches', { ...branch, city: 'Kept town' });
    assert.equal(answer.status, 409);
    assert.match(answer.text, sentence(cap));
    assert.match(answer.text, /value="Kept town"/);
    const members = await fill('max_team_members', 'members');
    await owner.get('/team/new');
    const invited = await owner.submit('/team', {
      name: 'N',
      email: 'n@example.test',
      role: 'analyst',
      locale: 'en',
    });
    assert.equal(invited.status, 409);
    assert.match(invited.text, sentence(members));
  });

  it('turns the button off with the reason and the way up, and warns before', async () => {
    await fill('max_branches', 'branches');
    for (const path of ['/branches', '/branches/new']) {
      const { text } = await owner.get(path);
      assert.match(text, /id="limit-branches"/);
      assert.match(text, /href="\/usage"/);
    }
    assert.match(
      (await owner.get('/branches')).text,
      /<button[^>]*aria-describedby="limit-branches"[^>]*disabled/,
    );
    await portals.sql('update plan set max_branches = 5');
    while ((await used('branches')) < 4)
      await portals.partner.browser().api('post', '/branches', { token, body: branch });
    const { text } = await owner.get('/branches');
    assert.match(text, /There is little room left/);
    assert.match(text, /href="\/branches\/new"/);
  });

  it('refuses a submission on the offer’s own page, and one that was just written', async () => {
    const category = fixtureId('category', 'shared');
    const at = { id: amber.marketId, branches: [amber.branch], images: [fixtureId('image', 'amber')] };
    const [id] = await withClient(portals.database.superuserUrl, (client) =>
      insertReadyOffers(client, at, 1, category),
    );
    // The fixture's own are past their end: they hold no place.
    await portals.sql('update offer set ends_at = null where ends_at < now()');
    const cap = await fill('max_live_offers', 'live_offers');
    assert.match((await owner.get(`/offers/${id}`)).text, /aria-describedby="limit-live_offers"/);
    const answer = await owner.submit(`/offers/${id}/submission`, {});
    assert.equal(answer.status, 409);
    assert.match(answer.text, sentence(cap));
    await portals.sql('update plan set max_live_offers = $1', [cap + 1]);
    assert.equal((await owner.submit(`/offers/${id}/submission`, {})).status, 303);
  });

  it('opens a closed branch only where there is room', async () => {
    const id = fixtureId('branch', 'amber', 'spare');
    assert.equal((await owner.submit(`/branches/${id}/closing`, {})).status, 303);
    const cap = await fill('max_branches', 'branches');
    const answer = await owner.submit(`/branches/${id}/opening`, {});
    assert.equal(answer.status, 409);
    assert.match(answer.text, sentence(cap));
  });

  it('knows the limit of devices on their pages', async () => {
    await portals.sql(
      `update plan set max_devices = (select count(*) from device where market_id = $1 and state = 'active')`,
      [amber.marketId],
    );
    assert.match(
      (await owner.get('/devices')).text,
      /<button[^>]*aria-describedby="limit-devices"[^>]*disabled/,
    );
    assert.match((await owner.get('/devices/new')).text, /id="limit-devices"/);
    const refusal = '{"limit" : "devices", "use" : 1, "cap" : 1, "plan" : "free"}';
    const raw = Object.assign(new Error(refusal), { code: 'BH010' });
    assert.deepEqual([toAppError(raw).status, planLimitOf(toAppError(raw))?.limit], [409, 'devices']);
  });

  it('shows what is used and how it came about, of the own market alone', async () => {
    await portals.sql(
      `insert into limit_use (market_id, name, period, used) values ($1, 'messages', date_trunc('month', now())::date, 4242)`,
      [basil.marketId],
    );
    const page = await owner.get('/usage');
    assert.equal(page.status, 200);
    assert.doesNotMatch(page.text, /4,?242/);
    const answer = await portals.partner.browser().api('get', '/usage', { token });
    assert.equal(answer.status, 200);
    const branches = answer.body.limits.find(({ name }: { name: string }) => name === 'branches');
    assert.equal(branches.use, await used('branches'));
    assert.equal(branches.history.length, 12);
    assert.equal(answer.body.limits.find(({ name }: { name: string }) => name === 'messages').use, 0);
    assert.equal(JSON.stringify(answer.body).includes('4242'), false);
  });

  it('offers to submit what an import brings in', async () => {
    const id = await uploaded(owner, 'Handle,Title,Price\nk-1,Tea,5.00\n');
    const page = await owner.get(`/imports/${id}/mapping`);
    assert.match(page.text, /name="submission"/);
    assert.equal((await check(owner, id, { submission: 'complete' })).status, 303);
    const [job] = await portals.sql<{ options: { submission: string } }>(
      'select options from import_job where id = $1',
      [id],
    );
    assert.equal(job!.options.submission, 'complete');
  });
});
