import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import decodeQR from 'qr/decode.js';
import sharp from 'sharp';
import request from 'supertest';
import { v7 as uuid } from 'uuid';
import { sql as statement } from '../../../server/db/direct.ts';
import { shopperScope } from '../../../server/shoppers/shopper-scope.ts';
import { partnerLogin, startPortals, type TestPortals } from '../../support/http.ts';
import { insertShoppers, openAsk, signUp, type TestShopper } from '../../support/shoppers.ts';
import { storefront } from '../../support/storefront.ts';
import { amber, basil } from '../../support/two-markets.ts';

describe('claims at the public surface', () => {
  let portals: TestPortals;
  let write: ReturnType<typeof storefront>;
  let nadia: TestShopper;
  let omar: TestShopper;
  let stranger: TestShopper;

  before(async () => {
    portals = await startPortals();
    write = storefront(portals);
    nadia = await signUp(portals, amber);
    omar = await signUp(portals, amber);
    stranger = await signUp(portals, basil);
  });
  after(() => portals.close());

  const limits = (id: string, all: number | null, each = 1) =>
    portals.sql('update offer set claim_limit = $2, claim_limit_per_shopper = $3 where id = $1', [
      id,
      all,
      each,
    ]);

  it('gives a code, and a QR code that leads the till to it', async () => {
    const offerId = await write.offer(amber, {
      title: 'Dates, 1 kg',
      price: 4250,
      endsAt: '2099-01-01T00:00:00Z',
    });
    const { status, body } = await nadia.ask('post', '/claims', { offerId });
    assert.equal(status, 201);
    assert.match(body.code, /^[0-9A-HJKMNP-TV-Z]{8}$/);
    assert.deepEqual(
      { ...body, id: '', code: '', claimedAt: '', qr: '' },
      {
        ...{ id: '', offerId, code: '', state: 'open', title: { en: 'Dates, 1 kg', ar: 'Dates, 1 kg' } },
        ...{
          price: 4250,
          currency: 'SAR',
          claimedAt: '',
          expiresAt: '2099-01-01T00:00:00.000Z',
          redeemedAt: null,
          qr: '',
        },
      },
    );
    assert.equal(body.qr.url, `${portals.partner.deps.config.publicUrl}/redemptions?code=${body.code}`);
    assert.equal(await readPicture(body.qr), body.qr.url);
    assert.deepEqual((await nadia.ask('get', `/claims/${body.id}`)).body, body);
    const [event] = await portals.sql('select kind, market_id from offer_event where offer_id = $1', [
      offerId,
    ]);
    assert.deepEqual(event, { kind: 'claim', market_id: amber.marketId });
  });

  it('keeps what was promised when the offer changes afterwards', async () => {
    const offerId = await write.offer(amber, { title: 'Before', price: 100 });
    const { body } = await nadia.ask('post', '/claims', { offerId });
    await portals.sql("update offer set title_en = 'After', price = 200, ended_at = now() where id = $1", [
      offerId,
    ]);
    const later = await nadia.ask('get', `/claims/${body.id}`);
    assert.deepEqual([later.body.title.en, later.body.price], ['Before', 100]);
  });

  it('answers a second press with the claim there is, also when both come at once', async () => {
    const offerId = await write.offer(amber, { title: 'Pressed twice' });
    const answers = await Promise.all([1, 2, 3].map(() => nadia.ask('post', '/claims', { offerId })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409]);
    const made = answers.find(({ status }) => status === 201)!.body;
    for (const { body } of answers.filter(({ status }) => status === 409)) {
      assert.deepEqual([body.code, body.claimId], ['claimed-already', made.id]);
    }
    assert.equal((await omar.ask('post', '/claims', { offerId })).status, 201);
  });

  it('gives each shopper as many as the offer says', async () => {
    const offerId = await write.offer(amber, { title: 'Three each' });
    await limits(offerId, null, 3);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => nadia.ask('post', '/claims', { offerId })),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 201, 201, 409, 409, 409]);
  });

  it('gives no more than there are', async () => {
    const offerId = await write.offer(amber, { title: 'One', claimLimit: 1 });
    assert.equal((await nadia.ask('post', '/claims', { offerId })).status, 201);
    const late = await omar.ask('post', '/claims', { offerId });
    assert.deepEqual([late.status, late.body.code], [409, 'sold-out']);
    // Whoever has it and presses again, because the answer was lost, is told so, and not that they came too late.
    const again = await nadia.ask('post', '/claims', { offerId });
    const [own] = await portals.sql('select id from claim where offer_id = $1', [offerId]);
    assert.deepEqual([again.body.code, again.body.claimId], ['claimed-already', own!.id]);
  });

  it('gives back what a shopper who leaves had open', async () => {
    const offerId = await write.offer(amber, { title: 'Comes back', claimLimit: 1 });
    const leaving = await signUp(portals, amber);
    await leaving.ask('post', '/claims', { offerId });
    await leaving.ask('delete', '/me');
    assert.equal((await omar.ask('post', '/claims', { offerId })).status, 201);
  });

  describe('isolation', () => {
    it('answers an offer that is not shown, another market’s, an unknown and a malformed one alike', async () => {
      const hidden = await Promise.all([
        write.offer(amber, { title: 'Draft', state: 'draft' }),
        write.offer(amber, { title: 'Ended', state: 'ended' }),
        write.offer(amber, { title: 'Later', startsAt: '2099-01-01T00:00:00Z' }),
        write.offer(amber, {
          title: 'Over',
          startsAt: '2020-01-01T00:00:00Z',
          endsAt: '2020-02-01T00:00:00Z',
        }),
        write.offer(basil, { title: 'Theirs' }),
      ]);
      const answers = [];
      for (const offerId of [...hidden, randomUUID(), 'not-an-id', "' or true --"]) {
        const { status, body } = await nadia.ask('post', '/claims', { offerId });
        answers.push(JSON.stringify([status, { ...body, instance: '' }]));
      }
      assert.deepEqual([...new Set(answers)].length, 1, answers.join('\n'));
      assert.match(answers[0]!, /^\[404/);
    });

    it('shows nobody another’s claims: by id, in the list, through a cursor', async () => {
      const offerId = await write.offer(amber, { title: 'Seen by one' });
      const theirs = await write.offer(basil, { title: 'Seen elsewhere' });
      const mine = (await omar.ask('post', '/claims', { offerId })).body;
      const foreign = (await stranger.ask('post', '/claims', { offerId: theirs })).body;
      const answers = [];
      for (const id of [mine.id, foreign.id, randomUUID(), 'x']) {
        const { status, body } = await nadia.ask('get', `/claims/${id}`);
        answers.push(JSON.stringify([status, { ...body, instance: '' }]));
      }
      assert.equal(new Set(answers).size, 1, answers.join('\n'));
      const own = new Set<string>();
      const hers = await portals.sql<{ id: string }>('select id from claim where shopper_id = $1', [
        nadia.id,
      ]);
      let cursor = (await omar.ask('get', '/claims?limit=1')).body.next ?? '';
      const first = await nadia.ask('get', `/claims?limit=50${cursor ? `&cursor=${cursor}` : ''}`);
      for (const { id } of first.body.items) assert.ok(hers.some((claim) => claim.id === id));
      for (cursor = ''; ; ) {
        const page = await nadia.ask('get', `/claims?limit=2${cursor && `&cursor=${cursor}`}`);
        for (const { id } of page.body.items) own.add(id);
        if (!page.body.next) break;
        cursor = page.body.next;
      }
      assert.deepEqual([...own].sort(), hers.map(({ id }) => id).sort());
    });

    it('lets nobody claim for another, nor say what a claim is', async () => {
      const offerId = await write.offer(amber, { title: 'In whose name?' });
      for (const extra of [
        { shopperId: omar.id },
        { code: 'AAAAAAAA' },
        { marketId: basil.marketId },
        { state: 'redeemed' },
      ]) {
        const { status, body } = await nadia.ask('post', '/claims', { offerId, ...extra });
        assert.deepEqual([status, body.errors[0].field], [422, Object.keys(extra)[0]]);
      }
      const direct = portals.partner.deps.open!.database.direct(
        shopperScope(amber.marketId, nadia.id, 'test'),
      );
      const foreign = [
        statement`insert into claim (market_id, id, offer_id, shopper_id) values (${amber.marketId}, ${uuid()}, ${offerId}, ${omar.id})`,
        statement`insert into claim (market_id, id, offer_id, shopper_id) values (${basil.marketId}, ${uuid()}, ${basil.liveOffer}, ${stranger.id})`,
        statement`insert into claim (market_id, id, offer_id, shopper_id, code) values (${amber.marketId}, ${uuid()}, ${offerId}, ${nadia.id}, 'AAAAAAAA')`,
        statement`update claim set state = 'redeemed'`,
        statement`update offer_claims set claimed = 0`,
        statement`delete from claim`,
      ];
      for (const each of foreign) await assert.rejects(direct.affected(each), { sqlState: '42501' });
      const seen = await direct.rows<{ shopper_id: string }>(statement`select shopper_id from claim`);
      assert.deepEqual([...new Set(seen.map((row) => row.shopper_id))], [nadia.id]);
      const people = await direct.rows<{ email: string }>(statement`select email from shopper_contact`);
      assert.deepEqual(people, [{ email: nadia.email }]);
    });

    it('takes a token at its own market alone, and at no portal; a portal’s token is none here', async () => {
      const { url } = portals.partner;
      const partnerToken = await portals.token(partnerLogin('amber', 'owner'));
      const tries: [what: string, status: number][] = [];
      const ask = async (what: string, token: string, market = amber) =>
        tries.push([what, (await openAsk(url, market, token)('get', '/claims')).status]);
      await ask('own', nadia.token);
      await ask('at the other market', nadia.token, basil);
      await ask('a partner’s', partnerToken);
      await ask('cut', nadia.token.slice(0, -2));
      await ask('nothing of a token', 'x.y.z');
      assert.deepEqual(tries, [
        ['own', 200],
        ['at the other market', 401],
        // Told that it is a secret in the wrong place.
        ['a partner’s', 400],
        ['cut', 401],
        ['nothing of a token', 401],
      ]);
      for (const portal of [portals.partner, portals.admin]) {
        const answer = await portal.browser().api('get', '/offers', { token: nadia.token });
        assert.equal(answer.status, 401);
        const names = portal.deps.cookies;
        for (const cookie of [names.access, names.refresh]) {
          const page = await request(portal.url)
            .get('/offers')
            .set({ Accept: 'text/html', Cookie: `${cookie}=${nadia.token}` });
          assert.equal(page.status, 401);
        }
      }
    });

    it('stops with the market', async () => {
      const offerId = await write.offer(amber, { title: 'Suspended' });
      await portals.sql("update market set state = 'suspended' where id = $1", [amber.marketId]);
      const answer = await nadia.ask('post', '/claims', { offerId });
      await portals.sql("update market set state = 'active' where id = $1", [amber.marketId]);
      assert.deepEqual([answer.status, answer.body.code], [403, 'market-not-active']);
    });

    it('makes two records of one person at two markets that have nothing in common', async () => {
      const here = await signUp(portals, amber, 'same-person@example.com');
      const there = await signUp(portals, basil, 'same-person@example.com');
      const record = (id: string) =>
        portals.sql<{ text: string }>(
          `select s::text as text from shopper as s where id = $1 union all select row(l.id, l.shopper_id)::text from shopper_session as l where shopper_id = $1`,
          [id],
        );
      const ids = async (id: string) =>
        new Set((await record(id)).flatMap(({ text }) => text.match(/[0-9a-f]{8}-[0-9a-f-]{27}/g) ?? []));
      const [one, other] = [await ids(here.id), await ids(there.id)];
      assert.ok(one.size > 2);
      assert.deepEqual(
        [...one].filter((id) => other.has(id)),
        [],
      );
      // What the till of either sees: a label from the id, and no address.
      const login = await portals.token(partnerLogin('amber', 'owner'));
      const seen = await portals.partner.browser().api('get', '/claims', { token: login });
      assert.doesNotMatch(seen.text, /same-person|marker-basil/);
    });
  });

  it('keeps the limit for each shopper when many press at once', async () => {
    const offerId = await write.offer(amber, { title: 'Rush' });
    await limits(offerId, 30, 2);
    const people = await insertShoppers(portals, amber, 20);
    const presses = people.flatMap(({ token }) => [token, token, token]);
    const answers = await Promise.all(
      presses.map((token) => openAsk(portals.partner.url, amber, token)('post', '/claims', { offerId })),
    );
    const [{ n, most, claimed }] = (await portals.sql<{ n: number; most: number; claimed: number }>(
      `select sum(n)::int as n, max(n)::int as most, (select claimed from offer_claims where offer_id = $1) as claimed
       from (select count(*) as n from claim where offer_id = $1 group by shopper_id) as each`,
      [offerId],
    )) as [{ n: number; most: number; claimed: number }];
    assert.deepEqual([n, most, claimed], [30, 2, 30]);
    assert.equal(answers.filter(({ status }) => status === 201).length, 30);
  });
});

/** What a camera would read: the path drawn as a picture, and decoded. */
async function readPicture({ size, path }: { size: number; path: string }): Promise<string> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}"><rect width="${size}" height="${size}" fill="#fff"/><path d="${path}"/></svg>`;
  const { data, info } = await sharp(Buffer.from(svg))
    .resize(size * 8, size * 8)
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return decodeQR({ width: info.width, height: info.height, data: new Uint8Array(data) });
}
