import assert from 'node:assert/strict';
import { networkOf } from '../../server/auth/throttle.ts';
import { PASSWORD, partnerLogin, startPortals, type TestPortals } from '../support/http.ts';

const WRONG = 'wrong password, surely';

describe('lock-out and rate limits', () => {
  let portals: TestPortals;
  before(async () => {
    portals = await startPortals({
      limits: { lockSeconds: 900, failures: 5, failuresPerAddress: 30, writesPerMinute: 20, mailsPerHour: 3 },
    });
  });
  afterEach(() => portals.sql('delete from partner_throttle'));
  after(() => portals.close());

  const attempt = async (email: string, password: string) => {
    const browser = portals.partner.browser();
    await browser.get('/sign-in');
    return browser.submit('/sign-in', { email, password });
  };
  const fail = async (email: string, times: number) => {
    const answers = [];
    for (let i = 0; i < times; i++) answers.push(await attempt(email, WRONG));
    return answers.map((answer) => answer.status);
  };

  it('the fifth wrong password locks, and says for how long', async () => {
    const { email } = partnerLogin('amber', 'owner');
    assert.deepEqual(await fail(email, 5), [422, 422, 422, 422, 429]);
    const right = await attempt(email, PASSWORD);
    assert.equal(right.status, 429);
    assert.match(right.text, /Try again in 15 min/);
    assert.equal(right.get('Retry-After'), '900');
    assert.ok(right.text.includes(email), 'what was typed stays');
    assert.equal(
      (await attempt(partnerLogin('amber', 'manager').email, PASSWORD)).status,
      303,
      'nobody else is locked',
    );
  });

  it('an e-mail that nobody has locks just the same', async () => {
    assert.deepEqual(await fail('nobody@example.test', 6), [422, 422, 422, 422, 429, 429]);
  });

  it('holds for the API too, as a problem document', async () => {
    const { email } = partnerLogin('amber', 'owner');
    await fail(email, 5);
    const answer = await portals.partner
      .browser()
      .api('post', '/tokens', { body: { email, password: PASSWORD } });
    assert.equal(answer.status, 429);
    assert.equal(answer.type, 'application/problem+json');
    assert.equal(answer.body.code, 'locked');
    assert.ok(Number(answer.get('Retry-After')) > 800);
  });

  it('each further lock is twice as long', async () => {
    const { email } = partnerLogin('amber', 'owner');
    const minutes: number[] = [];
    for (let i = 0; i < 3; i++) {
      await fail(email, 5);
      const [row] = await portals.sql<{ left: number }>(
        "select round((expire - extract(epoch from now()) * 1000) / 60000)::int as left from partner_throttle where key like 'email:%'",
      );
      minutes.push(row!.left);
      await portals.sql("update partner_throttle set expire = 0 where key like 'email:%'");
    }
    assert.deepEqual(minutes, [15, 30, 60]);
  });

  it('a right password forgets the wrong ones', async () => {
    const { email } = partnerLogin('amber', 'owner');
    await fail(email, 4);
    assert.equal((await attempt(email, PASSWORD)).status, 303);
    assert.deepEqual(await fail(email, 4), [422, 422, 422, 422]);
  });

  it('guesses sent at once don’t slip through: at most five are looked at', async () => {
    const body = { email: partnerLogin('amber', 'owner').email, password: WRONG };
    const browser = portals.partner.browser();
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => browser.api('post', '/tokens', { body })),
    );
    const looked = answers.filter((answer) => answer.status === 401);
    assert.ok(looked.length <= 5, `${looked.length} were looked at`);
    assert.ok(answers.every((answer) => [401, 429].includes(answer.status)));
  });

  it('one address can’t try many e-mails', async () => {
    const statuses = [];
    for (let i = 0; i < 32; i++) {
      const body = { email: `nobody${i}@example.test`, password: WRONG };
      statuses.push((await portals.partner.browser().api('post', '/tokens', { body })).status);
    }
    assert.equal(statuses.filter((status) => status === 401).length, 30);
    assert.deepEqual(statuses.slice(30), [429, 429]);
  });

  it('writes are counted by session', async () => {
    const [one, two] = [
      await portals.signIn(partnerLogin('amber', 'owner')),
      await portals.signIn(partnerLogin('amber', 'manager')),
    ];
    await one.get('/profile');
    await two.get('/profile');
    const statuses = [];
    for (let i = 0; i < 22; i++) statuses.push((await one.submit('/profile/password')).status);
    assert.deepEqual(new Set(statuses.slice(0, 20)), new Set([422]));
    assert.deepEqual(statuses.slice(20), [429, 429]);
    assert.equal((await two.submit('/profile/password')).status, 422);
    assert.equal((await one.get('/profile')).status, 200, 'reading goes on');
  });

  it('password mails are counted', async () => {
    const statuses = [];
    for (let i = 0; i < 5; i++) {
      const browser = portals.partner.browser();
      await browser.get('/password-reset');
      statuses.push((await browser.submit('/password-reset', { email: `someone${i}@example.test` })).status);
    }
    assert.deepEqual(statuses, [200, 200, 200, 429, 429]);
  });

  it('the table holds no e-mail', async () => {
    await fail('nobody@example.test', 1);
    const rows = await portals.sql<{ key: string }>('select key from partner_throttle');
    assert.ok(rows.length > 0);
    assert.ok(rows.every(({ key }) => !key.includes('@')));
  });

  it('one /64 of IPv6 is one address', () => {
    assert.equal(networkOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2');
    assert.equal(networkOf('2001:db8:1:2::9'), '2001:db8:1:2');
    assert.equal(networkOf('2001:db8::9'), '2001:db8:0:0');
    assert.equal(networkOf('::ffff:203.0.113.7'), '203.0.113.7');
    assert.equal(networkOf('203.0.113.7'), '203.0.113.7');
  });
});
