import assert from 'node:assert/strict';
import { type Browser, partnerLogin, startPortals, type TestPortals } from '../../support/http.ts';
import { linkIn, mailTo } from '../../support/mail.ts';
import { amber, basil } from '../../support/two-markets.ts';

describe('Partner: team', () => {
  let portals: TestPortals;
  let owner: Browser;

  before(async () => {
    portals = await startPortals();
    await portals.sql('update plan set max_team_members = 1000');
    owner = await portals.signIn(partnerLogin('amber', 'owner'));
  });
  after(() => portals.close());

  const invite = async (email: string, role = 'analyst') => {
    await owner.get('/team/new');
    return owner.submit('/team', { name: 'Demo person', email, role, locale: 'ar' });
  };
  const memberId = async (email: string) =>
    (await portals.sql<{ id: string }>('select id from team_member where email = $1', [email]))[0]!.id;

  it('invites by mail; the link makes a member of this market alone', async () => {
    assert.equal((await invite('new@example.test')).status, 303);
    const link = linkIn(await mailTo(portals.mailboxDir, 'new@example.test'));
    const guest = portals.partner.browser();
    assert.match((await guest.get(link)).text, new RegExp(amber.marker));
    const entered = await guest.submit(link, { password: 'a password of my own' });
    assert.equal(entered.status, 303, entered.text);
    assert.equal((await guest.get('/team')).status, 200);
    const rows = await portals.sql('select market_id, state from team_member where email = $1', [
      'new@example.test',
    ]);
    assert.deepEqual(rows, [{ market_id: amber.marketId, state: 'active' }]);
    assert.notEqual((await portals.partner.browser().get(link)).status, 200, 'a link works once');
  });

  it('says at the field that somebody is in the team already', async () => {
    const [known] = await portals.sql<{ email: string }>('select email from team_member where id = $1', [
      amber.manager,
    ]);
    const answer = await invite(known!.email);
    assert.equal(answer.status, 422);
    assert.match(answer.text, /id="f-email-error"/);
  });

  it('removes: the member’s next request is refused, and a removed one can come back', async () => {
    await invite('leaver@example.test');
    const link = linkIn(await mailTo(portals.mailboxDir, 'leaver@example.test'));
    const guest = portals.partner.browser();
    await guest.get(link);
    await guest.submit(link, { password: 'a password of my own' });
    assert.equal((await guest.get('/branches')).status, 200);
    const id = await memberId('leaver@example.test');
    assert.equal((await owner.submit(`/team/${id}/removal`)).status, 303);
    assert.notEqual((await guest.get('/branches')).status, 200);
    assert.equal((await invite('leaver@example.test', 'manager')).status, 303);
    assert.equal(await memberId('leaver@example.test'), id);
  });

  it('never leaves a market without an owner', async () => {
    const removal = await owner.submit(`/team/${amber.owner}/removal`);
    assert.equal(removal.status, 409);
    const demotion = await owner.submit(`/team/${amber.owner}`, { name: 'Same', role: 'analyst' });
    assert.equal(demotion.status, 409);
    const [row] = await portals.sql('select role, state from team_member where id = $1', [amber.owner]);
    assert.deepEqual(row, { role: 'owner', state: 'active' });
  });

  it('refuses one more than the plan includes, also to several at once', async () => {
    const [present] = await portals.sql<{ count: number }>(
      `select count(*)::int from team_member where market_id = $1 and state <> 'removed'`,
      [amber.marketId],
    );
    await portals.sql('update plan set max_team_members = $1', [present!.count + 1]);
    await owner.get('/team/new');
    const answers = await Promise.all(
      [1, 2, 3].map((n) =>
        owner
          .copy()
          .submit('/team', { name: 'Demo', email: `many${n}@example.test`, role: 'analyst', locale: 'en' }),
      ),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 409, 409]);
    await portals.sql('update plan set max_team_members = 1000');
  });

  it('is changed by owners alone, and never another market’s', async () => {
    const manager = await portals.signIn(partnerLogin('amber', 'manager'));
    assert.equal((await manager.get('/team')).status, 200);
    assert.equal((await manager.get('/team/new')).status, 403);
    assert.equal((await manager.submit(`/team/${amber.analyst}`, { name: 'X', role: 'owner' })).status, 403);
    const before = await portals.sql('select * from team_member where market_id = $1 order by id', [
      basil.marketId,
    ]);
    for (const verb of ['', '/removal', '/invitation']) {
      const answer = await owner.submit(`/team/${basil.analyst}${verb}`, { name: 'X', role: 'analyst' });
      assert.equal(answer.status, 404, verb);
    }
    assert.equal((await owner.get(`/team/${basil.analyst}`)).status, 404);
    assert.deepEqual(
      await portals.sql('select * from team_member where market_id = $1 order by id', [basil.marketId]),
      before,
    );
    assert.doesNotMatch((await owner.get('/team?state=active')).text, new RegExp(basil.marker));
  });

  it('shows each market its own settings, figures and trail', async () => {
    for (const path of ['/', '/audit', '/market', '/team', '/branches']) {
      const page = await owner.get(path);
      assert.equal(page.status, 200, path);
      assert.doesNotMatch(page.text, new RegExp(basil.marker, 'i'), path);
    }
    await owner.get('/market');
    assert.equal(
      (await owner.submit('/market', { nameEn: 'Renamed', nameAr: 'اسم', locale: 'ar' })).status,
      303,
    );
    const names = await portals.sql('select name_en from market where id = any($1) order by name_en', [
      [amber.marketId, basil.marketId],
    ]);
    assert.ok(
      names.some((row) => row.name_en === 'Renamed') && names.some((row) => row.name_en !== 'Renamed'),
    );
  });
});
