import assert from 'node:assert/strict';
import { type Browser, partnerLogin, startPortals, type TestPortals } from '../support/http.ts';

const FORM = 'application/x-www-form-urlencoded';
const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

describe('malformed requests', () => {
  let portals: TestPortals;
  let browser: Browser;
  let token: string;
  before(async () => {
    portals = await startPortals();
    browser = await portals.signIn(partnerLogin('amber', 'owner'));
    token = await portals.token(partnerLogin('amber', 'owner'));
    await browser.get('/profile');
  });
  after(() => portals.close());

  const bodies: [
    name: string,
    type: string,
    body: string | Buffer,
    status: number,
    code: string,
    field?: string,
  ][] = [
    ['a field twice', FORM, 'email=a%40b.test&email=c%40d.test', 400, 'duplicate-parameter', 'email'],
    ['a field and a list of its name', FORM, 'ids=1&ids[]=2', 400, 'duplicate-parameter', 'ids'],
    ['an operator object', FORM, 'email[$ne]=x', 400, 'bad-name', 'email[$ne]'],
    ['__proto__', FORM, '__proto__=x', 400, 'reserved-name', '__proto__'],
    ['constructor', FORM, 'constructor=x', 400, 'reserved-name', 'constructor'],
    ['__proto__ as a list', FORM, '__proto__[]=x', 400, 'reserved-name', '__proto__'],
    ['NUL', FORM, 'email=a%00b', 400, 'nul-character', 'email'],
    ['bad percent-encoding', FORM, 'email=%zz', 400, 'bad-encoding', 'email'],
    ['percent-encoded bad UTF-8', FORM, 'email=%ff%fe', 400, 'bad-encoding', 'email'],
    ['raw bad UTF-8', FORM, Buffer.from([0x61, 0x3d, 0xff, 0xfe]), 400, 'bad-encoding'],
    ['half a surrogate pair', FORM, 'email=%ed%a0%80', 400, 'bad-encoding', 'email'],
    [
      'three thousand fields',
      FORM,
      Array.from({ length: 3000 }, (_, i) => `f${i}=1`).join('&'),
      400,
      'too-many-parameters',
    ],
    ['10 MB', FORM, `email=${'a'.repeat(10_000_000)}`, 413, 'too-large'],
    ['another charset', `${FORM}; charset=iso-8859-1`, 'email=a', 415, 'unsupported-encoding'],
    ['JSON cut short', 'application/json', '{"email":', 400, 'bad-json'],
    ['JSON that is a string', 'application/json', '"x"', 400, 'bad-json'],
    ['deep JSON', 'application/json', deep(40), 400, 'too-deep', 'a'],
    ['very deep JSON', 'application/json', deep(15_000), 400, 'too-deep', 'a'],
    [
      '__proto__ in JSON',
      'application/json',
      '{"__proto__":{"role":"owner"}}',
      400,
      'reserved-name',
      '__proto__',
    ],
    [
      'constructor deep in JSON',
      'application/json',
      '{"a":[{"constructor":1}]}',
      400,
      'reserved-name',
      'a.0.constructor',
    ],
    ['NUL in JSON', 'application/json', '{"email":"a\\u0000b"}', 400, 'nul-character', 'email'],
    [
      'half a surrogate pair in JSON',
      'application/json',
      '{"email":"\\ud800"}',
      400,
      'bad-encoding',
      'email',
    ],
    [
      'bad UTF-8 in JSON',
      'application/json',
      Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
      400,
      'bad-encoding',
    ],
    ['200 kB of JSON', 'application/json', `{"a":"${'x'.repeat(200_000)}"}`, 413, 'too-large'],
    ['JSON in UTF-16', 'application/json; charset=utf-16', '{}', 415, 'unsupported-encoding'],
  ];
  for (const [name, type, body, status, code, field] of bodies) {
    it(`${name}: ${status} ${code}`, async () => {
      const send = (path: string, accept: string) =>
        browser
          .raw('post', path)
          .set({ 'Content-Type': type, Accept: accept })
          .serialize((sent: unknown) => sent as string)
          .send(body as string);
      const problem = await send('/api/v1/tokens', 'application/json').ok(() => true);
      assert.equal(problem.status, status, problem.text);
      assert.equal(problem.type, 'application/problem+json');
      assert.equal(problem.body.code, code);
      if (field) assert.equal(problem.body.errors?.[0]?.field, field);
      const page = await send('/profile/password', 'text/html').ok(() => true);
      assert.equal(page.status, status);
      assert.match(page.text, /<html/);
    });
  }

  for (const [query, code] of [
    ['q=1&q=2', 'duplicate-parameter'],
    ['q[a]=1', 'bad-name'],
    ['q=%00', 'nul-character'],
    ['q=%ff', 'bad-encoding'],
    ['__proto__=1', 'reserved-name'],
  ] as const) {
    it(`?${query}: 400 ${code}`, async () => {
      const answer = await browser
        .raw('get', `/api/v1/branches?${query}`)
        .set('Authorization', `Bearer ${token}`)
        .ok(() => true);
      assert.equal(answer.status, 400);
      assert.equal(answer.body.code, code);
      assert.equal((await browser.get(`/branches?${query}`)).status, 400);
    });
  }

  const types: [string, object, string][] = [
    ['a number for a string', { email: 5, password: 'x' }, 'email'],
    ['an operator object', { email: { $ne: null }, password: 'x' }, 'email'],
    ['a list', { email: ['a@b.test'], password: 'x' }, 'email'],
    ['null', { email: null, password: 'x' }, 'email'],
    ['nothing', { password: 'x' }, 'email'],
    ['no address', { email: 'nobody', password: 'x' }, 'email'],
    ['too long', { email: `${'a'.repeat(300)}@b.test`, password: 'x' }, 'email'],
    ['a field that isn’t known', { email: 'a@b.test', password: 'x', role: 'owner' }, 'role'],
    ['an id that is none', { email: 'a@b.test', password: 'x', marketId: '1' }, 'marketId'],
  ];
  for (const [name, body, field] of types) {
    it(`${name}: 422 naming ${field}`, async () => {
      const answer = await browser.api('post', '/tokens', { body });
      assert.equal(answer.status, 422, answer.text);
      assert.deepEqual(
        answer.body.errors.map((each: { field: string }) => each.field),
        [field],
      );
      assert.doesNotMatch(answer.body.errors[0].message, /^[a-z]+:/, 'a sentence, not a key');
    });
  }

  it('a foreign, an unknown and a malformed id get one and the same answer', async () => {
    const foreign = (
      await portals.sql<{ id: string }>("select id from branch where name_en like '%basil%' limit 1")
    )[0]!.id;
    const ids = [
      foreign,
      '01900000-0000-7000-8000-00000000dead',
      'x',
      '1',
      "' or 1=1",
      '%FF',
      '..%2f..%2fetc',
      'A'.repeat(2000),
    ];
    const bare = (text: string) =>
      text
        .replace(/nonce="[^"]+"/g, '')
        .replace(/[0-9a-f.]{60,}/g, '')
        .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '')
        .replace(/(name="back" value)="[^"]*"/g, '');
    const json: string[] = [];
    const pages: string[] = [];
    for (const id of ids) {
      const answer = await browser
        .raw('get', `/api/v1/branches/${encodeURI(id)}`)
        .set('Authorization', `Bearer ${token}`)
        .ok(() => true);
      assert.equal(answer.status, 404, id);
      json.push(bare(answer.text));
      const page = await browser.get(`/branches/${encodeURI(id)}`);
      assert.equal(page.status, 404, id);
      pages.push(bare(page.text));
    }
    assert.equal(new Set(json).size, 1);
    assert.equal(new Set(pages).size, 1);
  });

  it('cookies that are nonsense hurt nobody', async () => {
    for (const value of ['j:{"a":1}', '%', 'a=b=c', '"', '{}']) {
      const stranger = portals.partner.browser();
      for (const what of ['csrf', 'flash', 'access', 'refresh', 'choice'])
        stranger.cookies.set(`__Host-bulkhead-partner-${what}`, value);
      assert.ok((await stranger.get('/sign-in')).status < 500);
      assert.ok(
        (
          await stranger
            .raw('post', '/sign-in')
            .type('form')
            .send('a=1')
            .ok(() => true)
        ).status < 500,
      );
    }
  });
});
