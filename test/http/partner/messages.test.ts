import assert from 'node:assert/strict';
import request from 'supertest';
import { messageJob } from '../../../server/jobs/messages.job.ts';
import {
  type Browser,
  partnerLogin,
  staffLogin,
  startPortals,
  type TestPortals,
} from '../../support/http.ts';
import {
  clearMessages,
  insertReaders,
  mails,
  optOutPath,
  quotaUsed,
  type Reader,
  states,
  until,
} from '../../support/messages.ts';
import { amber, basil } from '../../support/two-markets.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

describe('Messages to shoppers', () => {
  let portals: TestPortals;
  let manager: Browser;
  let readers: Reader[];

  before(async () => {
    portals = await startPortals();
    manager = await portals.signIn(partnerLogin('amber'));
  });
  beforeEach(async () => {
    await clearMessages(portals.sql);
    readers = await insertReaders(portals.sql, amber, 4);
  });
  after(() => portals.close());

  /** What the queue would run. */
  const send = async (campaignId: string, marketId = amber.marketId) => {
    const { deps } = portals.partner;
    const job = messageJob({
      ...{ database: deps.database, open: deps.open!.database, channels: deps.open!.channels },
      ...{ messages: deps.messages, logger: quiet },
    });
    const { signal } = new AbortController();
    await job({ marketId, campaignId }, { attempt: 1, isLastAttempt: false, signal });
  };
  const draft = async (changes: object = {}): Promise<string> => {
    const fields = {
      offerId: amber.liveOffer,
      channels: ['email'],
      claimedDays: '',
      locale: '',
      ...changes,
    };
    await manager.get('/messages/new');
    const answer = await manager.submit('/messages', fields);
    assert.equal(answer.status, 303, answer.text);
    return answer.get('Location')!.split('/').at(-1)!;
  };
  const confirm = async (id: string, fields: Record<string, string> = {}) => {
    const page = await manager.get(`/messages/${id}`);
    const [, most = ''] = /name="most" value="(\d+)"/.exec(page.text) ?? [];
    return manager.submit(`/messages/${id}/confirmation`, { most, sendAt: '', ...fields });
  };
  const mailOf = async (email: string) => (await mails(portals.mailboxDir)).filter(({ to }) => to === email);

  it('go from a draft to the mailbox of everybody who opted in, once, each in their language', async () => {
    const id = await draft();
    const page = await manager.get(`/messages/${id}`);
    assert.equal(page.status, 200);
    assert.match(page.text, /4 messages/);
    assert.match(page.text, /Stop these messages/);
    assert.match(page.text, /إيقاف هذه الرسائل/);
    const confirmed = await confirm(id);
    assert.equal(confirmed.status, 303, confirmed.text);
    await send(id);
    await send(id);
    assert.deepEqual(await states(portals.sql, id), { sent: 4 });
    for (const [place, { email }] of readers.entries()) {
      const [mail, ...more] = await mailOf(email);
      assert.equal(more.length, 0);
      assert.match(mail!.text, place % 2 === 0 ? /See the offer/ : /عرض التفاصيل/);
      assert.equal(mail!.headers!['List-Unsubscribe-Post'], 'List-Unsubscribe=One-Click');
      assert.ok(mail!.text.includes(optOutPath(mail!)));
      assert.match(mail!.messageId!, /^<[0-9a-f-]{36}@localhost>$/);
    }
    const shown = await manager.get(`/messages/${id}`);
    assert.match(shown.text, /Sent/);
    const [campaign] = await portals.sql('select state, size from message_campaign where id = $1', [id]);
    assert.deepEqual(campaign, { state: 'sent', size: 4 });
    const trail = await portals.sql<{ action: string }>(
      `select action from audit_entry where subject_id = $1 order by at, id`,
      [id],
    );
    assert.deepEqual(trail.map(({ action }) => action).sort(), [
      'message.confirm',
      'message.create',
      'message.finish',
    ]);
    const [finish] = await portals.sql(
      `select actor_kind, on_behalf_of, changes from audit_entry where subject_id = $1 and action = 'message.finish'`,
      [id],
    );
    assert.deepEqual(finish, {
      ...{
        actor_kind: 'job',
        on_behalf_of: `member:${amber.manager}`,
        changes: { state: { after: 'sent' } },
      },
    });
  });

  it('pass over whoever opts out between confirming and sending, by the link, which a look alone does not press', async () => {
    const first = await draft();
    await confirm(first);
    await send(first);
    const { email, id: shopperId } = readers[0]!;
    const [mail] = await mailOf(email);
    const path = optOutPath(mail!);
    const second = await draft();
    await confirm(second);

    const { url } = portals.partner;
    const looked = await request(url).get(path).set('Accept', 'text/html');
    assert.equal(looked.status, 200);
    assert.match(looked.text, /<form method="post">/);
    assert.doesNotMatch(looked.text, new RegExp(email));
    const optedIn = async () =>
      (
        await portals.sql<{ at: Date | null }>(
          'select opted_in_at as at from shopper_contact where shopper_id = $1',
          [shopperId],
        )
      )[0]!.at;
    assert.ok(await optedIn());
    const pressed = await request(url)
      .post(path)
      .type('form')
      .set('Sec-Fetch-Site', 'cross-site')
      .send('List-Unsubscribe=One-Click');
    assert.equal(pressed.status, 200);
    assert.equal(await optedIn(), null);
    assert.equal((await request(url).post(path).type('form').send('List-Unsubscribe=One-Click')).status, 200);
    const notes = await portals.sql(
      `select 1 from audit_entry where action = 'shopper.opt-out' and subject_id = $1`,
      [shopperId],
    );
    assert.equal(notes.length, 1);

    await send(second);
    assert.deepEqual(await states(portals.sql, second), { sent: 3, skipped: 1 });
    assert.equal((await mailOf(email)).length, 1);
  });

  it('take a link for nothing but itself', async () => {
    const id = await draft();
    await confirm(id);
    await send(id);
    const path = optOutPath((await mailOf(readers[0]!.email))[0]!);
    const { url } = portals.partner;
    const other = path.slice(0, -3) + (path.endsWith('AAA') ? 'BBB' : 'AAA');
    for (const bad of [
      other,
      '/unsubscribe/x',
      `/unsubscribe/${'A'.repeat(67)}`,
      `${path}A`,
      path.slice(0, -1),
    ]) {
      assert.equal((await request(url).post(bad).type('form').send('')).status, 404, bad);
    }
    const [row] = await portals.sql(
      'select count(*)::int as count from shopper_contact where opted_in_at is null and shopper_id = any($1)',
      [readers.map(({ id }) => id)],
    );
    assert.deepEqual(row, { count: 0 });
  });

  it('hear an opt-out in a market that is suspended, too', async () => {
    const id = await draft();
    await confirm(id);
    await send(id);
    const path = optOutPath((await mailOf(readers[1]!.email))[0]!);
    await portals.sql(`update market set state = 'suspended' where id = $1`, [amber.marketId]);
    try {
      assert.equal((await request(portals.partner.url).post(path).type('form').send('')).status, 200);
    } finally {
      await portals.sql(`update market set state = 'active' where id = $1`, [amber.marketId]);
    }
    const [row] = await portals.sql('select opted_in_at from shopper_contact where shopper_id = $1', [
      readers[1]!.id,
    ]);
    assert.deepEqual(row, { opted_in_at: null });
  });

  it('wait for their time in the market’s time zone, and can be stopped until then', async () => {
    const id = await draft();
    const tomorrow = new Date(Date.now() + 27 * 3_600_000).toISOString().slice(0, 16);
    assert.equal((await confirm(id, { sendAt: tomorrow })).status, 303);
    await send(id);
    assert.deepEqual(await states(portals.sql, id), { queued: 4 });
    const [row] = await portals.sql<{ send_at: Date }>('select send_at from message_campaign where id = $1', [
      id,
    ]);
    assert.equal(row!.send_at.toISOString(), new Date(`${tomorrow}:00+03:00`).toISOString());
    assert.equal((await manager.submit(`/messages/${id}/cancellation`, {})).status, 303);
    assert.deepEqual(await states(portals.sql, id), { cancelled: 4 });
    await send(id);
    assert.deepEqual(await mailOf(readers[0]!.email), []);
  });

  it('say what is wrong beside its field', async () => {
    const answer = await manager.submit('/messages', {
      offerId: amber.offer,
      channels: ['email'],
      claimedDays: '',
      locale: '',
    });
    assert.equal(answer.status, 422);
    assert.match(answer.text, /This offer is not live/);
    for (const [fields, text] of [
      [{ offerId: basil.liveOffer }, /not on offer|offered|Choose/i],
      [{ channels: ['whatsapp'] }, /not set up here/],
      [{ channels: [] }, /Choose at least one channel/],
      [{ claimedDays: '0' }, /1/],
      [{ claimedDays: 'x' }, /./],
    ] as const) {
      const bad = await manager.submit('/messages', {
        ...{ offerId: amber.liveOffer, channels: ['email'], claimedDays: '', locale: '' },
        ...fields,
      });
      assert.equal(bad.status, 422, JSON.stringify(fields));
      assert.match(bad.text, text);
    }
    const id = await draft();
    assert.equal((await confirm(id, { sendAt: '2026-02-31T10:00' })).status, 422);
    assert.equal((await confirm(id, { sendAt: '2099-01-01T10:00' })).status, 422);
    await insertReaders(portals.sql, amber, 1);
    const grown = await manager.submit(`/messages/${id}/confirmation`, { most: '4', sendAt: '' });
    assert.equal(grown.status, 422);
    assert.match(grown.text, /More shoppers than you were shown/);
    assert.deepEqual(await states(portals.sql, id), {});
  });

  it('choose by language and by recent claims', async () => {
    const arabic = await draft({ locale: 'ar' });
    assert.match((await manager.get(`/messages/${arabic}`)).text, /2 messages/);
    const recent = await draft({ claimedDays: '30' });
    assert.match((await manager.get(`/messages/${recent}`)).text, /Nobody in this audience/);
  });

  it('are taken out of the month’s quota when they are confirmed, or refused as a whole', async () => {
    const used = () => quotaUsed(portals.sql, amber);
    await portals.sql('update plan set max_messages = 6');
    const first = await draft();
    assert.match((await manager.get(`/messages/${first}`)).text, /0 of 6 are used, 6 are left/);
    await confirm(first);
    assert.equal(await used(), 4);
    const second = await draft();
    assert.match((await manager.get(`/messages/${second}`)).text, /more than is left this month/);
    const refused = await confirm(second);
    assert.equal(refused.status, 422);
    assert.match(refused.text, /errors-summary|notice/);
    const token = await portals.token(partnerLogin('amber'));
    const api = portals.partner.browser();
    const answer = await api.api('post', `/messages/${second}/confirmation`, { token, body: {} });
    assert.deepEqual(
      [
        answer.status,
        answer.body.code,
        answer.body.limit,
        answer.body.use,
        answer.body.cap,
        answer.body.upgrade,
      ],
      [409, 'plan-limit', 'messages', 4, 6, '/usage'],
    );
    assert.deepEqual(
      [await used(), await states(portals.sql, second)],
      [4, {}],
      'nothing of it is left behind',
    );

    // Passed over and stopped: back in the quota. Two of four are sent.
    await portals.sql('update shopper_contact set opted_in_at = null where shopper_id = $1', [
      readers[0]!.id,
    ]);
    await send(first);
    assert.deepEqual(await states(portals.sql, first), { sent: 3, skipped: 1 });
    assert.equal(await used(), 3);
    const third = await draft({ locale: 'en' });
    assert.equal(
      (await confirm(third, { sendAt: new Date(Date.now() + 27 * 3_600_000).toISOString().slice(0, 16) }))
        .status,
      303,
    );
    assert.equal(await used(), 4);
    await manager.submit(`/messages/${third}/cancellation`, {});
    assert.equal(await used(), 3);
  });

  it('that are unknown stay counted, and cost once more when a person sends them again', async () => {
    const id = await draft();
    await confirm(id);
    await send(id);
    await portals.sql(
      `update message_recipient set state = 'unknown', sent_at = null where campaign_id = $1 and shopper_id = any($2)`,
      [...[id, readers.slice(0, 2).map((reader) => reader.id)]],
    );
    const page = await manager.get(`/messages/${id}`);
    assert.match(page.text, /Of 2 messages nobody knows/);
    const unknown = await manager.get(`/messages/${id}/recipients?state=unknown`);
    const [one, two] = [...unknown.text.matchAll(/recipients\/([0-9a-f-]{36})\/resolution/g)]
      .map(([, found]) => found!)
      .filter((found, place, all) => all.indexOf(found) === place);
    const settle = (recipient: string, verdict: string) =>
      manager.submit(`/messages/${id}/recipients/${recipient}/resolution`, { verdict });
    assert.equal((await settle(one!, 'sent')).status, 303);
    assert.equal(await quotaUsed(portals.sql, amber), 4);
    assert.equal((await settle(two!, 'again')).status, 303);
    assert.equal(await quotaUsed(portals.sql, amber), 5);
    assert.deepEqual(await states(portals.sql, id), { queued: 1, sent: 3 });
    // As if the first try had been long ago.
    await portals.sql(
      `update message_recipient set attempted_at = now() - interval '1 hour' where state = 'queued'`,
    );
    await send(id);
    assert.deepEqual(await states(portals.sql, id), { sent: 4 });
    const letters = (await Promise.all(readers.slice(0, 2).map(({ email }) => mailOf(email)))).map(
      (found) => found.length,
    );
    assert.deepEqual(letters.sort(), [1, 2]);
    const known = await settle(two!, 'sent');
    assert.equal(known.status, 409);
    assert.equal((await settle('01900000-0000-7000-8000-0000000000ff', 'sent')).status, 404);
    const trail = await portals.sql<{ action: string }>(
      `select action from audit_entry where subject_id = $1 and action in ('message.mark-sent', 'message.send-again') order by 1`,
      [id],
    );
    assert.deepEqual(
      trail.map(({ action }) => action),
      ['message.mark-sent', 'message.send-again'],
    );
  });

  it('show analysts counts and nobody', async () => {
    const id = await draft();
    await confirm(id);
    await send(id);
    const analyst = await portals.signIn(partnerLogin('amber', 'analyst'));
    const page = await analyst.get(`/messages/${id}`);
    assert.equal(page.status, 200);
    assert.match(page.text, />4</);
    assert.equal((await analyst.get(`/messages/${id}/recipients`)).status, 403);
    assert.equal((await analyst.get('/messages/new')).status, 403);
    const token = await portals.token(partnerLogin('amber', 'analyst'));
    const api = portals.partner.browser();
    assert.equal((await api.api('get', `/messages/${id}`, { token })).body.counts.sent, 4);
    assert.equal((await api.api('get', `/messages/${id}/recipients`, { token })).status, 403);
    assert.equal((await api.api('post', `/messages/${id}/cancellation`, { token })).status, 403);
  });

  it('show a manager addresses of those who still allow it, and staff none', async () => {
    const id = await draft();
    await confirm(id);
    await send(id);
    await portals.sql('update shopper_contact set opted_in_at = null where shopper_id = $1', [
      readers[0]!.id,
    ]);
    const page = await manager.get(`/messages/${id}/recipients`);
    assert.equal(page.status, 200);
    assert.doesNotMatch(page.text, new RegExp(readers[0]!.email));
    assert.match(page.text, new RegExp(readers[1]!.email));
    const staff = await portals.signIn(staffLogin());
    const across = await staff.get('/messages');
    assert.equal(across.status, 200);
    assert.doesNotMatch(across.text, /reader-/);
  });

  it('have twins in JSON, and are another market’s 404', async () => {
    const token = await portals.token(partnerLogin('amber'));
    const api = portals.partner.browser();
    const body = { offerId: amber.liveOffer, channels: ['email'] };
    const made = await api.api('post', '/messages', { token, body });
    assert.equal(made.status, 201, made.text);
    const { id } = made.body;
    const preview = await api.api('get', `/messages/${id}/preview`, { token });
    assert.equal(preview.body.size, 4);
    assert.equal(preview.body.previews.length, 2);
    const foreign = await portals.token(partnerLogin('basil'));
    for (const [method, path] of [
      ['get', `/messages/${id}`],
      ['get', `/messages/${id}/preview`],
      ['get', `/messages/${id}/recipients`],
      ['delete', `/messages/${id}`],
      ['post', `/messages/${id}/cancellation`],
    ] as const) {
      assert.equal((await api.api(method, path, { token: foreign })).status, 404, path);
    }
    const asked = { token: foreign, body: {} };
    assert.equal((await api.api('post', `/messages/${id}/confirmation`, asked)).status, 404);
    const confirmed = await api.api('post', `/messages/${id}/confirmation`, { token, body: { most: 4 } });
    assert.equal(confirmed.status, 202, confirmed.text);
    assert.equal((await api.api('post', `/messages/${id}/confirmation`, { token, body: {} })).status, 409);
    await until(
      () => states(portals.sql, id),
      (found) => found.queued === 4,
    );
  });

  it('leave nothing of a shopper behind who is deleted', async () => {
    const id = await draft();
    await confirm(id);
    await send(id);
    const { id: shopperId } = readers[0]!;
    const { database } = portals.partner.deps.open!;
    const { shopperScope } = await import('../../../server/shoppers/shopper-scope.ts');
    const { eraseShopper } = await import('../../../server/shoppers/shoppers.service.ts');
    await eraseShopper(database.direct(shopperScope(amber.marketId, shopperId, 'test')));
    const left = await portals.sql('select 1 from shopper_phone where shopper_id = $1', [shopperId]);
    assert.equal(left.length, 0);
    const [{ count } = { count: 0 }] = await portals.sql<{ count: number }>(
      'select count(*)::int as count from message_recipient where campaign_id = $1 and shopper_id is null and provider_digest is null',
      [id],
    );
    assert.equal(count, 1);
    assert.match((await manager.get(`/messages/${id}/recipients`)).text, /Account deleted/);
  });
});
