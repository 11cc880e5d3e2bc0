import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Router } from 'express';
import { watchedChannels, watchedLog, watchMail } from '../../server/decoy/watch-outgoing.ts';
import { decoyJob } from '../../server/jobs/decoy.job.ts';
import { DECOY_MARKET } from '../../server/market/scoping/decoy-market.ts';
import type { Message } from '../../server/messages/channel.ts';
import { partner } from '../../server/portals/partner.ts';
import type { Portal } from '../../server/portals/portal.ts';
import { partnerLogin, staffLogin, startPortals, type TestPortals } from '../support/http.ts';

/** A route as somebody might write it by mistake: SQL that names no market, streamed in two pieces. */
const leaking: Portal = {
  ...partner,
  routes: [
    () =>
      Router().get('/leak', async (req, res) => {
        if (req.query.file) res.attachment('offers.csv');
        const rows = await req.db.$queryRaw<
          { title_en: string }[]
        >`select title_en from offer order by title_en`;
        const text = rows.map((row) => row.title_en).join('\n');
        res.write(text.slice(0, text.indexOf('bhk') + 10));
        res.end(text.slice(text.indexOf('bhk') + 10));
      }),
    ...partner.routes,
  ],
};

describe('the decoy market', () => {
  let portals: TestPortals;
  let mark: string;
  const plant = () => {
    const { database, decoy } = portals.partner.deps;
    const quiet = { debug() {}, info() {}, warn() {}, error() {} };
    return decoyJob({ database, decoy, logger: quiet })(
      {},
      {
        attempt: 1,
        isLastAttempt: false,
        signal: new AbortController().signal,
      },
    );
  };
  const sightings = () =>
    portals.sql<{ place: string; viewer_market: string; receipt: string; route: string }>(
      `select * from decoy_sighting where acknowledged_at is null and receipt not like 'marker%' order by at, id`,
    );
  const forget = () =>
    portals.sql(`update decoy_sighting set acknowledged_at = now(), acknowledged_by = $1`, [DECOY_MARKET]);
  const seen = async (count: number) => {
    for (let i = 0; i < 200 && (await sightings()).length < count; i++) await pause(20);
    return sightings();
  };

  before(async () => {
    portals = await startPortals({ portals: { partner: leaking } });
    await plant();
    mark = portals.partner.deps.decoy.mark!;
    await portals.admin.deps.decoy.refresh();
    await forget();
  });
  after(() => portals.close());

  it('is planted once, and looked after', async () => {
    assert.match(mark, /^bhk[0-9a-f]{24}$/);
    assert.equal(portals.admin.deps.decoy.mark, mark);
    await plant();
    const rows = await portals.sql('select title_en from offer where market_id = $1', [DECOY_MARKET]);
    assert.deepEqual(rows, [{ title_en: mark }]);
    assert.deepEqual(await sightings(), []);
  });

  it('is shown to nobody: not on staff’s pages either', async () => {
    const staff = await portals.signIn(staffLogin());
    const owner = await portals.signIn(partnerLogin('amber', 'owner'));
    for (const path of [
      '/',
      '/markets',
      '/offers',
      '/usage',
      '/devices',
      '/audit',
      `/markets?q=${mark}`,
      '/alarms',
    ]) {
      const { text, status } = await staff.get(path);
      assert.equal(status, 200, path);
      assert.ok(!text.replaceAll(`q=${mark}`, '').replaceAll(`value="${mark}"`, '').includes(mark), path);
    }
    assert.equal((await staff.get(`/markets/${DECOY_MARKET}`)).status, 404);
    for (const path of ['/', '/offers', '/branches'])
      assert.ok(!(await owner.get(path)).text.includes(mark), path);
    // A search for the mark itself shows it to whoever typed it: the alarm is right about that.
    await forget();
  });

  it('is no market that anybody can write into: the plan, counters and names stay', async () => {
    const { database } = portals.partner.deps;
    const scope = { surface: 'partner', marketId: DECOY_MARKET, receipt: 'test' } as const;
    const asPartner = database.direct({
      ...scope,
      actor: { kind: 'partner', id: DECOY_MARKET, role: 'owner', name: '' },
    });
    const { sql } = await import('../../server/db/direct.ts');
    await assert.rejects(asPartner.rows(sql`select app.plant_decoy()`), /./);
  });

  it('raises an alarm when a policy falls: in an answer cut in two, and in a file', async () => {
    const owner = await portals.signIn(partnerLogin('amber', 'owner'));
    assert.ok(!(await owner.get('/leak')).text.includes(mark));
    assert.deepEqual(await sightings(), []);
    await portals.sql('alter policy partner_select on offer using (true)');
    try {
      const leaked = await owner.get('/leak');
      assert.ok(leaked.text.includes(mark));
      const [sighting] = await seen(1);
      assert.equal(sighting?.place, 'answer');
      assert.equal(sighting?.receipt, leaked.headers['x-request-id']);
      assert.match(sighting!.route, /^GET \/leak$/);
      assert.ok(sighting?.viewer_market);
      await owner.get('/leak?file=1');
      assert.equal((await seen(2))[1]?.place, 'file');
    } finally {
      await portals.sql(
        'alter policy partner_select on offer using ((market_id = (select app.market_id())))',
      );
    }
  });

  it('keeps the alarm on every page until an operator acknowledges it', async () => {
    const support = await portals.signIn(staffLogin('support'));
    const operator = await portals.signIn(staffLogin());
    assert.match((await support.get('/markets')).text, /alarms are open/);
    const [first, second] = await sightings();
    const path = (row: unknown) => `/alarms/${(row as { id: string }).id}/acknowledgement`;
    await support.get('/alarms');
    assert.equal((await support.submit(path(first))).status, 403);
    await operator.get('/alarms');
    assert.equal((await operator.submit(path(first))).status, 303);
    assert.match((await operator.get('/markets')).text, /An alarm is open/);
    assert.equal((await operator.submit(path(second))).status, 303);
    assert.equal((await operator.submit(path(second))).status, 404);
    assert.doesNotMatch((await operator.get('/markets')).text, /An alarm is open|alarms are open/);
    const entries = await portals.sql(
      `select 1 from platform_audit_entry where action = 'alarm.acknowledge'`,
    );
    assert.equal(entries.length, 2);
  });

  it('is looked for in letters, their files, messages and the log', async () => {
    const { decoy } = portals.partner.deps;
    const letter = { from: '', to: '', subject: '', text: '', html: '' };
    const watched = watchedChannels(decoy, {
      email: { name: 'email', send: async () => ({ kind: 'sent', providerId: '1' }) },
      whatsapp: null,
    });
    const lines: string[] = [];
    const log = watchedLog({ write: (line) => void lines.push(line) }, () => decoy);
    const tell = async (what: string) => {
      watchMail(decoy, { ...letter, text: what });
      const file = {
        filename: 'a.csv',
        contentType: 'text/csv',
        content: Buffer.from(what).toString('base64'),
      };
      watchMail(decoy, { ...letter, attachments: [file] });
      await watched.email!.send({ title: what, marketId: DECOY_MARKET } as unknown as Message);
      log.write(what);
      await pause(50);
    };
    await tell('bhk');
    assert.deepEqual(await sightings(), []);
    await tell(`… ${mark} …`);
    const places = (await seen(4)).map(({ place }) => place).sort();
    assert.deepEqual(places, ['log', 'mail', 'mail', 'message']);
    assert.equal(lines.length, 2);
    await forget();
  });

  it('notices that its rows were changed, or that there are more of them', async () => {
    await portals.sql(`update branch set name_en = 'x' where market_id = $1`, [DECOY_MARKET]);
    await plant();
    assert.deepEqual(
      (await seen(1)).map(({ place, route }) => `${place} ${route}`),
      ['rows branch'],
    );
    await portals.sql(`update branch set name_en = $2 where market_id = $1`, [DECOY_MARKET, mark]);
    await forget();
  });
});
