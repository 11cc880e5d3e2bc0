import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import type { Response } from 'supertest';
import { verifyPassword } from '../../server/auth/passwords.ts';
import {
  PASSWORD,
  partnerLogin,
  signIn,
  staffLogin,
  startPortals,
  type TestPortals,
} from '../support/http.ts';
import { amber, basil } from '../support/two-markets.ts';

/** The page without what differs in every answer. */
const essence = (answer: Response) =>
  answer.text
    .replace(/value="[0-9a-f.]{60,}"/g, '')
    .replace(/nonce="[^"]+"/g, '')
    .replace(/value="[^"]*@[^"]*"/, '');

describe('signing in', () => {
  let portals: TestPortals;
  before(async () => {
    portals = await startPortals();
  });
  after(() => portals.close());

  for (const login of [partnerLogin('amber', 'owner'), staffLogin('operator'), staffLogin('support')]) {
    it(`${login.email} gets into the ${login.portal} portal`, async () => {
      const browser = await portals.signIn(login);
      const page = await browser.get('/profile');
      assert.equal(page.status, 200);
      assert.ok(page.text.includes(login.email));
    });
  }

  it('sends a stranger to sign in, and back', async () => {
    const browser = portals.partner.browser();
    const away = await browser.get('/team?state=active');
    assert.equal(away.status, 303);
    assert.equal(away.get('Location'), '/sign-in?next=%2Fteam%3Fstate%3Dactive');
    await browser.get(away.get('Location')!);
    const back = await browser.submit('/sign-in', {
      email: partnerLogin('amber').email,
      password: PASSWORD,
      next: '/team?state=active',
    });
    assert.equal(back.get('Location'), '/team?state=active');
  });

  for (const next of ['//evil.example/x', 'https://evil.example', '/\\evil.example', 'javascript:alert(1)']) {
    it(`does not follow next=${next}`, async () => {
      const browser = portals.partner.browser();
      await browser.get(`/sign-in?next=${encodeURIComponent(next)}`);
      const answer = await browser.submit('/sign-in', {
        email: partnerLogin('amber').email,
        password: PASSWORD,
        next,
      });
      assert.equal(answer.get('Location'), '/');
    });
  }

  it('answers an unknown e-mail and a wrong password alike', async () => {
    const attempt = async (email: string) => {
      const browser = portals.partner.browser();
      await browser.get('/sign-in');
      return browser.submit('/sign-in', { email, password: 'wrong password, surely' });
    };
    const [known, unknown] = [
      await attempt(partnerLogin('amber', 'analyst').email),
      await attempt('nobody@example.test'),
    ];
    assert.equal(known.status, 422);
    assert.equal(unknown.status, 422);
    assert.equal(essence(known), essence(unknown));
    assert.ok(known.text.includes('Wrong e-mail or password'));
    assert.ok(!known.text.includes('wrong password, surely'), 'a password is never sent back');
  });

  // Counted, not timed: hashing is the only work of a sign-in that goes to a native addon's thread.
  it('hashes as often for an unknown e-mail as for a known one', async () => {
    const works = async (email: string): Promise<number> => {
      let count = 0;
      const hook = createHook({
        init: (_id, type) => {
          if (type === 'undefined') count++;
        },
      }).enable();
      const body = { email, password: 'wrong password, surely' };
      await portals.partner.browser().api('post', '/tokens', { body });
      hook.disable();
      return count;
    };
    await works('warm@example.test');
    const known = await works(partnerLogin('basil', 'analyst').email);
    assert.equal(known, 1);
    assert.equal(await works('a@example.test'), known);
  });

  it('lets nobody in by the decoy that unknown e-mails are hashed against', async () => {
    assert.equal(await verifyPassword(null, 'no account has this password'), false);
  });

  it('refuses one portal’s people at the other', async () => {
    for (const [portal, login] of [
      ['admin', partnerLogin('amber', 'owner')],
      ['partner', staffLogin()],
    ] as const) {
      await assert.rejects(signIn(portals[portal].browser(), login), /Not signed in: 422/);
    }
  });

  it('signs out: the cookies are gone, and worthless', async () => {
    const browser = await portals.signIn(partnerLogin('amber'));
    const stolen = browser.copy();
    await browser.get('/profile');
    const answer = await browser.submit('/sign-out');
    assert.equal(answer.get('Location'), '/sign-in');
    assert.deepEqual(
      [...browser.cookies.keys()].filter((name) => /access|refresh/.test(name)),
      [],
    );
    assert.ok((await browser.get('/sign-in')).text.includes('You are signed out'));
    assert.equal((await stolen.get('/profile')).status, 303);
  });

  it('signs out everywhere: every device, and API clients too', async () => {
    const login = partnerLogin('amber', 'owner');
    const [here, there, token] = [
      await portals.signIn(login),
      await portals.signIn(login),
      await portals.token(login),
    ];
    await here.get('/profile');
    await here.submit('/sign-out/everywhere');
    assert.equal((await there.get('/profile')).status, 303);
    assert.equal((await there.api('get', '/sessions', { token })).status, 401);
    const others = await portals.sql(
      'select 1 from partner_session where market_id = $1 and revoked_at is null',
      [basil.marketId],
    );
    assert.ok(others.length > 0, 'nobody else is signed out');
  });

  it('ends the session that a browser had before', async () => {
    const browser = await portals.signIn(partnerLogin('amber'));
    const before = browser.copy();
    await browser.get('/profile');
    await browser.submit('/sign-in', { email: partnerLogin('amber', 'owner').email, password: PASSWORD });
    assert.ok((await browser.get('/profile')).text.includes(partnerLogin('amber', 'owner').email));
    assert.equal((await before.get('/profile')).status, 303);
  });

  it('lists one’s own sessions and ends one of them, never another’s', async () => {
    const login = partnerLogin('basil', 'owner');
    const [here, there] = [await portals.signIn(login), await portals.signIn(login)];
    const page = await here.get('/profile');
    const ids = [...page.text.matchAll(/\/profile\/sessions\/([0-9a-f-]{36})\/end/g)].map(
      (match) => match[1]!,
    );
    assert.ok(ids.length >= 1);
    const [foreign] = await portals.sql<{ id: string }>(
      'select id from partner_session where market_id = $1 limit 1',
      [amber.marketId],
    );
    assert.equal((await here.submit(`/profile/sessions/${foreign!.id}/end`)).status, 404);
    for (const id of ids) await here.submit(`/profile/sessions/${id}/end`);
    assert.equal((await there.get('/profile')).status, 303);
    assert.equal((await here.get('/profile')).status, 200);
  });

  it('audits sign-in and sign-out in the market itself', async () => {
    const browser = await portals.signIn(partnerLogin('basil', 'manager'));
    await browser.get('/profile');
    await browser.submit('/sign-out');
    const rows = await portals.sql<{ action: string; actor_name: string; receipt: string }>(
      'select action, actor_name, receipt from audit_entry where market_id = $1 and actor_id = $2 order by at desc, id desc limit 2',
      [basil.marketId, basil.manager],
    );
    assert.deepEqual(rows.map((row) => row.action).sort(), ['session.sign-in', 'session.sign-out']);
    for (const row of rows) {
      assert.match(row.receipt, /^[0-9a-f-]{36}$/);
      assert.notEqual(row.actor_name, '');
    }
  });
});
