import assert from 'node:assert/strict';
import { keyText } from '../../../server/public/publishable-key.ts';
import { isSeenInSupport } from '../../../server/support/sessions/support-paths.ts';
import { fill, type Route, routesOf } from '../../support/crawler/routes.ts';
import { type Browser, startPortals, type TestPortals } from '../../support/http.ts';
import { contents, openSession } from '../../support/support-sessions.ts';
import { amber, fixtureId } from '../../support/two-markets.ts';

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options'] as const;
/** In front of cookies: they mean nothing there. And files that are everybody's. */
const ELSEWHERE = /^\/(public|sync|hooks|assets|healthz|readyz)\b/;
const END = '/support-session/end';

/** A row of the market for each route's first id. */
const OWN: Readonly<Record<string, string>> = {
  offers: amber.offer,
  branches: amber.branch,
  team: amber.analyst,
  devices: amber.device,
  imports: fixtureId('import_job', 'amber'),
  images: fixtureId('image', 'amber'),
  messages: fixtureId('message_campaign', 'amber'),
  keys: amber.key,
  'access-log': amber.supportSession,
};

function addressOf(route: Route): string {
  const room = route.path.split('/').filter((part) => part !== 'api' && part !== 'v1')[1] ?? '';
  const values = route.params.map((name) =>
    name === 'slug' ? 'marker-amber-main' : (OWN[room] ?? amber.offer),
  );
  return fill(route, values).replace(/\{\*\w+\}/, 'x');
}

describe('a support session, on every route by every method', function () {
  this.timeout(240_000);
  let portals: TestPortals;
  let agent: Browser;
  let routes: Route[];
  before(async () => {
    portals = await startPortals();
    ({ agent } = await openSession(portals));
    routes = routesOf(portals.partner.server);
    assert.ok(routes.length > 150, `only ${routes.length} routes`);
  });
  after(() => portals?.close());

  it('changes no row, is answered no write, and never fails', async () => {
    await agent.get('/');
    const before = await contents(portals);
    const findings: string[] = [];
    let asked = 0;
    const paths = [...new Set(routes.map(addressOf))].filter((path) => path !== END);
    for (const path of paths) {
      for (const method of METHODS) {
        const sent = agent.raw(method, path).set({ Accept: 'text/html', 'Sec-Fetch-Site': 'same-origin' });
        if (!['get', 'head', 'options'].includes(method)) sent.type('form').send(`_csrf=${agent.csrf}`);
        const { status } = await sent.ok(() => true);
        asked += 1;
        const reads = method === 'get' || method === 'head';
        const expected = ELSEWHERE.test(path)
          ? status < 500
          : !reads
            ? status === 403
            : isSeenInSupport(path)
              ? [200, 303, 304, 404].includes(status)
              : status === 403;
        if (!expected) findings.push(`${method} ${path}: ${status}`);
      }
    }
    assert.deepEqual(findings, []);
    assert.deepEqual(await contents(portals), before);
    process.stdout.write(`        ${asked} requests to ${paths.length} addresses\n`);
  });

  it('is told what it may look at: each page that it may see exists', () => {
    const gets = routes.filter(({ method }) => method === 'GET').map(addressOf);
    const seen = gets.filter(isSeenInSupport);
    assert.ok(seen.length >= 25, seen.join(' '));
    const secret =
      /profile|password|keys|tokens|sign-in|invitations|exports|pairings|recipients|\/(new|edit)$|account|till/;
    assert.deepEqual(
      seen.filter((path) => secret.test(path)),
      [],
    );
  });

  it('finds no form on any page but its own end, and no way to a page that it may not see', async () => {
    const findings: string[] = [];
    const pages = [...new Set(routes.filter(({ method }) => method === 'GET').map(addressOf))].filter(
      isSeenInSupport,
    );
    let shown = 0;
    for (const path of pages) {
      const { status, text, headers } = await agent.get(path);
      if (status !== 200 || !/html/.test(headers['content-type'] ?? '')) continue;
      shown += 1;
      assert.match(text, /class="support-bar"/, path);
      assert.match(text, /<title>Support · /, path);
      assert.match(text, /favicon-support/, path);
      for (const [, action] of text.matchAll(/<form[^>]*method="post"[^>]*action="([^"]*)"/g))
        if (action !== END) findings.push(`${path}: form ${action}`);
      for (const [, href] of text.matchAll(/<a [^>]*href="(\/[^"]*)"/g))
        if (!isSeenInSupport(href!)) findings.push(`${path}: link ${href}`);
      for (const [button] of text.matchAll(/<button[^>]*(formaction|form="bulk)[^>]*>/g))
        findings.push(`${path}: ${button}`);
    }
    assert.deepEqual([...new Set(findings)], []);
    assert.ok(shown >= 20, `only ${shown} pages`);
  });

  it('is nothing to the API: its token is no Bearer token, and its cookie none either', async () => {
    const token = [...agent.cookies.values()].find((value) => value.startsWith('ey'))!;
    for (const path of ['/offers', '/market', '/access-log']) {
      assert.equal((await agent.api('get', path, { token })).status, 401);
      assert.equal((await agent.raw('get', `/api/v1${path}`).ok(() => true)).status, 403);
    }
    const key = { 'Bulkhead-Key': keyText(amber.key) };
    for (const path of ['/public/v1/me', '/public/v1/claims', '/sync/v1/pull', '/sync/v1/device']) {
      const sent = agent.raw('get', path).set({ ...key, Authorization: `Bearer ${token}` });
      const answer = await sent.ok(() => true);
      assert.ok([400, 401].includes(answer.status), `${path}: ${answer.text}`);
    }
    for (const name of ['access', 'refresh', 'choice']) {
      const thief = portals.partner.browser();
      thief.cookies.set(`__Host-bulkhead-partner-${name}`, token);
      assert.notEqual((await thief.get('/offers')).status, 200);
    }
  });
});
