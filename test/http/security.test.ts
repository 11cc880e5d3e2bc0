import assert from 'node:assert/strict';
import { createMailbox } from '../../server/mail/mailbox.ts';
import { type Browser, partnerLogin, staffLogin, startPortals, type TestPortals } from '../support/http.ts';

describe('what every answer carries', () => {
  let portals: TestPortals;
  before(async () => {
    portals = await startPortals();
  });
  after(() => portals.close());

  const policy = (header: string) =>
    Object.fromEntries(header.split(';').map((part) => part.trim().split(/ (.*)/).slice(0, 2)));

  for (const path of [
    '/sign-in',
    '/no-such-page',
    '/api/v1/nothing',
    '/healthz',
    '/assets/css/app.css',
    '/locale',
    '/docs?q=%00',
  ]) {
    it(`${path}: strict headers, no trace of what runs here`, async () => {
      const answer = await portals.partner.browser().get(path);
      const csp = policy(answer.get('Content-Security-Policy')!);
      assert.equal(csp['default-src'], "'none'");
      assert.match(csp['script-src']!, /^'self' 'nonce-[A-Za-z0-9+/]{22}=='$/);
      for (const directive of ['style-src', 'font-src', 'connect-src', 'form-action'])
        assert.equal(csp[directive], "'self'");
      for (const directive of ['frame-ancestors', 'base-uri']) assert.equal(csp[directive], "'none'");
      assert.doesNotMatch(answer.get('Content-Security-Policy')!, /unsafe|data:|https?:|\*/);
      assert.equal(answer.get('X-Content-Type-Options'), 'nosniff');
      assert.equal(answer.get('Cross-Origin-Opener-Policy'), 'same-origin');
      assert.equal(answer.get('Cross-Origin-Resource-Policy'), 'same-origin');
      assert.equal(answer.get('Strict-Transport-Security'), undefined);
      assert.equal(answer.get('X-Powered-By'), undefined);
      assert.match(answer.get('X-Request-Id')!, /^[0-9a-f-]{36}$/);
    });
  }

  it('a nonce is used once', async () => {
    const nonces = await Promise.all(
      [1, 2, 3].map(async () =>
        (await portals.partner.browser().get('/sign-in')).get('Content-Security-Policy'),
      ),
    );
    assert.equal(new Set(nonces).size, 3);
  });

  it('what a session sees is kept by no cache', async () => {
    const browser = await portals.signIn(partnerLogin('amber'));
    assert.equal((await browser.get('/profile')).get('Cache-Control'), 'private, no-store');
    assert.equal((await browser.get('/profile')).get('ETag'), undefined);
  });

  it('HSTS only where the address is https', async () => {
    const https = await startPortals({ env: { PUBLIC_URL: 'https://bulkhead.example' } });
    const answer = await https.partner.browser().get('/sign-in');
    assert.match(answer.get('Strict-Transport-Security')!, /max-age=31536000/);
    await https.close();
  });

  it('a request id sent by a client is ignored', async () => {
    const answer = await portals.partner.browser().get('/healthz', { 'X-Request-Id': 'mine' });
    assert.notEqual(answer.get('X-Request-Id'), 'mine');
  });

  it('/healthz and /readyz; ready no more once it drains', async () => {
    const browser = portals.admin.browser();
    assert.equal((await browser.get('/healthz')).status, 200);
    assert.equal((await browser.get('/readyz')).status, 200);
    const draining = await startPortals();
    draining.admin.deps.drain();
    assert.equal((await draining.admin.browser().get('/readyz')).status, 503);
    assert.equal((await draining.admin.browser().get('/healthz')).status, 200);
    await draining.close();
  });

  it('a page without a session: htmx is told to go to sign-in, a program gets 401', async () => {
    const browser = portals.partner.browser();
    const partial = await browser.get('/branches', { 'HX-Request': 'true', 'HX-Request-Type': 'partial' });
    assert.equal(partial.status, 401);
    assert.equal(partial.get('HX-Redirect'), '/sign-in?next=%2Fbranches');
    assert.equal((await browser.get('/branches', { Accept: 'application/json' })).status, 401);
  });

  it('pages of the other portal are not here', async () => {
    const [partner, staff] = [
      await portals.signIn(partnerLogin('amber', 'owner')),
      await portals.signIn(staffLogin()),
    ];
    assert.equal((await partner.get('/markets')).status, 404);
    assert.equal((await partner.get('/dev/mailbox')).status, 404);
    assert.equal((await staff.get('/team')).status, 404);
  });
});

describe('the API’s document', () => {
  let portals: TestPortals;
  before(async () => {
    portals = await startPortals();
  });
  after(() => portals.close());

  for (const [portal, login] of [
    ['partner', partnerLogin('amber', 'owner')],
    ['admin', staffLogin()],
  ] as const) {
    it(`${portal}: OpenAPI 3.1 with every operation, each with a summary, a tag and an answer`, async () => {
      const { body } = await portals[portal].browser().api('get', '/openapi.json');
      assert.equal(body.openapi, '3.1.0');
      const operations = Object.entries(
        body.paths as Record<string, Record<string, Record<string, unknown>>>,
      ).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, each]) => ({ path, method, each })),
      );
      assert.ok(operations.length >= 4);
      const ids = operations.map(({ each }) => each.operationId);
      assert.equal(new Set(ids).size, ids.length);
      for (const { path, each } of operations) {
        assert.ok(each.summary && (each.tags as string[])[0], path);
        const placeholders = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
        const declared = ((each.parameters ?? []) as { in: string; name: string }[])
          .filter((one) => one.in === 'path')
          .map((one) => one.name);
        assert.deepEqual(declared.sort(), placeholders.sort(), path);
      }
    });

    it(`${portal}: shown to whoever is signed in`, async () => {
      assert.equal((await portals[portal].browser().get('/docs')).status, 303);
      const browser = await portals.signIn(login);
      const page = await browser.get('/docs');
      assert.equal(page.status, 200);
      assert.ok(page.text.includes('/tokens/refresh'));
    });
  }
});

describe('the dev mailbox', () => {
  let portals: TestPortals;
  let staff: Browser;
  before(async () => {
    portals = await startPortals();
    staff = await portals.signIn(staffLogin('support'));
  });
  after(() => portals.close());

  it('lists and shows mail to staff, with links that can be clicked and markup that can’t run', async () => {
    assert.equal((await staff.get('/dev/mailbox')).status, 200);
    const text = 'See <script>alert(1)</script> http://localhost:3001/invitations/abc"onload=x and more';
    await createMailbox(portals.mailboxDir).write(
      { from: 'a', to: 'b@example.test', subject: 'Hello <b>', text, html: '' },
      new Date(),
    );
    const list = await staff.get('/dev/mailbox');
    assert.ok(list.text.includes('Hello &lt;b&gt;'));
    const [, path] = /href="(\/dev\/mailbox\/[^"]+)"/.exec(list.text)!;
    const mail = await staff.get(path!);
    assert.ok(mail.text.includes('<a href="http://localhost:3001/invitations/abc">'));
    assert.ok(!mail.text.includes('<script>alert'));
    assert.equal((await staff.get('/dev/mailbox/..%2f..%2fsecrets')).status, 404);
    assert.equal((await portals.admin.browser().get('/dev/mailbox')).status, 303);
  });

  it('is not there once mail really leaves', async () => {
    const real = await startPortals({ env: { MAIL_URL: 'smtp://127.0.0.1:1' } });
    const browser = await real.signIn(staffLogin());
    assert.equal((await browser.get('/dev/mailbox')).status, 404);
    assert.ok(!(await browser.get('/profile')).text.includes('/dev/mailbox'));
    await real.close();
  });
});
