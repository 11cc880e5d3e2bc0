import assert from 'node:assert/strict';
import { type Browser, partnerLogin, startPortals, type TestPortals } from '../../support/http.ts';
import { offerFields, unknownId, writeOffer } from '../../support/offers.ts';
import { amber, basil, fixtureId } from '../../support/two-markets.ts';

type Value = string | readonly string[];

describe('Partner: bad input for an offer', () => {
  let portals: TestPortals;
  let manager: Browser;
  let token: string;

  before(async () => {
    portals = await startPortals();
    manager = await portals.signIn(partnerLogin('amber', 'manager'));
    token = await portals.token(partnerLogin('amber', 'manager'));
  });
  after(() => portals.close());

  const offerCount = async () =>
    (await portals.sql<{ n: number }>('select count(*)::int as n from offer'))[0]!.n;
  const errorAt = (html: string, field: string) =>
    new RegExp(`id="f-${field}-error"[^>]*>.*?<span>([^<]*)</span>`).exec(html)?.[1] ?? '';

  const forms: [what: string, field: string, value: Value, says: RegExp][] = [
    ['no title at all', 'titleEn', '', /title in at least one language/],
    ['a title that is too long', 'titleEn', 'x'.repeat(121), /At most 120 characters/],
    ['a list instead of a title', 'titleEn', ['a', 'b'], /not the kind of value/],
    ['a text that is too long', 'textAr', 'ن'.repeat(5001), /At most 5000 characters/],
    ['a negative price', 'price', '-5', /can’t be negative|can't be negative|can&#39;t be negative/],
    ['words for a price', 'price', 'ten', /Write an amount in SAR, like 12\.50/],
    ['more digits than the currency has', 'price', '1.999', /Write an amount/],
    ['a price beyond the column', 'price', '99999999999', /Write an amount/],
    ['scientific notation', 'price', '1e3', /Write an amount/],
    ['a list of prices', 'price', ['1'], /not the kind of value/],
    ['an old price that is not higher', 'oldPrice', '45.50', /must be higher than the price/],
    ['a category that nobody has', 'categoryId', unknownId, /one of the values offered/],
    ['a malformed category', 'categoryId', "' or 1=1 --", /one of the values offered/],
    ['a branch that nobody has', 'branchIds', [unknownId], /one of the values offered/],
    ['another market’s branch', 'branchIds', [basil.branch], /one of the values offered/],
    ['a malformed branch', 'branchIds', ['../../etc/passwd'], /one of the values offered/],
    ['one branch as plain text', 'branchIds', amber.branch, /not the kind of value/],
    ['a day that does not exist', 'startsAt', '2027-02-30T10:00', /not a date and time/],
    ['a month that does not exist', 'endsAt', '2027-13-01T10:00', /not a date and time/],
    ['a year far away', 'endsAt', '9999-01-01T10:00', /not a date and time/],
    ['words for a time', 'startsAt', 'tomorrow', /not a date and time/],
    ['an end before the start', 'endsAt', '2020-01-01T00:00', /end must come after the start/],
  ];

  for (const [what, field, value, says] of forms) {
    it(`form: ${what} → 422 at the field, input kept, nothing written`, async () => {
      await manager.get('/offers/new');
      const before = await offerCount();
      const alone: Record<string, Value> = field === 'titleEn' && value === '' ? { titleAr: '' } : {};
      const start: Record<string, Value> =
        field === 'endsAt' && value === '2020-01-01T00:00' ? { startsAt: '2026-12-31T00:00' } : {};
      const answer = await manager.submit(
        '/offers',
        offerFields({ textEn: 'kept <as> typed', ...alone, ...start, [field]: value }),
      );
      assert.equal(answer.status, 422);
      assert.match(errorAt(answer.text, field), says);
      assert.match(answer.text, /kept &lt;as&gt; typed/);
      assert.equal(await offerCount(), before);
    });
  }

  it('form: a minute that the clock skips in spring is no time', async () => {
    await portals.sql(`update market set time_zone = 'Europe/Berlin' where id = $1`, [amber.marketId]);
    await manager.get('/offers/new');
    const answer = await manager.submit('/offers', offerFields({ startsAt: '2027-03-28T02:30', endsAt: '' }));
    assert.match(errorAt(answer.text, 'startsAt'), /exists in the market/);
    await portals.sql(`update market set time_zone = 'Asia/Riyadh' where id = $1`, [amber.marketId]);
  });

  it('form: an edit is checked like a new one, and keeps the version it was made from', async () => {
    const id = await writeOffer(manager);
    await manager.get(`/offers/${id}/edit`);
    const answer = await manager.submit(
      `/offers/${id}`,
      offerFields({ version: '2026-01-01T00:00:00.000Z', price: '-1' }),
    );
    assert.equal(answer.status, 422);
    assert.match(answer.text, /name="version" value="2026-01-01T00:00:00\.000Z"/);
    const long = await manager.submit(`/offers/${id}`, offerFields({ version: 'x'.repeat(5000) }));
    assert.equal(long.status, 409);
  });

  it('form: duplicates, NUL, bad UTF-8, nested and reserved names never reach it: 400', async () => {
    await manager.get('/offers/new');
    const csrf = `_csrf=${encodeURIComponent(manager.csrf)}`;
    for (const body of [
      'titleEn=a&titleEn=b',
      'titleEn=a%00b',
      'titleEn=%ff%fe',
      'titleEn[set]=a',
      '__proto__=a',
      'constructor=a',
    ]) {
      const answer = await manager
        .raw('post', '/offers')
        .set({ Accept: 'text/html', 'Sec-Fetch-Site': 'same-origin' })
        .type('form')
        .send(`${csrf}&${body}`);
      assert.equal(answer.status, 400, body);
    }
  });

  it('form: fields that are not the form’s change nothing', async () => {
    const id = await writeOffer(manager, {
      state: 'live',
      decision: 'approved',
      marketId: basil.marketId,
      submission: '9',
    });
    const [row] = await portals.sql<Record<string, unknown>>('select * from offer where id = $1', [id]);
    assert.equal(row!.market_id, amber.marketId);
    assert.equal(row!.state, 'draft');
    assert.equal(row!.submission, 0);
  });

  const bodies: [what: string, body: Record<string, unknown>, field: string][] = [
    ['a number for a title', { titleEn: 5 }, 'titleEn'],
    ['an operator object for a title', { titleEn: { set: 'x' } }, 'titleEn'],
    ['an operator object for a price', { titleEn: 'a', price: { increment: 1 } }, 'price'],
    ['a negative price', { titleEn: 'a', price: -1 }, 'price'],
    ['half a minor unit', { titleEn: 'a', price: 1.5 }, 'price'],
    ['a price as text', { titleEn: 'a', price: '100' }, 'price'],
    ['a price beyond the column', { titleEn: 'a', price: 3_000_000_000 }, 'price'],
    ['an old price that is not higher', { titleEn: 'a', price: 10, oldPrice: 10 }, 'oldPrice'],
    [
      'an end before the start',
      { titleEn: 'a', startsAt: '2027-01-02T00:00:00Z', endsAt: '2027-01-01T00:00:00Z' },
      'endsAt',
    ],
    ['an impossible date', { titleEn: 'a', startsAt: '2027-02-30T00:00:00Z' }, 'startsAt'],
    ['the year nought', { titleEn: 'a', startsAt: '0000-01-01T00:00:00Z' }, 'startsAt'],
    ['a time without a zone', { titleEn: 'a', startsAt: '2027-02-03T00:00:00' }, 'startsAt'],
    ['an unknown category', { titleEn: 'a', categoryId: unknownId }, 'categoryId'],
    ['an operator object for a category', { titleEn: 'a', categoryId: { not: null } }, 'categoryId'],
    ['another market’s branch', { titleEn: 'a', branchIds: [basil.branch] }, 'branchIds'],
    ['an object for the branches', { titleEn: 'a', branchIds: { in: [] } }, 'branchIds'],
    ['another market’s picture', { titleEn: 'a', imageId: fixtureId('image', 'basil') }, 'imageId'],
    ['a field that there is not', { titleEn: 'a', state: 'live' }, 'state'],
    ['a market', { titleEn: 'a', marketId: basil.marketId }, 'marketId'],
    ['no title', {}, 'titleEn'],
  ];

  for (const [what, body, field] of bodies) {
    it(`JSON: ${what} → 422 naming ${field}`, async () => {
      const before = await offerCount();
      const answer = await manager.api('post', '/offers', { token, body });
      assert.equal(answer.status, 422, answer.text);
      assert.match(answer.get('Content-Type')!, /application\/problem\+json/);
      assert.ok(
        answer.body.errors.some((error: { field: string }) => error.field.split('.')[0] === field),
        answer.text,
      );
      assert.equal(await offerCount(), before);
    });
  }

  it('a foreign id is answered exactly like an unknown one, at every place that takes one', async () => {
    const foreign: Record<string, string> = {
      categoryId: basil.offer,
      branchIds: basil.branch,
      imageId: fixtureId('image', 'basil'),
    };
    for (const [field, id] of Object.entries(foreign)) {
      const send = async (value: string) => {
        const given = field === 'branchIds' ? [value] : value;
        const { status, body } = await manager.api('post', '/offers', {
          token,
          body: { titleEn: 'a', [field]: given },
        });
        const { instance: _, ...rest } = body;
        return { status, rest };
      };
      assert.deepEqual(await send(id), await send(unknownId), field);
    }
  });
});
