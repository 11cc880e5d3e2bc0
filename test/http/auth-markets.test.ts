import assert from 'node:assert/strict';
import { PASSWORD, partnerLogin, startPortals, type TestPortals } from '../support/http.ts';
import { amber, basil } from '../support/two-markets.ts';

describe('a person of several markets', () => {
  let portals: TestPortals;
  const { email } = partnerLogin('amber', 'owner');
  before(async () => {
    portals = await startPortals();
    // The owner of one market is an analyst of the other.
    await portals.sql('update team_member set user_id = $3 where market_id = $1 and id = $2', [
      basil.marketId,
      basil.analyst,
      amber.person,
    ]);
  });
  after(() => portals.close());

  const atChoice = async () => {
    const browser = portals.partner.browser();
    await browser.get('/sign-in');
    const answer = await browser.submit('/sign-in', { email, password: PASSWORD });
    assert.equal(answer.get('Location'), '/sign-in/market?next=%2F');
    return browser;
  };

  it('chooses one, and has that market’s role there', async () => {
    for (const [member, role] of [
      [amber.owner, 'Owner'],
      [basil.analyst, 'Analyst'],
    ] as const) {
      const browser = await atChoice();
      const page = await browser.get('/sign-in/market');
      assert.ok(page.text.includes(amber.owner) && page.text.includes(basil.analyst));
      assert.equal((await browser.submit('/sign-in/market', { member })).status, 303);
      assert.ok((await browser.get('/profile')).text.includes(role));
    }
  });

  it('can’t choose a member that is somebody else', async () => {
    const browser = await atChoice();
    await browser.get('/sign-in/market');
    for (const member of [basil.owner, basil.marketId, 'nonsense']) {
      assert.equal((await browser.submit('/sign-in/market', { member })).status, 422);
    }
    assert.equal((await browser.get('/profile')).status, 303);
  });

  it('holds nothing but the choice until then', async () => {
    const browser = await atChoice();
    const choice = browser.cookies.get('__Host-bulkhead-partner-choice')!;
    for (const name of ['access', 'refresh']) {
      const thief = portals.partner.browser();
      thief.cookies.set(`__Host-bulkhead-partner-${name}`, choice);
      assert.equal((await thief.get('/profile')).status, 401);
    }
    assert.equal((await browser.api('get', '/sessions', { token: choice })).status, 401);
  });

  it('names the market to get a token', async () => {
    const browser = portals.partner.browser();
    const unsaid = await browser.api('post', '/tokens', { body: { email, password: PASSWORD } });
    assert.equal(unsaid.status, 422);
    assert.equal(unsaid.body.code, 'market-required');
    assert.deepEqual(
      unsaid.body.markets.map((each: { id: string }) => each.id).sort(),
      [amber.marketId, basil.marketId].sort(),
    );
    const said = await browser.api('post', '/tokens', {
      body: { email, password: PASSWORD, marketId: basil.marketId },
    });
    assert.equal(said.status, 201);
    const other = await browser.api('post', '/tokens', {
      body: { email: partnerLogin('basil').email, password: PASSWORD, marketId: amber.marketId },
    });
    assert.equal(other.status, 422);
  });

  it('changes market without the password; the first market’s session ends', async () => {
    const browser = await atChoice();
    await browser.get('/sign-in/market');
    await browser.submit('/sign-in/market', { member: amber.owner });
    await browser.get('/profile');
    const before = browser.copy();
    assert.equal((await browser.submit('/profile/market')).get('Location'), '/sign-in/market');
    await browser.get('/sign-in/market');
    await browser.submit('/sign-in/market', { member: basil.analyst });
    assert.ok((await browser.get('/profile')).text.includes('Analyst'));
    assert.equal((await before.get('/profile')).status, 303);
  });

  it('signs out of all markets at once', async () => {
    const inAmber = await atChoice();
    await inAmber.get('/sign-in/market');
    await inAmber.submit('/sign-in/market', { member: amber.owner });
    const inBasil = await atChoice();
    await inBasil.get('/sign-in/market');
    await inBasil.submit('/sign-in/market', { member: basil.analyst });
    await inAmber.get('/profile');
    await inAmber.submit('/sign-out/everywhere');
    assert.equal((await inBasil.get('/profile')).status, 303);
  });
});

describe('what an operator or owner decides counts at the next request', () => {
  let portals: TestPortals;
  before(async () => {
    portals = await startPortals();
  });
  after(() => portals.close());

  const withState = async (state: string, check: () => Promise<void>) => {
    await portals.sql('update market set state = $2 where id = $1', [amber.marketId, state]);
    await check().finally(() =>
      portals.sql("update market set state = 'active' where id = $1", [amber.marketId]),
    );
  };

  for (const state of ['applied', 'suspended', 'closed']) {
    it(`a market that is ${state}: 403 that says so, in both languages and in JSON; the session survives`, async () => {
      const browser = await portals.signIn(partnerLogin('amber'));
      const token = await portals.token(partnerLogin('amber'));
      await withState(state, async () => {
        for (const path of ['/', '/team', '/profile', '/no-such-page']) {
          const page = await browser.get(path);
          assert.equal(page.status, 403);
        }
        browser.cookies.set('bulkhead-locale', 'ar');
        const arabic = await browser.get('/');
        assert.match(arabic.text, /dir="rtl"/);
        assert.match(arabic.text, /السوق/);
        const json = await browser.api('get', '/sessions', { token });
        assert.equal(json.status, 403);
        assert.equal(json.body.code, `market-${state}`);
      });
      assert.equal((await browser.get('/profile')).status, 200);
    });
  }

  it('lets somebody of a suspended market sign out', async () => {
    const browser = await portals.signIn(partnerLogin('amber'));
    await withState('suspended', async () => {
      await browser.get('/');
      assert.equal((await browser.submit('/sign-out')).get('Location'), '/sign-in');
    });
  });

  it('a demotion', async () => {
    const browser = await portals.signIn(partnerLogin('basil', 'owner'));
    await browser.get('/profile');
    const rename = () => browser.submit('/team', { email: 'x', name: 'x', role: 'manager' });
    assert.equal((await rename()).status, 422, 'an owner gets as far as the form’s checks');
    await portals.sql("update team_member set role = 'analyst' where market_id = $1 and id = $2", [
      basil.marketId,
      basil.owner,
    ]);
    assert.equal((await rename()).status, 403);
  });

  it('the removal of a member', async () => {
    const browser = await portals.signIn(partnerLogin('basil', 'manager'));
    const token = await portals.token(partnerLogin('basil', 'manager'));
    await portals.sql("update team_member set state = 'removed' where market_id = $1 and id = $2", [
      basil.marketId,
      basil.manager,
    ]);
    assert.equal((await browser.get('/profile')).status, 303);
    assert.equal((await browser.api('get', '/sessions', { token })).status, 401);
    const again = await browser.api('post', '/tokens', {
      body: { email: partnerLogin('basil', 'manager').email, password: PASSWORD },
    });
    assert.equal(again.status, 422);
    assert.equal(again.body.code, 'no-membership');
  });
});
