import assert from 'node:assert/strict';
import request from 'supertest';
import { keyText } from '../../../server/public/publishable-key.ts';
import { operationsOf } from '../../support/crawler/openapi.ts';
import { isDevice, keyOf, type Route, routesOf } from '../../support/crawler/routes.ts';
import { callFor, needsToken, withOtherIds } from '../../support/crawler/till.ts';
import { secretsOf } from '../../support/device-drill.ts';
import { partnerLogin, startPortals, type TestPortals } from '../../support/http.ts';
import { everything } from '../../support/public-drill.ts';
import { insertShoppers } from '../../support/shoppers.ts';
import { pairedTill, type TestTill, type TillAnswer } from '../../support/till.ts';
import { amber, basil } from '../../support/two-markets.ts';

const FOREIGN = [basil.marketId, basil.device, basil.branch, basil.offer, basil.shopper, amber.secondBranch];

describe('crawler at the device surface', function () {
  this.timeout(180_000);
  let portals: TestPortals;
  let till: TestTill;
  let routes: Route[];
  let secrets: readonly string[];

  before(async () => {
    portals = await startPortals();
    routes = routesOf(portals.partner.server).filter(isDevice);
    secrets = await secretsOf(portals, 'till');
    till = await pairedTill(portals, amber);
    await till.get('/device');
  });
  after(() => portals?.close());

  const told = ({ headers, body }: TillAnswer, sent: unknown = {}): string[] => {
    const text = JSON.stringify([[...headers], body]);
    return secrets.filter((secret) => text.includes(secret) && !JSON.stringify(sent).includes(secret));
  };

  it('router table and OpenAPI document agree', async () => {
    const document = (await request(portals.partner.url).get('/sync/v1/openapi.json')).body;
    const documented = operationsOf(document, '/sync/v1').map(keyOf);
    const table = routes.map(keyOf).filter((key) => !key.endsWith('/openapi.json'));
    assert.deepEqual(documented.sort(), table.sort());
  });

  it('makes every route work for a till, and is told nothing that is not its own', async () => {
    assert.ok(routes.length >= 5 && secrets.length > 200);
    for (const route of routes) {
      const call = await callFor(route, till, portals);
      assert.ok(call, `nobody has said how a till asks ${keyOf(route)}: test/support/crawler/till.ts`);
      const answer = await till.send(call);
      assert.ok(answer.status < 300, `${keyOf(route)}: ${answer.status} ${JSON.stringify(answer.body)}`);
      assert.deepEqual(told(answer), [], keyOf(route));
    }
  });

  it('foreign ids in the place of one’s own reach nothing', async () => {
    let tried = 0;
    for (const route of routes) {
      for (const id of FOREIGN) {
        const call = await callFor(route, till, portals);
        for (const body of withOtherIds(call?.body, id)) {
          const answer = await till.send({ ...call!, body });
          assert.deepEqual(told(answer, body), [], `${keyOf(route)} with ${id}`);
          tried++;
        }
      }
    }
    assert.ok(tried >= 2 * FOREIGN.length);
  });

  /** All rows. Refusals are counted in one table, and reach it a second later: that is meant. */
  const rowsNow = () => everything(portals, ['partner_throttle']);

  /** Once what earlier requests left to be noted has been. */
  async function settled(): Promise<string> {
    for (let last = ''; ; ) {
      const now = await rowsNow();
      if (now === last) return now;
      last = now;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  it('lets nobody in but a till: neither a portal’s people, nor a shopper, nor a page with a key', async () => {
    const [shopper] = await insertShoppers(portals, amber, 1);
    const owner = await portals.signIn(partnerLogin('amber', 'owner'));
    const people: Record<string, Record<string, string>> = {
      nobody: {},
      'the owner’s cookies': { Cookie: owner.cookieHeader() },
      'the owner’s token': { Authorization: `Bearer ${await portals.token(partnerLogin('amber', 'owner'))}` },
      'a shopper': { 'Bulkhead-Key': keyText(amber.key), Authorization: `Bearer ${shopper!.token}` },
      'a key': { 'Bulkhead-Key': keyText(amber.key) },
      'the till’s token, as Bearer': { Authorization: `Bearer ${till.token}` },
      'the till’s token without a proof': { Authorization: `DPoP ${till.token}` },
    };
    const before = await settled();
    for (const route of routes.filter(needsToken)) {
      for (const [name, headers] of Object.entries(people)) {
        const method = route.method.toLowerCase() as 'get';
        const answer = await request(portals.partner.url)[method](route.path).set(headers).send();
        assert.equal(answer.status, 401, `${keyOf(route)} as ${name}`);
        assert.equal(answer.type, 'application/problem+json');
      }
    }
    assert.equal(await rowsNow(), before);
  });

  it('answers no page of another origin, sets no cookie, and is a problem document where nothing is', async () => {
    const asked = await request(portals.partner.url)
      .options('/sync/v1/pairings')
      .set({ Origin: 'https://elsewhere.example', 'Access-Control-Request-Method': 'POST' });
    const found = await request(portals.partner.url)
      .get('/sync/v1/openapi.json')
      .set({ Origin: 'https://elsewhere.example', Cookie: 'a=b' });
    const lost = await till.get('/nothing-here');
    for (const { headers } of [asked, found]) {
      assert.equal(headers['access-control-allow-origin'], undefined);
      assert.equal(headers['set-cookie'], undefined);
    }
    assert.deepEqual([lost.status, lost.body.code], [404, 'not-found']);
  });

  it('names the field of a bad body, and takes none that is too large or too deep', async () => {
    const cases: [string, unknown, number, string][] = [
      ['/pairings', {}, 422, 'code'],
      ['/pairings', { code: 7 }, 422, 'code'],
      ['/pairings', { code: 'x', more: 1 }, 422, 'more'],
      ['/challenges', { deviceId: 'x' }, 422, 'deviceId'],
      ['/tokens', { deviceId: till.deviceId }, 422, 'challenge'],
      [
        '/tokens',
        { deviceId: till.deviceId, challenge: 'x', state: { queueDepth: -1 } },
        422,
        'state.queueDepth',
      ],
      ['/tokens', { deviceId: till.deviceId, challenge: 'x', state: { clock: 'noon' } }, 422, 'state.clock'],
    ];
    for (const [path, body, status, field] of cases) {
      const answer = await till.send({ method: 'POST', path, token: null, body });
      assert.equal(answer.status, status, `${path} ${JSON.stringify(body)}`);
      assert.deepEqual(
        answer.body.errors.map((each: { field: string }) => each.field),
        [field],
      );
    }
    for (const [body, status] of [
      [{ code: 'x'.repeat(20_000) }, 413],
      [JSON.parse(`${'{"a":'.repeat(20)}1${'}'.repeat(20)}`), 400],
      [{ code: 'a\u0000b' }, 400],
    ] as const) {
      const answer = await till.send({ method: 'POST', path: '/pairings', token: null, body });
      assert.equal(answer.status, status, JSON.stringify(answer.body));
    }
  });

  it('speaks Arabic to who asks for it', async () => {
    const answer = await request(portals.partner.url).get('/sync/v1/device').set('Accept-Language', 'ar');
    assert.match(answer.body.title, /[\u0600-\u06ff]/);
  });
});
