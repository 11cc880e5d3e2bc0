import assert from 'node:assert/strict';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { signContext } from '../../server/market/context.ts';
import { NOBODY, type Scope } from '../../server/market/scope.ts';
import { type MessageWorld, messageWorld } from '../support/message-world.ts';
import { clearMessages, insertReaders, type Reader, states } from '../support/messages.ts';
import { amber, basil, type MarketFixture, partnerScope, publicScope } from '../support/two-markets.ts';

const job = ({ marketId }: MarketFixture): Scope => ({
  ...{ surface: 'partner', marketId, receipt: 'test' },
  actor: { kind: 'job', id: NOBODY, role: 'none', name: 'job' },
});

describe('Messages: who may do what, whatever the SQL', () => {
  let world: MessageWorld;
  let client: pg.Client;
  let readers: Reader[];
  let campaign: string;
  let recipient: string;

  before(async () => {
    world = await messageWorld();
    client = new pg.Client(world.database.superuserUrl);
    await client.connect();
  });
  beforeEach(async () => {
    await clearMessages(world.sql);
    readers = await insertReaders(world.sql, amber, 3);
    await insertReaders(world.sql, basil, 2);
    campaign = await world.campaign(amber, ['email']);
    [{ id: recipient } = { id: '' }] = await world.sql<{ id: string }>(
      'select id from message_recipient order by id limit 1',
    );
  });
  after(async () => {
    await client.end();
    await world.close();
  });

  /** One statement under a login and a context, in a transaction that is rolled back; `arranged` runs before as superuser. */
  async function ask(
    scope: Scope,
    text: string,
    values: unknown[] = [],
    arranged = '',
  ): Promise<unknown[] | string> {
    const [login, keys] =
      scope.surface === 'public'
        ? (['bulkhead_public', 'public'] as const)
        : (['bulkhead_partner', 'partner'] as const);
    const pid = (client as unknown as { processID: number }).processID;
    await client.query('begin');
    try {
      if (arranged) await client.query(arranged);
      await client.query(`select set_config('app.context', $1, true)`, [
        signContext(scope, world.database.contextKeys[keys][0]!, pid),
      ]);
      await client.query(`set local role ${login}`);
      const { rows, rowCount, command } = await client.query(text, values);
      return command === 'SELECT' ? rows.flatMap((row) => Object.values(row)) : [rowCount];
    } catch (error) {
      return String((error as { code?: string }).code);
    } finally {
      await client.query('rollback');
    }
  }
  const claim = 'select address from app.claim_message($1, $2, $3)';
  const claimed = () => [campaign, uuid(), 'digest'];

  it('another market reads, counts, names and moves nothing', async () => {
    const other = partnerScope(basil, 'owner');
    for (const table of ['message_campaign', 'message_recipient', 'shopper_phone']) {
      const count = `select count(*)::int from ${table} where market_id = $1`;
      assert.deepEqual(await ask(other, count, [amber.marketId]), [0], table);
      assert.notDeepEqual(
        await ask(partnerScope(amber, 'owner'), count, [amber.marketId]),
        [0],
        `${table}: control`,
      );
    }
    assert.deepEqual(await ask(other, 'select number from app.count_messages($1)', [[campaign]]), []);
    assert.deepEqual(
      await ask(partnerScope(amber), 'select number from app.count_messages($1)', [[campaign]]),
      [3],
    );
    assert.deepEqual(
      await ask(other, `select count(*)::int from app.message_audience('{email}', null, null)`),
      [2],
    );
    for (const [text, values] of [
      ['select app.confirm_messages($1, null, null)', [campaign]],
      ['select app.cancel_messages($1)', [campaign]],
    ] as const) {
      assert.equal(await ask(other, text, [...values]), 'BH040', text);
    }
    assert.equal(await ask(other, `select app.resolve_message($1, 'sent')`, [recipient]), 'BH044');
    const insert =
      'insert into message_campaign (market_id, id, offer_id, channels, member_id) values ($1, $2, $3, $4, $5)';
    const row = [basil.marketId, uuid(), basil.liveOffer, ['email'], basil.owner];
    assert.deepEqual(await ask(other, insert, row), [1], 'control');
    assert.equal(await ask(other, insert, row.with(2, amber.liveOffer)), '23503');
    assert.equal(await ask(other, insert, row.with(0, amber.marketId)), '42501');
    assert.deepEqual(await ask(job(basil), claim, claimed()), []);
    assert.deepEqual(
      await ask(job(basil), `select app.settle_message($1, 'x', 'read', now(), null)`, [recipient]),
      [false],
    );
    assert.deepEqual(await ask(job(basil), `select app.lose_messages($1, '0 s')`, [campaign]), [0]);
  });

  it('no request can have a message sent but by confirming a draft, nor say that one was', async () => {
    const owner = partnerScope(amber, 'owner');
    await world.sql(`update message_campaign set state = 'sending' where id = $1`, [campaign]);
    assert.deepEqual(await ask(job(amber), claim, claimed()).then((rows) => rows.length), 1, 'control');
    assert.deepEqual(await ask(owner, claim, claimed()), []);
    assert.deepEqual(await ask(owner, 'select app.begin_messages($1)', [campaign]), [false]);
    assert.deepEqual(
      await ask(owner, `select app.record_message($1, $2, 'sent', null, null)`, [recipient, uuid()]),
      [false],
    );
    assert.deepEqual(
      await ask(owner, `select app.settle_message($1, 'x', 'read', now(), null)`, [recipient]),
      [false],
    );
    assert.deepEqual(await ask(owner, 'select app.finish_messages($1)', [campaign]), [null]);
    for (const text of [
      `insert into message_recipient (market_id, id, campaign_id, shopper_id, channel, locale, period)
       select market_id, gen_random_uuid(), campaign_id, shopper_id, channel, locale, period from message_recipient`,
      `update message_recipient set state = 'queued'`,
      'delete from message_recipient',
      `update message_campaign set state = 'draft'`,
      `update message_campaign set send_at = null`,
      'update shopper_contact set opted_in_at = now()',
      'update shopper_phone set opted_in_at = now()',
      `insert into shopper_phone (market_id, shopper_id, phone, opted_in_at) select market_id, id, '+966500000000', now() from shopper`,
      'select provider_digest from message_recipient',
      'select app.reserve_messages(1, now())',
      'select app.return_messages(current_date, 1)',
      `select app.opt_out_link($1, 'x')`,
    ]) {
      assert.equal(await ask(owner, text, text.includes('$1') ? [recipient] : []), '42501', text);
    }
    // What is past its draft is out of a page's hands.
    assert.deepEqual(
      await ask(owner, `update message_campaign set channels = '{whatsapp}' where id = $1`, [campaign]),
      [0],
    );
  });

  it('a request’s context would claim messages if functions did not ask for a job’s', async () => {
    await world.sql(`update message_campaign set state = 'sending' where id = $1`, [campaign]);
    const unguarded = `create or replace function app.messaging_market() returns uuid language sql stable return app.market_id()`;
    const found = await ask(partnerScope(amber, 'analyst'), claim, claimed(), unguarded);
    assert.equal(found.length, 1);
    assert.deepEqual(await ask(partnerScope(amber, 'analyst'), claim, claimed()), []);
  });

  it('nobody who has not opted in is ever chosen, seen or sent to', async () => {
    await world.sql('update shopper_contact set opted_in_at = null where shopper_id = $1', [readers[0]!.id]);
    const draft = uuid();
    await world.sql(
      'insert into message_campaign (market_id, id, offer_id, channels, member_id) values ($1, $2, $3, $4, $5)',
      [...[amber.marketId, draft, amber.liveOffer, ['email'], amber.manager]],
    );
    assert.deepEqual(
      await ask(partnerScope(amber), 'select app.confirm_messages($1, null, null)', [draft]),
      [2],
    );
    await world.sql(`update message_campaign set state = 'sending' where id = $1`, [campaign]);
    const addresses: unknown[] = [];
    for (let turn = 0; turn < 4; turn++) {
      // Without rolling back: each claim leaves the next one something else.
      const { direct } = world.partner;
      const { sql: statement } = await import('../../server/db/direct.ts');
      const rows = await direct(job(amber)).rows<{ address: string }>(
        statement`select address from app.claim_message(${campaign}::uuid, ${uuid()}::uuid, 'digest')`,
      );
      addresses.push(...rows.map(({ address }) => address));
    }
    assert.deepEqual(
      addresses.sort(),
      readers
        .slice(1)
        .map(({ email }) => email)
        .sort(),
    );
    assert.deepEqual(await states(world.sql, campaign), { sending: 2, skipped: 1 });
    // The messenger itself: its policy shows no such row, whatever its functions would ask for.
    await client.query('begin');
    const pid = (client as unknown as { processID: number }).processID;
    await client.query(`select set_config('app.context', $1, true)`, [
      signContext(job(amber), world.database.contextKeys.partner[0]!, pid),
    ]);
    await client.query('set local role bulkhead_messenger');
    const { rows } = await client.query('select shopper_id from shopper_contact where shopper_id = $1', [
      readers[0]!.id,
    ]);
    await client.query('rollback');
    assert.deepEqual(rows, []);
  });

  it('roles hold: an analyst confirms, stops and settles nothing, and sees no recipient', async () => {
    const analyst = partnerScope(amber, 'analyst');
    assert.equal(await ask(analyst, 'select app.confirm_messages($1, null, null)', [campaign]), 'BH040');
    assert.equal(await ask(analyst, 'select app.cancel_messages($1)', [campaign]), 'BH040');
    assert.equal(await ask(analyst, `select app.resolve_message($1, 'again')`, [recipient]), 'BH044');
    assert.deepEqual(await ask(analyst, 'select count(*)::int from message_recipient'), [0]);
    assert.deepEqual(
      await ask(analyst, `select count(*)::int from app.message_audience('{email}', null, null)`),
      [0],
    );
    assert.deepEqual(await ask(analyst, 'select number from app.count_messages($1)', [[campaign]]), [3]);
  });

  it('a shopper and a visitor reach their own number and nothing else', async () => {
    const [first] = readers;
    const shopper = publicScope(amber, 'shopper', first!.id);
    assert.deepEqual(await ask(shopper, 'select phone from shopper_phone'), [first!.phone]);
    assert.deepEqual(await ask(publicScope(amber, 'visitor'), 'select phone from shopper_phone'), []);
    for (const text of ['select 1 from message_campaign', 'select app.confirm_messages($1, null, null)'])
      assert.equal(await ask(shopper, text, text.includes('$1') ? [campaign] : []), '42501', text);
    assert.deepEqual(await ask(shopper, 'select count(*)::int from message_recipient'), [1]);
    assert.equal(await ask(shopper, 'select opt_out_digest from message_recipient'), '42501');
    const other = `insert into shopper_phone (market_id, shopper_id, phone) values ($1, $2, '+966500000009')`;
    await world.sql('delete from shopper_phone where shopper_id = $1', [readers[1]!.id]);
    assert.equal(await ask(shopper, other, [amber.marketId, readers[1]!.id]), '42501');
    assert.deepEqual(
      await ask(publicScope(amber, 'shopper', readers[1]!.id), other, [amber.marketId, readers[1]!.id]),
      [1],
    );
    // The link's secret is asked for, and only its own shopper is named.
    await world.sql(`update message_recipient set opt_out_digest = 'right' where id = $1`, [recipient]);
    const link = 'select shopper_id::text from app.opt_out_link($1, $2)';
    assert.equal((await ask(publicScope(amber, 'visitor'), link, [recipient, 'right'])).length, 1);
    assert.deepEqual(await ask(publicScope(amber, 'visitor'), link, [recipient, 'wrong']), []);
    assert.deepEqual(await ask(publicScope(basil, 'visitor'), link, [recipient, 'right']), []);
  });

  it('a person settles what is unknown, once, and a second sending is told apart from the first', async () => {
    await world.sql(`update message_campaign set state = 'sent' where id = $1`, [campaign]);
    await world.sql(
      `update message_recipient set state = 'unknown', attempt_id = gen_random_uuid(), attempts = 1, attempted_at = now() - interval '1 hour'
      where id = $1`,
      [recipient],
    );
    assert.equal(
      await ask(partnerScope(amber), `select app.resolve_message($1, 'sent')`, [recipient]).then(String),
      '',
    );
    await world.sql(`update message_recipient set state = 'sent' where id = $1`, [recipient]);
    assert.equal(
      await ask(partnerScope(amber), `select app.resolve_message($1, 'again')`, [recipient]),
      'BH044',
    );
  });
});
