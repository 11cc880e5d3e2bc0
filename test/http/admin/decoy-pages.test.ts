import assert from 'node:assert/strict';
import { withClient } from '../../../server/db/setup/connect.ts';
import { decoyJob } from '../../../server/jobs/decoy.job.ts';
import { DECOY_MARKET } from '../../../server/market/scoping/decoy-market.ts';
import { visit } from '../../support/crawler/pages.ts';
import { enter, type Person } from '../../support/crawler/people.ts';
import { fill, type Route, routesOf } from '../../support/crawler/routes.ts';
import { DECOY_IDS, DECOY_MARKER, fillDecoy } from '../../support/decoy-rows.ts';
import { startPortals, type TestPortals } from '../../support/http.ts';
import { amber, staff } from '../../support/two-markets.ts';

/** What differs between two looks at the same page: tokens, and how long something took. */
const steady = (text: string): string =>
  text
    .replace(/(nonce|name="_csrf" value)="[^"]*"/g, '')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) =>
      id.startsWith('01900000') ? id : '',
    )
    .replace(/in [\d,]+ ms|"(at|durationMs)":("[^"]*"|\d+)/g, '');

/** The platform's own trail, which each look makes longer: no market has a part in it. */
const PLATFORM = /\/audit\/platform/;

describe('the decoy market, as staff look at everything', function () {
  this.timeout(300_000);
  let portals: TestPortals;
  let operator: Person;
  let routes: Route[];
  let mark: string;
  let ids: string[];
  let earlier: ReadonlyMap<string, string>;

  before(async () => {
    portals = await startPortals();
    operator = await enter(portals, 'operator');
    routes = routesOf(portals.admin.server);
    earlier = await look();
    const { database, decoy } = portals.partner.deps;
    const quiet = { debug() {}, info() {}, warn() {}, error() {} };
    const run = { attempt: 1, isLastAttempt: false, signal: new AbortController().signal };
    await decoyJob({ database, decoy, logger: quiet })({}, run);
    mark = decoy.mark!;
    await portals.admin.deps.decoy.refresh();
    ids = await withClient(portals.database.superuserUrl, fillDecoy);
  });
  after(() => portals?.close());

  const shows = (text: string) =>
    [mark, DECOY_MARKET, DECOY_MARKER, DECOY_IDS].filter((sign) => text.includes(sign));
  const lists = () =>
    routes.filter(
      ({ method, path, params }) => method === 'GET' && params.length === 0 && path.startsWith('/api/'),
    );

  /** Every page that links lead to, and every list of the interface. */
  async function look(): Promise<Map<string, string>> {
    const { pages } = await visit(operator, routes);
    const seen = new Map(pages.map(({ address, answer }) => [address, answer.text]));
    for (const { path } of lists()) seen.set(path, (await operator.send({ method: 'GET', path })).text);
    return seen;
  }

  it('has rows of everything', async () => {
    assert.ok(ids.length > 20, String(ids.length));
    const [{ n }] = (await portals.sql<{ n: number }>(
      'select count(*)::int as n from offer where market_id = $1',
      [DECOY_MARKET],
    )) as [{ n: number }];
    assert.ok(n > 1);
  });

  it('is on no page and in no list, and in no number on one', async () => {
    const now = await look();
    assert.ok(now.size > 60, `${now.size} pages`);
    const wrong: string[] = [];
    for (const [address, text] of now) {
      wrong.push(...shows(text).map((sign) => `${address} shows ${sign}`));
      const before = earlier.get(address);
      if (before === undefined) wrong.push(`${address} was not there before`);
      else if (!PLATFORM.test(address) && steady(before) !== steady(text))
        wrong.push(`${address} is not as it was: ${difference(steady(before), steady(text))}`);
    }
    assert.deepEqual(wrong, []);
  });
  const difference = (one: string, other: string): string => {
    let at = 0;
    while (one[at] === other[at]) at++;
    return `${one.slice(at - 60, at + 60)} … ${other.slice(at - 60, at + 60)}`.replace(/\s+/g, ' ');
  };

  it('answers to none of its ids', async () => {
    const wrong: string[] = [];
    for (const route of routes.filter(({ method, params }) => method === 'GET' && params.length > 0)) {
      for (const id of [DECOY_MARKET, ...ids]) {
        const path = fill(
          route,
          route.params.map(() => id),
        );
        const { status, text } = await operator.send({ method: 'GET', path });
        const said = shows(text.replaceAll(path, '').replaceAll(id, ''));
        if (status < 300 || said.length > 0) wrong.push(`${path}: ${status} ${said.join(' ')}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('is nobody’s to ask about', async () => {
    const why = (query: Record<string, string>) =>
      operator.send({ method: 'GET', path: '/why', query: Object.entries({ verb: 'select', ...query }) });
    for (const table of ['market', 'branch', 'offer', 'shopper']) {
      const asStaff = { kind: 'staff', actorId: staff.operator, table, row: DECOY_MARKET };
      const ofTheirs = { kind: 'job', marketId: DECOY_MARKET, table, row: DECOY_MARKET };
      for (const query of [asStaff, ofTheirs]) {
        const { status, text } = await why(query);
        assert.equal(status, 422, `${table} as ${query.kind}`);
        assert.deepEqual(shows(text.replaceAll(DECOY_MARKET, '')), []);
      }
    }
    const there = await why({ kind: 'staff', actorId: staff.operator, table: 'offer', row: amber.offer });
    assert.equal(there.status, 200);
  });

  it('lets nobody of staff write into it', async () => {
    const digest = () =>
      portals.sql(
        `select md5(string_agg(o::text, '' order by o.id)) as offers, (select m::text from market m where id = $1) as market,
           (select count(*)::int from audit_entry where market_id = $1) as entries,
           (select count(*)::int from support_session where market_id = $1) as sessions,
           (select count(*)::int from limit_override where market_id = $1) as overrides
         from offer o where market_id = $1`,
        [DECOY_MARKET],
      );
    const before = await digest();
    const wrong: string[] = [];
    const reason = ['reason', 'because it has to be'] as const;
    for (const route of routes.filter(
      ({ method, path }) =>
        method !== 'GET' && !/sign-out|profile|tokens|isolation\/(probes|certificates)/.test(path),
    )) {
      for (const id of route.params.length > 0 ? [DECOY_MARKET, ...ids] : [DECOY_MARKET]) {
        const path = fill(
          route,
          route.params.map(() => id),
        );
        const fields = ['market', 'marketId', 'market_id', 'id'].map((name) => [name, id] as const);
        const body = path.startsWith('/api/')
          ? ({ kind: 'json', value: Object.fromEntries([reason, ...fields]) } as const)
          : ({ kind: 'form', fields: [['_csrf', operator.csrf], reason, ...fields] } as const);
        const { status, text } = await operator.send({ method: route.method, path, body });
        const said = shows(text.replaceAll(path, '').replaceAll(id, ''));
        if (route.params.length > 0 && status < 400) wrong.push(`${route.method} ${path}: ${status}`);
        if (said.length > 0) wrong.push(`${route.method} ${path} shows ${said.join(' ')}`);
      }
    }
    assert.deepEqual(wrong, []);
    assert.deepEqual(await digest(), before);
  });
});
