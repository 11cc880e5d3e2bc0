import assert from 'node:assert/strict';
import {
  type Browser,
  partnerLogin,
  staffLogin,
  startPortals,
  type TestPortals,
} from '../../support/http.ts';
import {
  category,
  decide,
  inDays,
  offerFields,
  stateOf,
  submitOffer,
  versionIn,
  writeOffer,
} from '../../support/offers.ts';
import { amber } from '../../support/two-markets.ts';

describe('Partner: offers', () => {
  let portals: TestPortals;
  let manager: Browser;
  let staff: Browser;

  before(async () => {
    portals = await startPortals();
    await portals.sql('update plan set max_live_offers = 1000');
    manager = await portals.signIn(partnerLogin('amber', 'manager'));
    staff = await portals.signIn(staffLogin('operator'));
  });
  after(() => portals.close());

  const edit = async (id: string, changes: Record<string, string | readonly string[]>) => {
    const version = versionIn((await manager.get(`/offers/${id}/edit`)).text);
    return manager.submit(`/offers/${id}`, offerFields({ version, ...changes }));
  };

  describe('editor', () => {
    it('writes a draft in both languages, amounts in minor units and times in the market’s zone', async () => {
      const id = await writeOffer(manager, { startsAt: '2027-03-01T09:30', endsAt: '2027-04-01T00:00' });
      const [row] = await portals.sql<Record<string, unknown>>('select * from offer where id = $1', [id]);
      assert.equal(row!.price, 4550);
      assert.equal(row!.old_price, 6000);
      assert.equal((row!.starts_at as Date).toISOString(), '2027-03-01T06:30:00.000Z');
      assert.equal((row!.ends_at as Date).toISOString(), '2027-03-31T21:00:00.000Z');
      assert.equal(row!.text_en, 'Roasted this week.\nGround on request.');
      assert.equal(row!.state, 'draft');
      const page = await manager.get(`/offers/${id}`);
      assert.match(page.text, /Coffee beans, 1 kg/);
      assert.match(page.text, /حبوب قهوة، كيلو/);
    });

    it('shows what is stored, and an edit of one field leaves the others as they were', async () => {
      const id = await writeOffer(manager);
      await portals.sql(`update offer set ends_at = '2027-05-01T10:11:12.345Z' where id = $1`, [id]);
      const page = await manager.get(`/offers/${id}/edit`);
      assert.match(page.text, /value="45\.50"/);
      assert.match(page.text, /value="2027-05-01T13:11"/);
      await edit(id, { endsAt: '2027-05-01T13:11', price: '44' });
      const [row] = await portals.sql<{ ends_at: Date; price: number }>(
        'select ends_at, price from offer where id = $1',
        [id],
      );
      assert.equal(row!.ends_at.toISOString(), '2027-05-01T10:11:12.345Z');
      assert.equal(row!.price, 4400);
    });

    it('a draft may be incomplete; submitting it opens the editor with an error at each missing field', async () => {
      const id = await writeOffer(manager, {
        titleAr: '',
        textEn: '',
        textAr: '',
        price: '',
        oldPrice: '',
        categoryId: '',
        endsAt: '',
        branchIds: [],
      });
      const answer = await manager.submit(`/offers/${id}/submission`);
      assert.equal(answer.status, 422);
      for (const field of ['titleAr', 'textEn', 'textAr', 'price', 'categoryId', 'endsAt', 'branchIds']) {
        assert.match(answer.text, new RegExp(`id="f-${field}-error"`), field);
      }
      assert.match(answer.text, /value="Coffee beans, 1 kg"/);
      assert.equal(await stateOf(portals, id), 'draft');
    });

    it('save and submit is one step, and nothing is saved when it is refused', async () => {
      const [{ count }] = (await portals.sql('select count(*)::int as count from offer')) as [
        { count: number },
      ];
      await manager.get('/offers/new');
      const answer = await manager.submit(
        '/offers',
        offerFields({ next: 'submit', endsAt: '', titleEn: 'Kept as typed' }),
      );
      assert.equal(answer.status, 422);
      assert.match(answer.text, /value="Kept as typed"/);
      assert.match(answer.text, /id="f-endsAt-error"/);
      const [after] = (await portals.sql('select count(*)::int as count from offer')) as [{ count: number }];
      assert.equal(after.count, count);
      assert.equal(await stateOf(portals, await submitOffer(manager)), 'submitted');
    });

    it('a stale edit is a conflict that keeps the input and shows what differs', async () => {
      const id = await writeOffer(manager);
      const version = versionIn((await manager.get(`/offers/${id}/edit`)).text);
      const other = await portals.signIn(partnerLogin('amber', 'owner'));
      await other.get(`/offers/${id}/edit`);
      await other.submit(`/offers/${id}`, offerFields({ version, titleEn: 'Theirs' }));
      const answer = await manager.submit(`/offers/${id}`, offerFields({ version, titleEn: 'Mine' }));
      assert.equal(answer.status, 409);
      assert.match(answer.text, /value="Mine"/);
      assert.match(answer.text, /<td dir="auto">Theirs<\/td>/);
      const again = await manager.submit(
        `/offers/${id}`,
        offerFields({ version: versionIn(answer.text), titleEn: 'Mine' }),
      );
      assert.equal(again.status, 303);
      assert.match((await manager.get(`/offers/${id}`)).text, /Mine/);
    });

    it('previews what is typed: a fragment for htmx, the whole page without', async () => {
      await manager.get('/offers/new');
      const fields = offerFields({ titleEn: '<b>Bold</b>', price: '10', oldPrice: '20' });
      const fragment = await manager.submit('/offers/preview', fields, {
        'HX-Request': 'true',
        'HX-Request-Type': 'partial',
      });
      assert.equal(fragment.status, 200);
      assert.doesNotMatch(fragment.text, /<html/);
      assert.match(fragment.text, /&lt;b&gt;Bold/);
      assert.match(fragment.text, /50%/);
      assert.match(fragment.text, /lang="ar" dir="rtl"/);
      const page = await manager.submit('/offers/preview', fields);
      assert.match(page.text, /<html/);
      assert.match(page.text, /value="20"/);
      const nonsense = await manager.submit('/offers/preview', { price: 'x', endsAt: 'y', categoryId: 'z' });
      assert.equal(nonsense.status, 200);
    });
  });

  describe('states', () => {
    it('draft → submitted → live → edited → submitted → rejected → submitted, with the history shown', async () => {
      const id = await submitOffer(manager);
      assert.equal((await decide(staff, id, 'approved')).status, 303);
      assert.equal(await stateOf(portals, id), 'live');
      assert.match(
        (await manager.get(`/offers/${id}/edit`)).text,
        /until it has been submitted and approved again/,
      );
      assert.equal((await edit(id, { price: '40' })).status, 303);
      assert.equal(await stateOf(portals, id), 'draft');
      await manager.submit(`/offers/${id}/submission`);
      await decide(staff, id, 'rejected', 'Say what <the> discount is on.');
      const page = await manager.get(`/offers/${id}`);
      assert.match(page.text, /Say what &lt;the&gt; discount is on\./);
      assert.match(page.text, /Not approved/);
      assert.equal((await manager.submit(`/offers/${id}/submission`)).status, 303);
      assert.equal(await stateOf(portals, id), 'submitted');
    });

    it('withdraw, copy, delete and end; an ended offer is read-only', async () => {
      const id = await submitOffer(manager);
      assert.equal((await manager.submit(`/offers/${id}/withdrawal`)).status, 303);
      assert.equal(await stateOf(portals, id), 'draft');
      const copied = await manager.submit(`/offers/${id}/copies`);
      const copy = /\/offers\/([^/]+)\/edit$/.exec(copied.get('Location')!)![1]!;
      assert.equal((await manager.submit(`/offers/${copy}/deletion`)).get('Location'), '/offers');
      assert.equal(await stateOf(portals, copy), undefined);
      await manager.submit(`/offers/${id}/submission`);
      await decide(staff, id, 'approved');
      assert.equal((await manager.submit(`/offers/${id}/deletion`)).status, 409);
      assert.equal((await manager.submit(`/offers/${id}/end`)).status, 303);
      assert.equal(await stateOf(portals, id), 'ended');
      assert.equal((await manager.get(`/offers/${id}/edit`)).status, 409);
      assert.equal((await manager.submit(`/offers/${id}`, offerFields({ titleEn: 'Changed' }))).status, 409);
      for (const verb of ['submission', 'withdrawal', 'end', 'deletion']) {
        const answer = await manager.submit(`/offers/${id}/${verb}`);
        assert.equal(answer.status, 409, verb);
        assert.match(answer.text, /state is now: Ended/);
      }
    });

    it('each change leaves an audit entry', async () => {
      const id = await submitOffer(manager);
      await manager.submit(`/offers/${id}/withdrawal`);
      await edit(id, { price: '1', oldPrice: '' });
      const rows = await portals.sql<{ action: string }>(
        'select action from audit_entry where subject_id = $1 order by at, id',
        [id],
      );
      assert.deepEqual(rows.map(({ action }) => action).sort(), [
        'offer.create',
        'offer.edit',
        'offer.submit',
        'offer.withdraw',
      ]);
    });

    it('the plan’s limit is the server’s law and is said clearly', async () => {
      const [{ used }] = (await portals.sql(
        `select count(*)::int as used from offer where market_id = $1 and state in ('live', 'submitted') and (ends_at is null or ends_at > now())`,
        [amber.marketId],
      )) as [{ used: number }];
      await portals.sql('update plan set max_live_offers = $1', [used]);
      const id = await writeOffer(manager);
      const answer = await manager.submit(`/offers/${id}/submission`);
      assert.equal(answer.status, 409);
      assert.match(answer.text, new RegExp(`wait for approval: ${used} of ${used} are in use`));
      await manager.get('/offers/new');
      const both = await manager.submit('/offers', offerFields({ next: 'submit', titleEn: 'One too many' }));
      assert.equal(both.status, 409);
      assert.match(both.text, /value="One too many"/);
      await portals.sql('update plan set max_live_offers = 1000');
      assert.equal(await stateOf(portals, id), 'draft');
    });

    it('approved and not yet begun is scheduled; past its end it has ended', async () => {
      const id = await submitOffer(manager, { startsAt: inDays(2), endsAt: inDays(3) });
      await decide(staff, id, 'approved');
      const tab = (state: string) => manager.get(`/offers?state=${state}`);
      assert.match((await tab('scheduled')).text, new RegExp(id));
      assert.doesNotMatch((await tab('live')).text, new RegExp(id));
      await portals.sql(`update offer set starts_at = null where id = $1`, [id]);
      await portals.sql(
        `update offer set ends_at = now() - interval '1 minute', decision_digest = null, decision = null where id = $1`,
        [id],
      );
      await portals.sql(
        `update offer set decision = 'approved', decision_digest = content_digest where id = $1`,
        [id],
      );
      assert.equal(await stateOf(portals, id), 'live');
      assert.match((await tab('ended')).text, new RegExp(id));
      assert.doesNotMatch((await tab('live')).text, new RegExp(id));
      assert.equal((await manager.get(`/offers/${id}/edit`)).status, 409);
    });
  });

  describe('list', () => {
    it('searches folded text, and takes % and _ as themselves', async () => {
      const id = await writeOffer(manager, { titleEn: 'Espresso CUPS 100%', titleAr: 'أكواب إسبريسو' });
      const found = async (q: string) =>
        (await manager.get(`/offers?q=${encodeURIComponent(q)}`)).text.includes(id);
      assert.ok(await found('espresso cups'));
      assert.ok(await found('cups espresso'));
      assert.ok(await found('اكواب اسبريسو'));
      assert.ok(await found('100%'));
      assert.ok(!(await found('1_0%')));
      assert.ok(!(await found('espresso%beans')));
    });

    it('pages by cursor through every offer once, in every sort and both directions', async () => {
      const ids: string[] = [];
      for (let i = 0; i < 7; i++) {
        const startsAt = i % 3 === 0 ? '' : `2027-01-0${(i % 3) + 1}T10:00`;
        ids.push(
          await writeOffer(manager, {
            titleEn: `Paging ${i % 4}`,
            price: String(i % 3),
            oldPrice: '',
            startsAt,
            endsAt: '',
          }),
        );
      }
      const hrefs = (html: string) =>
        [...html.matchAll(/class="row-link" href="\/offers\/([^"]+)"/g)].map((match) => match[1]!);
      const link = (html: string, which: string) =>
        new RegExp(`id="pager-${which}" rel="[a-z]+" href="([^"]+)"`)
          .exec(html)?.[1]
          ?.replaceAll('&amp;', '&');
      for (const sort of ['updated', 'title', 'price', 'starts']) {
        for (const dir of ['asc', 'desc']) {
          let page = (await manager.get(`/offers?q=paging&sort=${sort}&dir=${dir}&limit=2`)).text;
          const forward = hrefs(page);
          for (let next = link(page, 'next'); next; next = link(page, 'next')) {
            page = (await manager.get(next)).text;
            forward.push(...hrefs(page));
          }
          assert.deepEqual([...forward].sort(), [...ids].sort(), `${sort} ${dir}`);
          const backward = hrefs(page);
          for (let previous = link(page, 'previous'); previous; previous = link(page, 'previous')) {
            page = (await manager.get(previous)).text;
            backward.unshift(...hrefs(page));
          }
          assert.deepEqual(backward, forward, `${sort} ${dir} back`);
        }
      }
    });

    it('filters by category and branch, counts states, and says what it did not understand', async () => {
      const id = await writeOffer(manager, { branchIds: [amber.branch] });
      assert.match(
        (await manager.get(`/offers?branch=${amber.branch}&category=${category}&q=coffee`)).text,
        new RegExp(id),
      );
      const page = await manager.get('/offers?state=nonsense&sort=colour&cursor=abc');
      assert.equal(page.status, 200);
      assert.match(page.text, /<bdi class="code">state<\/bdi>/);
      const fragment = await manager.get('/offers?q=coffee', {
        'HX-Request': 'true',
        'HX-Request-Type': 'partial',
      });
      assert.doesNotMatch(fragment.text, /<html/);
      assert.match(fragment.text, /id="offer-tabs" hx-swap-oob="true"/);
      const [row] = await portals.sql<{ count: number }>(
        `select count(*)::int as count from offer where market_id = $1 and state = 'draft' and search_text like '%coffee%'`,
        [amber.marketId],
      );
      assert.match(fragment.text, new RegExp(`Draft\\s*<span class="tab-count"><bdi>${row!.count}</bdi>`));
    });
  });

  describe('an analyst', () => {
    it('reads, without any control that writes, and is refused by the server', async () => {
      const id = await writeOffer(manager);
      const analyst = await portals.signIn(partnerLogin('amber', 'analyst'));
      for (const path of ['/offers', `/offers/${id}`]) {
        const page = await analyst.get(path);
        assert.equal(page.status, 200);
        const main = page.text.slice(page.text.indexOf('<main'));
        assert.doesNotMatch(main, /method="post"/);
        assert.doesNotMatch(main, /\/offers\/new|\/edit"/);
      }
      assert.equal((await analyst.get('/offers/new')).status, 403);
      assert.equal((await analyst.get(`/offers/${id}/edit`)).status, 403);
      await analyst.get('/profile');
      for (const path of [
        '',
        '/preview',
        `/${id}`,
        ...['submission', 'withdrawal', 'end', 'copies', 'deletion'].map((verb) => `/${id}/${verb}`),
      ]) {
        assert.equal((await analyst.submit(`/offers${path}`, offerFields())).status, 403, path);
      }
      assert.equal(await stateOf(portals, id), 'draft');
    });
  });
});
