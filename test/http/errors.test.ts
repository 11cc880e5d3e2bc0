import assert from 'node:assert/strict';
import { Router } from 'express';
import { z } from 'zod';
import { operation } from '../../server/http/api.ts';
import { partner } from '../../server/portals/partner.ts';
import { type Browser, partnerLogin, startPortals, type TestPortals } from '../support/http.ts';
import { amber } from '../support/two-markets.ts';

const SECRET = 'select secret_column from secret_table';

/** Ways to fail that no real route has. */
const failures: Record<string, (req: import('express').Request) => unknown> = {
  thrown: () => {
    throw new Error(SECRET);
  },
  rejected: () => Promise.reject(new TypeError(SECRET)),
  'no-error': () => Promise.reject(SECRET),
  nothing: () => Promise.reject(undefined),
  'bad-query': (req) => req.db.branch.findMany({ where: { secret_column: SECRET } as never }),
  sql: (req) => req.db.$queryRaw`select secret_column from secret_table`,
  status: () => Promise.reject(Object.assign(new Error(SECRET), { status: 'x', expose: true })),
  duplicate: async (req) => {
    const row = { nameEn: 'a', nameAr: 'a', id: amber.branch };
    await req.db.branch.create({ data: row });
  },
  refused: (req) => req.db.offerEvent.deleteMany({}),
  url: () => decodeURIComponent('%zz'),
};

const withFailures = {
  ...partner,
  routes: [
    ...partner.routes,
    () => {
      const router = Router();
      for (const [name, fail] of Object.entries(failures)) {
        router.get(`/fail/${name}`, async (req, res) => {
          await fail(req);
          res.end();
        });
      }
      return router;
    },
  ],
  operations: [
    ...partner.operations,
    () => [
      ...Object.entries(failures).map(([name, fail]) =>
        operation({
          method: 'get',
          path: `/fail/${name}`,
          tag: 'Test',
          summary: 'Fails',
          handler: (_db, { req }) => fail(req),
        }),
      ),
      operation({
        ...{ method: 'get', path: '/leaky', tag: 'Test', summary: 'Knows more than it declares' },
        response: z.object({ name: z.string(), inner: z.object({ id: z.string() }) }),
        handler: () => ({ name: 'a', passwordHash: SECRET, inner: { id: '1', secret: SECRET } }),
      }),
      operation({
        ...{ method: 'get', path: '/wrong', tag: 'Test', summary: 'Answers something else than it declares' },
        response: z.object({ name: z.string() }),
        handler: () => ({ name: 5, secret: SECRET }),
      }),
    ],
  ],
};

describe('errors', () => {
  let portals: TestPortals;
  let browser: Browser;
  let token: string;
  before(async () => {
    portals = await startPortals({ portals: { partner: withFailures } });
    browser = await portals.signIn(partnerLogin('amber', 'owner'));
    token = await portals.token(partnerLogin('amber', 'owner'));
  });
  after(() => portals.close());

  const statuses: Record<string, number> = { duplicate: 409, refused: 403, url: 404 };

  for (const name of Object.keys(failures)) {
    it(`${name}: a receipt and a general sentence, nothing of what happened`, async () => {
      const page = await browser.get(`/fail/${name}`);
      const json = await browser.api('get', `/fail/${name}`, { token });
      for (const answer of [page, json]) {
        assert.equal(answer.status, statuses[name] ?? 500, answer.text);
        assert.doesNotMatch(answer.text, /secret|select|prisma|node_modules|\.ts:|^\s+at \S+ \(/im);
        assert.ok(answer.text.includes(answer.get('X-Request-Id')!));
      }
      assert.equal(json.type, 'application/problem+json');
    });
  }

  it('an operation answers what it declares and no more; another shape is a 500 that tells nothing', async () => {
    const cut = await browser.api('get', '/leaky', { token });
    assert.deepEqual(cut.body, { name: 'a', inner: { id: '1' } });
    const wrong = await browser.api('get', '/wrong', { token });
    assert.equal(wrong.status, 500);
    assert.doesNotMatch(wrong.text, /secret|expected string/i);
  });

  it('speaks the reader’s language', async () => {
    const arabic = await portals.partner
      .browser()
      .api('get', '/branches', { headers: { 'Accept-Language': 'ar' } });
    assert.equal(arabic.status, 401);
    assert.match(arabic.body.title, /[\u0600-\u06ff]/);
    assert.equal(arabic.body.code, 'unauthorized');
  });

  it('a database that is gone: 503 with Retry-After; the process itself lives on', async () => {
    const other = await startPortals();
    const otherToken = await other.token(partnerLogin('amber', 'owner'));
    await other.database.drop();
    const answer = await other.partner.browser().api('get', '/branches', { token: otherToken });
    assert.equal(answer.status, 503, answer.text);
    assert.equal(answer.get('Retry-After'), '2');
    assert.equal((await other.partner.browser().get('/healthz')).status, 200);
    assert.equal((await other.partner.browser().get('/readyz')).status, 503);
    await other.close();
  });
});
