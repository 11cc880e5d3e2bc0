import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import request from 'supertest';
import { callbackData } from '../../../server/messages/whatsapp-channel.ts';
import { partnerLogin, startPortals, type TestPortals } from '../../support/http.ts';
import { clearMessages, insertReaders, type Reader } from '../../support/messages.ts';
import { amber, basil } from '../../support/two-markets.ts';
import { startWhatsApp, type TakenMessage, type WhatsAppServer } from '../../support/whatsapp-server.ts';

describe('What WhatsApp tells of its messages', () => {
  let portals: TestPortals;
  let whatsApp: WhatsAppServer;
  let readers: Reader[];
  const campaign = '01900000-0000-7000-8000-00000000c0de';

  before(async () => {
    whatsApp = await startWhatsApp();
    const { settings } = whatsApp;
    portals = await startPortals({
      env: {
        ...{
          WHATSAPP_URL: settings.url,
          WHATSAPP_TOKEN: settings.token,
          WHATSAPP_PHONE_ID: settings.phoneId,
        },
        ...{ WHATSAPP_APP_SECRET: settings.appSecret, WHATSAPP_VERIFY_TOKEN: settings.verifyToken },
      },
    });
  });
  beforeEach(async () => {
    await clearMessages(portals.sql);
    readers = await insertReaders(portals.sql, amber, 2);
    await portals.sql(
      `insert into message_campaign (market_id, id, offer_id, channels, member_id, state, send_at, size)
       values ($1, $2, $3, '{whatsapp}', $4, 'sending', now(), 2)`,
      [amber.marketId, campaign, amber.liveOffer, amber.manager],
    );
    await portals.sql(
      `insert into message_recipient (market_id, id, campaign_id, shopper_id, channel, locale, period, state, attempt_id, attempted_at)
       select $1, id, $2, id, 'whatsapp', 'en', '2026-05-01', 'sending', gen_random_uuid(), now() from unnest($3::uuid[]) as id`,
      [amber.marketId, campaign, readers.map(({ id }) => id)],
    );
  });
  after(async () => {
    await portals.close();
    await whatsApp.close();
  });

  const taken = (reader: Reader, changes: Partial<TakenMessage> = {}): TakenMessage => ({
    ...{ id: `wamid.${reader.id}`, to: reader.phone.slice(1) },
    callback: callbackData(amber.marketId, reader.id),
    template: { name: '', language: { code: 'en' }, components: [] },
    ...changes,
  });
  const post = (body: string, signature?: string) => {
    const asked = request(portals.partner.url)
      .post('/hooks/whatsapp')
      .set('Content-Type', 'application/json');
    if (signature !== undefined) asked.set('X-Hub-Signature-256', signature);
    return asked.send(body);
  };
  const tell = (message: TakenMessage, status: string, changes: object = {}) => {
    const { body, signature } = whatsApp.notification(message, status, changes);
    return post(body, signature);
  };
  const stateOf = async ({ id }: Reader) =>
    (await portals.sql<{ state: string }>('select state from message_recipient where id = $1', [id]))[0]!
      .state;

  it('is believed when the app’s secret signed it, and settles a message by itself', async () => {
    assert.equal((await tell(taken(readers[0]!), 'delivered')).status, 200);
    assert.equal(await stateOf(readers[0]!), 'delivered');
    assert.equal(await stateOf(readers[1]!), 'sending');
  });

  it('only moves on, in whatever order and however often it comes', async () => {
    for (const [status, expected] of [
      ['delivered', 'delivered'],
      ['sent', 'delivered'],
      ['delivered', 'delivered'],
      ['read', 'read'],
      ['failed', 'read'],
      ['delivered', 'read'],
    ]) {
      assert.equal((await tell(taken(readers[0]!), status!)).status, 200);
      assert.equal(await stateOf(readers[0]!), expected, status);
    }
  });

  it('says why a message failed', async () => {
    const errors = [{ code: 131026, title: 'Message undeliverable' }];
    await tell(taken(readers[0]!), 'failed', { errors });
    const [row] = await portals.sql('select state, reason from message_recipient where id = $1', [
      readers[0]!.id,
    ]);
    assert.deepEqual(row, { state: 'failed', reason: 'whatsapp-131026' });
  });

  it('is refused without the right signature over these very bytes', async () => {
    const { body, signature } = whatsApp.notification(taken(readers[0]!), 'read');
    const own = (secret: string, text = body) =>
      `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`;
    for (const forged of [
      undefined,
      '',
      'sha256=',
      own('another secret'),
      own(whatsApp.settings.appSecret, `${body} `),
      signature.slice(0, -1),
      signature.toUpperCase(),
      signature.replace('sha256=', 'sha1='),
      signature.replace('sha256=', ''),
    ]) {
      assert.equal((await post(body, forged)).status, 403, String(forged));
    }
    assert.equal((await post(body.replace('"read"', '"sent"'), signature)).status, 403);
    assert.equal(await stateOf(readers[0]!), 'sending');
  });

  it('can’t move another market’s message, nor one under another message’s id', async () => {
    await tell(taken(readers[0]!, { callback: callbackData(basil.marketId, readers[0]!.id) }), 'read');
    assert.equal(await stateOf(readers[0]!), 'sending');
    await tell(taken(readers[0]!), 'sent');
    await tell(taken(readers[0]!, { id: 'wamid.of-another-message' }), 'read');
    assert.equal(await stateOf(readers[0]!), 'sent');
    await tell(taken(readers[0]!), 'read');
    assert.equal(await stateOf(readers[0]!), 'read');
  });

  it('moves nothing that was never tried, and nothing of another number or field', async () => {
    await portals.sql(`update message_recipient set state = 'queued', attempt_id = null`);
    await tell(taken(readers[0]!), 'read');
    assert.equal(await stateOf(readers[0]!), 'queued');
    await portals.sql(`update message_recipient set state = 'sending', attempt_id = gen_random_uuid()`);
    const { body } = whatsApp.notification(taken(readers[0]!), 'read');
    for (const other of [
      body.replace(whatsApp.settings.phoneId, '1'),
      body.replace('"field":"messages"', '"field":"account_update"'),
      body.replace('whatsapp_business_account', 'page'),
      '{}',
      '[]',
      'null',
      '{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":{"messages":[{"from":"1"}]}}]}]}',
      body.replace(/"biz_opaque_callback_data":"[^"]*"/, '"biz_opaque_callback_data":"x:y"'),
    ]) {
      const signature = `sha256=${createHmac('sha256', whatsApp.settings.appSecret).update(other).digest('hex')}`;
      assert.equal((await post(other, signature)).status, 200, other);
    }
    assert.equal(await stateOf(readers[0]!), 'sending');
    const broken = '{"object":';
    const signature = `sha256=${createHmac('sha256', whatsApp.settings.appSecret).update(broken).digest('hex')}`;
    assert.equal((await post(broken, signature)).status, 400);
  });

  it('is asked for by a challenge, which only the right token gets back', async () => {
    const ask = (query: Record<string, string>) =>
      request(portals.partner.url).get('/hooks/whatsapp').query(query);
    const right = { 'hub.mode': 'subscribe', 'hub.challenge': '1158201444', 'hub.verify_token': 'verify-me' };
    const answer = await ask(right);
    assert.equal(answer.status, 200);
    assert.equal(answer.text, '1158201444');
    assert.match(answer.get('Content-Type')!, /^text\/plain/);
    for (const wrong of [
      { 'hub.verify_token': 'verify-m' },
      { 'hub.mode': 'unsubscribe' },
      { 'hub.challenge': '<script>' },
      { 'hub.challenge': '' },
    ]) {
      assert.equal((await ask({ ...right, ...wrong })).status, 403, JSON.stringify(wrong));
    }
    assert.equal((await request(portals.partner.url).get('/hooks/whatsapp')).status, 403);
  });

  it('is nothing that the admin portal, or an installation without the channel, would listen to', async () => {
    assert.notEqual((await request(portals.admin.url).get('/hooks/whatsapp')).status, 200);
    const without = await startPortals();
    try {
      const answer = await request(without.partner.url).post('/hooks/whatsapp').send({});
      assert.equal(answer.status, 404);
      const manager = await without.signIn(partnerLogin('amber'));
      assert.match((await manager.get('/messages/new')).text, /Not set up in this installation/);
    } finally {
      await without.close();
    }
  });

  it('has a channel in front of it that managers can choose', async () => {
    const manager = await portals.signIn(partnerLogin('amber'));
    const page = await manager.get('/messages/new');
    assert.doesNotMatch(page.text, /Not set up in this installation/);
  });
});
