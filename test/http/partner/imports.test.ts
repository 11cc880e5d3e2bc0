import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startPartnerJobs } from '../../../server/jobs/partner-jobs.ts';
import { type Browser, partnerLogin, startPortals, type TestPortals } from '../../support/http.ts';
import { APPAREL, check, HOME, reach, realFile, selected, upload, uploaded } from '../../support/imports.ts';
import { amber } from '../../support/two-markets.ts';

interface OfferRow {
  import_key: string;
  title_en: string;
  title_ar: string;
  text_en: string;
  price: number;
  old_price: number | null;
  currency: string;
  state: string;
  category_id: string | null;
}

describe('Partner: import of a product file', () => {
  let portals: TestPortals;
  let browser: Browser;
  let stopJobs: () => Promise<void>;

  before(async () => {
    portals = await startPortals();
    stopJobs = await startPartnerJobs(portals.partner.deps);
    browser = await portals.signIn(partnerLogin('amber', 'manager'));
  });
  after(async () => {
    await stopJobs();
    await portals.close();
  });
  beforeEach(async () => {
    await portals.sql('delete from import_job where true');
    rmSync(portals.partner.deps.uploadsDir, { recursive: true, force: true });
    await portals.sql(`delete from offer where import_key is not null and import_key not like 'marker%'`);
  });

  const offers = () =>
    portals.sql<OfferRow>(
      `select * from offer where import_key is not null and import_key not like 'marker%' order by import_key`,
    );
  const offer = async (key: string) => (await offers()).find((each) => each.import_key === key);
  const row = async (id: string) => (await portals.sql('select * from import_job where id = $1', [id]))[0];
  const run = async (id: string) => {
    assert.equal((await browser.submit(`/imports/${id}/run`)).status, 303);
    await reach(portals.sql, id, 'done');
  };
  const files = () => {
    const folder = join(portals.partner.deps.uploadsDir, amber.marketId);
    return existsSync(folder) ? readdirSync(folder).filter((name) => /csv|part/.test(name)) : [];
  };

  it('takes the apparel file from upload to drafts', async function () {
    const id = await uploaded(browser, realFile(this, APPAREL), APPAREL);
    const mapping = await browser.get(`/imports/${id}`);
    assert.match(mapping.text, /Ocean Blue Shirt/);
    const guess = selected(mapping.text);
    assert.deepEqual(
      [
        guess['column-handle'],
        guess['column-title'],
        guess['column-text'],
        guess['column-price'],
        guess['column-oldPrice'],
      ],
      ['0', '1', '2', '19', '20'],
    );
    assert.equal((await check(browser, id)).get('Location'), `/imports/${id}`);
    const dry = await browser.get(`/imports/${id}`);
    assert.match(dry.text, /Import <bdi>|Import 20 products/);
    assert.deepEqual(await offers(), [], 'the dry run writes no offer');
    await run(id);
    const found = await offers();
    assert.equal(found.length, 20);
    assert.ok(
      found.every(
        ({ state, currency, old_price, title_ar }) =>
          state === 'draft' && currency === 'SAR' && old_price === null && title_ar === '',
      ),
    );
    assert.deepEqual(await offer('classic-varsity-top').then((each) => [each?.title_en, each?.price]), [
      'Classic Varsity Top',
      6000,
    ]);
    const job = await row(id);
    assert.deepEqual(
      [job?.total, job?.processed, job?.created, job?.updated, job?.failed],
      [20, 20, 20, 0, 0],
    );
    assert.deepEqual(files(), [], 'the file is removed when the import is done');
    assert.match((await browser.get(`/imports/${id}`)).text, /20 products are draft offers now/);
  });

  it('takes the home file: HTML becomes text, compare-at prices become old prices', async function () {
    const id = await uploaded(browser, realFile(this, HOME), HOME);
    await check(browser, id, { price: 'lowest', locale: 'ar' });
    await run(id);
    const pot = await offer('clay-plant-pot');
    assert.deepEqual(
      [pot?.title_ar, pot?.title_en, pot?.price, pot?.old_price],
      ['Clay Plant Pot', '', 999, null],
    );
    const light = await offer('copper-light');
    assert.deepEqual([light?.price, light?.old_price], [5999, 7500]);
    const texts = await portals.sql<{ text_ar: string }>(
      'select text_ar from offer where import_key is not null',
    );
    assert.ok(texts.every(({ text_ar }) => !/[<>]|&\w+;/.test(text_ar)));
  });

  const csv = (...lines: string[]) =>
    `Handle,Title,Body (HTML),Variant Price,Variant Compare At Price,Type\n${lines.join('\n')}\n`;

  it('updates the drafts of an earlier import and leaves offers in any other state alone', async () => {
    const keys = ['a-draft', 'b-submitted', 'c-live', 'd-ended', 'e-rejected'];
    const first = await uploaded(browser, csv(...keys.map((key) => `${key},Old ${key},,10,,`)));
    await check(browser, first);
    await run(first);
    await portals.sql(
      `update offer set is_submitted = true, submission = 1 where import_key in ('b-submitted', 'c-live', 'e-rejected')`,
    );
    await portals.sql(
      `update offer set decision = 'approved', decision_digest = content_digest where import_key = 'c-live'`,
    );
    await portals.sql(
      `update offer set decision = 'rejected', decision_digest = content_digest where import_key = 'e-rejected'`,
    );
    await portals.sql(`update offer set ended_at = now() where import_key = 'd-ended'`);
    await portals.sql(`update offer set title_ar = 'باليد' where import_key = 'a-draft'`);

    const second = await uploaded(browser, csv(...keys.map((key) => `${key},New ${key},,12,15,`)));
    await check(browser, second);
    const dry = await browser.get(`/imports/${second}`);
    for (const words of ['waits for a decision', 'offer is live', 'has ended', 'was rejected'])
      assert.match(dry.text, new RegExp(words));
    await run(second);
    assert.deepEqual(
      (await offers()).map(({ import_key, title_en, price, old_price, state }) => [
        import_key,
        title_en,
        price,
        old_price,
        state,
      ]),
      [
        ['a-draft', 'New a-draft', 1200, 1500, 'draft'],
        ['b-submitted', 'Old b-submitted', 1000, null, 'submitted'],
        ['c-live', 'Old c-live', 1000, null, 'live'],
        ['d-ended', 'Old d-ended', 1000, null, 'ended'],
        ['e-rejected', 'Old e-rejected', 1000, null, 'rejected'],
      ],
    );
    assert.equal((await offer('a-draft'))?.title_ar, 'باليد', 'the other language is left alone');
    const job = await row(second);
    assert.deepEqual([job?.created, job?.updated, job?.failed, job?.processed], [0, 1, 0, 5]);
  });

  it('leaves a product with an error out as a whole, says where and why, and imports the others', async () => {
    const long = 'x'.repeat(121);
    const id = await uploaded(
      browser,
      csv(
        'good,Good,,10,,',
        'bad-price,Bad,,ten,,',
        `long,${long},,10,,`,
        'no-title,,,10,,',
        ',No key,,10,,',
        'minus,Minus,,-5,,',
        'digits,Digits,,1.005,,',
        'good,Again,,10,,',
      ),
    );
    await check(browser, id);
    const dry = await browser.get(`/imports/${id}`);
    assert.match(dry.text, /Import 1 product</);
    await run(id);
    assert.deepEqual(
      (await offers()).map(({ import_key }) => import_key),
      ['good'],
    );
    const problems = await portals.sql(
      'select row, "column", value, code from import_error where import_id = $1 order by row',
      [id],
    );
    assert.deepEqual(problems, [
      { row: 3, column: 'Variant Price', value: 'ten', code: 'price-unreadable' },
      { row: 4, column: 'Title', value: 'x'.repeat(120), code: 'title-too-long' },
      { row: 5, column: 'Title', value: '', code: 'title-missing' },
      { row: 6, column: 'Handle', value: '', code: 'handle-missing' },
      { row: 7, column: 'Variant Price', value: '-5', code: 'price-negative' },
      { row: 8, column: 'Variant Price', value: '1.005', code: 'price-digits' },
      { row: 9, column: 'Handle', value: 'good', code: 'handle-repeated' },
    ]);
  });

  it('gives the problems as a CSV in which no cell is a formula', async () => {
    const id = await uploaded(browser, csv('good,Good,,10,,', 'evil,Evil,,"=HYPERLINK(""http://x"")",,'));
    await check(browser, id);
    const answer = await browser.get(`/imports/${id}/problems.csv`);
    assert.equal(answer.status, 200);
    assert.match(answer.get('Content-Disposition') ?? '', /attachment; filename="?problems-products\.csv/);
    assert.equal(answer.text.codePointAt(0), 0xfeff);
    assert.match(
      answer.text,
      /^.Row,Column,Value,Problem\n3,Variant Price,"'=HYPERLINK\(""http:\/\/x""\)","This is not an amount/,
    );
  });

  it('keeps a formula in a title as the text that it is', async () => {
    const id = await uploaded(browser, csv('f,"=SUM(1,2)",,10,,'));
    await check(browser, id);
    await run(id);
    assert.equal((await offer('f'))?.title_en, '=SUM(1,2)');
  });

  it('shows what was chosen again when the choice can’t be used', async () => {
    const id = await uploaded(browser, csv('a,A,,10,,'));
    const same = await check(browser, id, { 'column-oldPrice': '3' });
    assert.equal(same.status, 422);
    assert.match(same.text, /Price and old price can.{1,5}t come from the same column/);
    assert.equal(selected(same.text)['column-oldPrice'], '3');
    for (const [name, value] of [
      ['column-title', ''],
      ['column-title', '99'],
      ['column-title', '-1'],
      ['column-price', '1e1'],
      ['locale', 'fr'],
      ['price', 'highest'],
      ['extra', 'x'],
    ]) {
      assert.equal((await check(browser, id, { [name!]: value! })).status, 422, `${name}=${value}`);
    }
    assert.equal((await row(id))?.state, 'uploaded');
  });

  it('matches categories by name, and keeps one that somebody chose by hand', async () => {
    const [category] = await portals.sql<{ id: string; name_en: string }>(
      'select id, name_en from category limit 1',
    );
    const id = await uploaded(
      browser,
      csv(`known,Known,,10,,${category!.name_en.toUpperCase()}`, 'other,Other,,10,,Nothing of ours'),
    );
    await check(browser, id);
    await run(id);
    assert.equal((await offer('known'))?.category_id, category!.id);
    assert.equal((await offer('other'))?.category_id, null);
    await portals.sql(`update offer set category_id = $1 where import_key = 'other'`, [category!.id]);
    const again = await uploaded(browser, csv('other,Other,,11,,'));
    await check(browser, again);
    await run(again);
    assert.deepEqual(
      [(await offer('other'))?.category_id, (await offer('other'))?.price],
      [category!.id, 1100],
    );
  });

  it('leaves archived and unpublished products out unless they are wanted', async () => {
    const text =
      'Handle,Title,Price,Status,Published\na,A,10,active,true\nb,B,10,archived,true\nc,C,10,active,false\n';
    const id = await uploaded(browser, text);
    await check(browser, id);
    await run(id);
    assert.deepEqual(
      (await offers()).map(({ import_key }) => import_key),
      ['a'],
    );
    const all = await uploaded(browser, text);
    await check(browser, all, { hidden: 'import' });
    await run(all);
    assert.deepEqual(
      (await offers()).map(({ import_key }) => import_key),
      ['a', 'b', 'c'],
    );
  });

  it('records each step in the audit trail, in the name of the person', async () => {
    const id = await uploaded(browser, csv('a,A,,10,,'));
    await check(browser, id);
    await run(id);
    const audits = await portals.sql(
      'select action, actor_id, surface, market_id from audit_entry where subject_id = $1 order by at',
      [id],
    );
    assert.deepEqual(
      audits,
      ['upload', 'check', 'start', 'finish'].map((verb) => ({
        action: `import.${verb}`,
        actor_id: amber.manager,
        surface: 'partner',
        market_id: amber.marketId,
      })),
    );
  });

  it('records each offer that it wrote, as it was and as it is', async () => {
    const bring = async (price: string) => {
      const id = await uploaded(browser, csv(`told,Told,,${price},,`));
      await check(browser, id);
      await run(id);
      return portals.sql<{ action: string; changes: Record<string, unknown> }>(
        `select action, changes from audit_entry where subject_type = 'offer' and details ->> 'import' = $1`,
        [id],
      );
    };
    const [created, ...more] = await bring('10');
    assert.deepEqual([created?.action, more], ['offer.create', []]);
    assert.deepEqual(created?.changes.price, { after: 1000 });
    const [edited] = await bring('12');
    assert.equal(edited?.action, 'offer.edit');
    assert.deepEqual(edited?.changes, { price: { before: 1000, after: 1200 } });
  });

  it('answers the polling page with the bar alone, and has it reload when all is done', async () => {
    const id = await uploaded(browser, csv('a,A,,10,,'));
    await check(browser, id);
    const partial = { 'HX-Request': 'true', 'HX-Request-Type': 'partial' };
    await portals.sql(`update import_job set state = 'queued' where id = $1`, [id]);
    const waiting = await browser.get(`/imports/${id}`, partial);
    assert.match(waiting.text, /^<section[^>]* id="import-progress"/);
    assert.match(waiting.text, /hx-get="\/imports\//);
    assert.doesNotMatch(waiting.text, /<html/);
    await run(id);
    const over = await browser.get(`/imports/${id}`, partial);
    assert.equal(over.get('HX-Refresh'), 'true');
    assert.doesNotMatch(over.text, /hx-get/);
  });

  it('can be cancelled at any stage; then nothing more is written and the file is gone', async () => {
    const id = await uploaded(browser, csv('a,A,,10,,'));
    await check(browser, id);
    assert.equal(files().length, 1);
    assert.equal((await browser.submit(`/imports/${id}/cancellation`)).status, 303);
    assert.deepEqual(files(), []);
    const over = await browser.get(`/imports/${id}`);
    assert.match(over.text, /was cancelled/);
    assert.match(over.text, /0 products were imported before that/, 'the plan is not told as done');
    const job = await row(id);
    assert.deepEqual([job?.processed, job?.created, job?.updated, job?.failed], [0, 0, 0, 0]);
    for (const step of ['run', 'cancellation'])
      assert.equal((await browser.submit(`/imports/${id}/${step}`)).status, 409);
    assert.equal((await check(browser, id)).status, 409);
    assert.deepEqual(await offers(), []);
  });

  it('keeps to what the check found, on its page, until it is checked again', async () => {
    const id = await uploaded(browser, csv('a,A,,10,,'));
    await check(browser, id);
    const other = await uploaded(browser, csv('a,A,,11,,'));
    await check(browser, other);
    await run(other);
    const words = async () =>
      /New draft<\/|Update draft<\//.exec((await browser.get(`/imports/${id}`)).text)?.[0];
    assert.equal(await words(), 'New draft</');
    await check(browser, id);
    assert.equal(await words(), 'Update draft</');
  });

  it('takes no more files while ten imports are unfinished', async () => {
    for (let n = 0; n < 10; n++) await uploaded(browser, csv('a,A,,10,,'));
    assert.equal((await browser.get('/imports/new')).status, 409);
    assert.equal((await upload(browser, csv('a,A,,10,,'))).status, 409);
    assert.equal(files().length, 10);
  });

  it('has JSON twins', async () => {
    const id = await uploaded(browser, csv('a,A,,10,,', 'b,B,,x,,'));
    await check(browser, id);
    const token = await portals.token(partnerLogin('amber', 'analyst'));
    const api = portals.partner.browser();
    const list = await api.api('get', '/imports', { token });
    assert.deepEqual(
      list.body.rows.map((each: { id: string }) => each.id),
      [id],
    );
    const one = await api.api('get', `/imports/${id}`, { token });
    assert.deepEqual(
      [one.body.state, one.body.created, one.body.failed, one.body.mapping.price],
      ['checked', 1, 1, 3],
    );
    const problems = await api.api('get', `/imports/${id}/problems`, { token });
    assert.deepEqual(problems.body.rows, [
      { row: 3, column: 'Variant Price', value: 'x', code: 'price-unreadable' },
    ]);
    assert.equal((await api.api('get', '/imports', { token, query: { state: 'nonsense' } })).status, 422);
  });
});
