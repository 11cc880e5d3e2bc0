import assert from 'node:assert/strict';
import { once } from 'node:events';
import { loadMessages } from '../../server/i18n/i18n.ts';
import { marketJobScope } from '../../server/jobs/job-scope.ts';
import { noteDelivery } from '../../server/messages/delivery.service.ts';
import { sendCampaign } from '../../server/messages/send-campaign.ts';
import { whatsAppChannel } from '../../server/messages/whatsapp-channel.ts';
import { readStatuses } from '../../server/messages/whatsapp-webhook.ts';
import { messages } from '../../server/paths.ts';
import { type MessageWorld, messageWorld, spawnSender } from '../support/message-world.ts';
import { clearMessages, insertReaders, quotaUsed, type Reader, states, until } from '../support/messages.ts';
import { amber } from '../support/two-markets.ts';
import { startWhatsApp, type TakenMessage } from '../support/whatsapp-server.ts';

describe('Messages when things break', () => {
  let world: MessageWorld;
  let readers: Reader[];

  before(async () => {
    world = await messageWorld();
  });
  beforeEach(async () => {
    await clearMessages(world.sql);
    world.whatsApp.taken.length = 0;
    world.whatsApp.behaviours.clear();
    readers = await insertReaders(world.sql, amber, 6);
  });
  after(() => world.close());

  const bare = ({ phone }: Reader) => phone.slice(1);
  const timesTaken = () => {
    const times = new Map<string, number>();
    for (const { to } of world.whatsApp.taken) times.set(to, (times.get(to) ?? 0) + 1);
    return times;
  };
  const webhook = async (message: TakenMessage, status: string) => {
    const { body } = world.whatsApp.notification(message, status);
    const [told] = readStatuses(JSON.parse(body), world.whatsApp.settings);
    return noteDelivery(world.partner, told!, 'test');
  };

  it('are known by the webhook alone when the process is killed between acceptance and record', async () => {
    const id = await world.campaign(amber);
    // Everybody's message is taken in, and nobody's answer arrives.
    for (const reader of readers) world.whatsApp.behaviours.set(bare(reader), ['hang']);
    const child = spawnSender(world, { marketId: amber.marketId, campaignId: id });
    await until(
      async () => world.whatsApp.taken.length,
      (taken) => taken >= 4,
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
    const atOnce = [...world.whatsApp.taken];
    assert.deepEqual(await states(world.sql, id), { queued: 2, sending: 4 });

    // The next process sends the rest, and asks nobody for the four a second time.
    world.whatsApp.behaviours.clear();
    await world.run(amber, id);
    assert.deepEqual(await states(world.sql, id), { sending: 4, sent: 2 });
    assert.equal(await webhook(atOnce[0]!, 'sent'), true);
    assert.equal(await webhook(atOnce[1]!, 'delivered'), true);
    assert.equal(await webhook(atOnce[1]!, 'delivered'), false, 'told twice, moved once');
    await world.run(amber, id, { lostAfter: 0 });
    assert.deepEqual(await states(world.sql, id), { delivered: 1, sent: 3, unknown: 2 });
    // Later than anybody waited, the webhook still settles it.
    assert.equal(await webhook(atOnce[2]!, 'read'), true);
    assert.deepEqual(await states(world.sql, id), { delivered: 1, read: 1, sent: 3, unknown: 1 });
    const [campaign] = await world.sql('select state from message_campaign where id = $1', [id]);
    assert.deepEqual(campaign, { state: 'sent' });
    assert.deepEqual([...timesTaken().values()], Array(6).fill(1));
  });

  it('are sent once by two processes and a third job at the same time', async () => {
    readers = [...readers, ...(await insertReaders(world.sql, amber, 60))];
    const id = await world.campaign(amber);
    const payload = { marketId: amber.marketId, campaignId: id };
    const children = [spawnSender(world, payload), spawnSender(world, payload)];
    const ends = children.map((child) => once(child, 'exit'));
    await Promise.all(children.map((child) => once(child, 'message')));
    await Promise.all([world.run(amber, id), world.run(amber, id), ...ends]);
    await world.run(amber, id);
    assert.deepEqual(await states(world.sql, id), { sent: 66 });
    assert.equal(world.whatsApp.taken.length, 66);
    assert.deepEqual(new Set(timesTaken().values()), new Set([1]));
  });

  it('are unknown, and not sent again, when a connection breaks after the message was taken in', async () => {
    const id = await world.campaign(amber);
    world.whatsApp.behaviours.set(bare(readers[0]!), ['break']);
    world.whatsApp.behaviours.set(bare(readers[1]!), ['gateway']);
    await world.run(amber, id);
    await world.resume(id);
    await world.run(amber, id);
    assert.deepEqual(await states(world.sql, id), { sent: 4, unknown: 2 });
    assert.deepEqual(new Set(timesTaken().values()), new Set([1]));
  });

  it('wait at a rate limit for as long as the provider asks, and go on where they stopped', async () => {
    for (const [limit, asked] of [
      [{ error: 130429, status: 429, retryAfter: 120 }, 120],
      [{ error: 80007, status: 429 }, 60],
    ] as const) {
      await clearMessages(world.sql);
      world.whatsApp.taken.length = 0;
      readers = await insertReaders(world.sql, amber, 6);
      const id = await world.campaign(amber);
      world.whatsApp.behaviours.set('*', Array(6).fill(limit));
      await world.run(amber, id);
      const first = await states(world.sql, id);
      assert.deepEqual(first, { queued: 6 });
      world.whatsApp.behaviours.clear();
      const [paused] = await world.sql<{ trouble: string; seconds: number }>(
        `select trouble, extract(epoch from resume_at - now())::int as seconds from message_campaign where id = $1`,
        [id],
      );
      assert.equal(paused!.trouble, 'limit');
      assert.ok(Math.abs(paused!.seconds - asked) <= 5, `${paused!.seconds}`);
      await world.run(amber, id);
      assert.deepEqual(await states(world.sql, id), first, 'nothing moves before that');
      await world.resume(id);
      await world.run(amber, id);
      assert.deepEqual(await states(world.sql, id), { sent: 6 });
      assert.deepEqual(new Set(timesTaken().values()), new Set([1]));
    }
  });

  it('stop at an expired token without failing anybody, and say so', async () => {
    const id = await world.campaign(amber);
    world.whatsApp.behaviours.set('*', Array(6).fill({ error: 190, status: 401 }));
    await world.run(amber, id);
    assert.deepEqual(await states(world.sql, id), { queued: 6 });
    const [campaign] = await world.sql('select state, trouble from message_campaign where id = $1', [id]);
    assert.deepEqual(campaign, { state: 'sending', trouble: 'access' });
    world.whatsApp.behaviours.clear();
    await world.resume(id);
    await world.run(amber, id);
    assert.deepEqual(await states(world.sql, id), { sent: 6 });
    const [over] = await world.sql('select state, trouble from message_campaign where id = $1', [id]);
    assert.deepEqual(over, { state: 'sent', trouble: null });
  });

  it('fail for a wrong number alone, and try again after an error of the provider’s', async () => {
    const id = await world.campaign(amber);
    world.whatsApp.behaviours.set(bare(readers[0]!), [{ error: 131026, status: 400 }]);
    world.whatsApp.behaviours.set(bare(readers[1]!), [{ error: 131009, status: 400 }]);
    world.whatsApp.behaviours.set(bare(readers[2]!), [
      { error: 131016, status: 500 },
      { error: 131000, status: 500 },
    ]);
    await world.run(amber, id);
    assert.deepEqual(await states(world.sql, id), { failed: 2, queued: 1, sent: 3 });
    for (let turn = 0; turn < 2; turn++) {
      await world.resume(id);
      await world.run(amber, id);
    }
    assert.deepEqual(await states(world.sql, id), { failed: 2, sent: 4 });
    const reasons = await world.sql<{ reason: string }>(
      `select reason from message_recipient where campaign_id = $1 and state = 'failed' order by reason`,
      [id],
    );
    assert.deepEqual(
      reasons.map(({ reason }) => reason),
      ['whatsapp-131009', 'whatsapp-131026'],
    );
  });

  it('end for a shopper who stopped them in the app itself', async () => {
    const id = await world.campaign(amber);
    world.whatsApp.behaviours.set(bare(readers[0]!), [{ error: 131050, status: 400 }]);
    await world.run(amber, id);
    const [row] = await world.sql('select opted_in_at from shopper_phone where shopper_id = $1', [
      readers[0]!.id,
    ]);
    assert.deepEqual(row, { opted_in_at: null });
  });

  it('wait when the provider can’t be reached at all, because then nothing was taken in', async () => {
    const id = await world.campaign(amber);
    const closed = await startWhatsApp();
    await closed.close();
    const settings = { ...world.whatsApp.settings, url: closed.settings.url };
    await sendCampaign(
      {
        ...{
          direct: world.partner.direct(marketJobScope(amber.marketId, id)),
          open: world.open,
          lostAfter: 300,
        },
        ...{
          channels: { email: null, whatsapp: whatsAppChannel(settings) },
          messages: loadMessages(messages),
        },
        signal: new AbortController().signal,
      },
      id,
    );
    assert.deepEqual(await states(world.sql, id), { queued: 6 });
    const [campaign] = await world.sql('select trouble from message_campaign where id = $1', [id]);
    assert.deepEqual(campaign, { trouble: 'provider' });
  });

  it('are sent to nobody any more once they are stopped, or their offer has ended', async () => {
    const id = await world.campaign(amber);
    world.whatsApp.behaviours.set('*', Array(6).fill({ error: 130429, status: 429 }));
    await world.run(amber, id);
    await world.sql('update offer set ended_at = now() where id = $1', [amber.liveOffer]);
    try {
      await world.resume(id);
      const before = world.whatsApp.taken.length;
      await world.run(amber, id);
      assert.equal(world.whatsApp.taken.length, before);
      const [campaign] = await world.sql('select state, trouble from message_campaign where id = $1', [id]);
      assert.deepEqual(campaign, { state: 'cancelled', trouble: 'offer' });
      assert.equal((await states(world.sql, id)).queued, undefined);
    } finally {
      await world.sql('update offer set ended_at = null where id = $1', [amber.liveOffer]);
    }
  });

  it('fit the quota exactly, however many managers confirm at once', async () => {
    await world.sql('update plan set max_messages = 20');
    const drafts = await Promise.all(Array.from({ length: 10 }, () => world.draft(amber)));
    const results = await Promise.allSettled(drafts.map((id) => world.confirm(amber, id)));
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 3);
    for (const result of results)
      if (result.status === 'rejected') assert.equal(result.reason.code, 'plan-limit');
    assert.equal(await quotaUsed(world.sql, amber), 18);
    const [row] = await world.sql('select count(*)::int as count from message_recipient');
    assert.deepEqual(row, { count: 18 });
  });

  it('of one phone that two shoppers gave are one message', async () => {
    await world.sql('update shopper_phone set phone = $1 where shopper_id = any($2)', [
      readers[0]!.phone,
      readers.slice(0, 3).map(({ id }) => id),
    ]);
    const id = await world.campaign(amber);
    await world.run(amber, id);
    assert.equal(timesTaken().get(bare(readers[0]!)), 1);
    assert.equal(world.whatsApp.taken.length, 4);
  });
});
