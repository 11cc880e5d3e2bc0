import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { startPartnerJobs } from '../../../server/jobs/partner-jobs.ts';
import { type Browser, partnerLogin, startPortals, type TestPortals } from '../../support/http.ts';
import { check, errorsOf, reach, selected, upload, uploaded } from '../../support/imports.ts';
import { amber } from '../../support/two-markets.ts';

describe('Partner: files that can’t be imported', () => {
  let portals: TestPortals;
  let browser: Browser;
  let stopJobs: () => Promise<void>;

  before(async () => {
    portals = await startPortals();
    stopJobs = await startPartnerJobs(portals.partner.deps);
    browser = await portals.signIn(partnerLogin('amber', 'manager'));
    await portals.sql('delete from import_job');
  });
  after(async () => {
    await stopJobs();
    await portals.close();
  });

  const left = async () => {
    const folder = join(portals.partner.deps.uploadsDir, amber.marketId);
    const files = existsSync(folder) ? readdirSync(folder) : [];
    return [...files, ...(await portals.sql('select id from import_job'))];
  };
  const png = Buffer.from('89504e470d0a1a0a0000000d4948445200000001000000010806000000', 'hex');

  const refused: [name: string, file: () => Buffer | string, message: RegExp][] = [
    ['an empty file', () => '', /file is empty/],
    ['a header without rows', () => 'Handle,Title,Price\n', /no products below/],
    ['an image by another name', () => png, /not a text file/],
    [
      'a workbook by another name',
      () => Buffer.from('504b030414000600080000002100', 'hex'),
      /Excel workbook/,
    ],
    ['NUL bytes', () => 'Handle,Title,Price\na,A\0,1\n', /NUL/],
    ['one column', () => 'Title\nA\nB\n', /Only one column/],
    [
      'a quotation mark that stays open',
      () => 'Handle,Title,Price\na,"A,1\n',
      /Row 2: a quotation mark is opened/,
    ],
    [
      'a quotation mark inside of a cell',
      () => 'Handle,Title,Price\na,15" screen,1\n',
      /Row 2: there is a quotation mark/,
    ],
    [
      'an encoding that can’t be told',
      () => iconv.encode('Handle,Title,Price\n日本語テスト,商品名説明文章,1\n', 'shift_jis'),
      /encoding can.{1,5}t be recognised/,
    ],
    ['a million rows', () => `Handle,Title,Price\n${'a,b,1\n'.repeat(1_000_000)}`, /more than 50,000 rows/],
    [
      'more than 20 MB',
      () => `Handle,Title,Price\n${`a,${'x'.repeat(1_000)},1\n`.repeat(21_500)}`,
      /larger than 20 MB/,
    ],
  ];
  for (const [name, file, message] of refused) {
    it(`refuses ${name} with a clear message and keeps nothing`, async () => {
      const began = Date.now();
      const answer = await upload(browser, file(), 'products.csv');
      assert.equal(answer.status, 422, answer.text.slice(0, 300));
      assert.match(errorsOf(answer), message);
      assert.match(answer.text, /id="f-file-error"/);
      assert.deepEqual(await left(), []);
      assert.ok(Date.now() - began < 15_000);
    });
  }

  it('refuses a form without a file, a form that is no upload, and a file in another field', async () => {
    await browser.get('/imports/new');
    const action = `/imports?_csrf=${encodeURIComponent(browser.csrf)}`;
    const send = () =>
      browser
        .raw('post', action)
        .set({ Accept: 'text/html', 'Sec-Fetch-Site': 'same-origin' })
        .ok(() => true);
    assert.equal((await send().field('note', 'x')).status, 422);
    assert.equal((await browser.submit('/imports', { file: 'a,b' })).status, 422);
    assert.equal((await send().attach('other', Buffer.from('a,b\n1,2\n'), 'a.csv')).status, 400);
    assert.equal(
      (
        await send()
          .attach('file', Buffer.from('a,b\n'), 'a.csv')
          .attach('file', Buffer.from('a,b\n'), 'b.csv')
      ).status,
      400,
    );
    const cut = send().set('Content-Type', 'multipart/form-data; boundary=x');
    assert.equal(
      (
        await cut.send(
          '--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nHandle,Ti',
        )
      ).status,
      400,
    );
    assert.deepEqual(await left(), []);
  });

  it('makes nothing but a label of the file’s name', async () => {
    const names = [
      '../../../etc/passwd.csv',
      '..\\..\\boot.csv',
      `${'n'.repeat(400)}.csv`,
      '<script>alert(1)</script>.csv',
      'منتجات.csv',
    ];
    for (const name of names) {
      const id = await uploaded(browser, 'Handle,Title,Price\na,A,1\n', name);
      const [row] = await portals.sql<{ file_name: string }>(
        'select file_name from import_job where id = $1',
        [id],
      );
      assert.ok(
        [...(row?.file_name ?? '')].length <= 120 && !/[\\/]/.test(row?.file_name ?? ''),
        row?.file_name,
      );
      const page = await browser.get(`/imports/${id}`);
      assert.doesNotMatch(page.text, /<script>alert/);
      assert.equal((await browser.submit(`/imports/${id}/cancellation`)).status, 303);
    }
    const kept = await portals.sql<{ file_name: string }>(
      'select file_name from import_job order by created_at, id',
    );
    assert.deepEqual(kept.at(-1)?.file_name, 'منتجات.csv');
    await portals.sql('delete from import_job');
  });

  it('takes Arabic in windows-1256 with semicolons and Arabic column names', async () => {
    const text = 'رمز المنتج;اسم المنتج;السعر\nقلم;قلم أزرق;12.50\nدفتر;دفتر مدرسي كبير;8\n';
    const id = await uploaded(browser, iconv.encode(text, 'windows-1256'));
    const form = selected((await browser.get(`/imports/${id}`)).text);
    assert.deepEqual(
      [form['column-handle'], form['column-title'], form['column-price'], form.locale],
      ['0', '1', '2', 'ar'],
    );
    await check(browser, id);
    await browser.submit(`/imports/${id}/run`);
    await reach(portals.sql, id, 'done');
    const offers = await portals.sql(
      `select title_ar, title_en, price from offer where import_key in ('قلم', 'دفتر') order by price`,
    );
    assert.deepEqual(offers, [
      { title_ar: 'دفتر مدرسي كبير', title_en: '', price: 800 },
      { title_ar: 'قلم أزرق', title_en: '', price: 1250 },
    ]);
  });

  it('says which columns have the same name', async () => {
    const id = await uploaded(browser, 'Handle,Title,Title,Price\na,A,B,1\n');
    const page = await browser.get(`/imports/${id}`);
    assert.match(page.text, /stand over more than one column/);
    assert.match(page.text, /Title \(column 3\)/);
    await check(browser, id, { 'column-title': '2' });
    assert.match((await browser.get(`/imports/${id}`)).text, /<bdi>B<\/bdi>|>B</);
  });

  it('says so when the file has gone from the disk, and ends the job cleanly', async () => {
    const id = await uploaded(browser, 'Handle,Title,Price\na,A,1\n');
    await check(browser, id);
    const { rmSync } = await import('node:fs');
    rmSync(join(portals.partner.deps.uploadsDir, amber.marketId, `${id}.csv`));
    const page = await browser.get(`/imports/${id}`);
    assert.equal(page.status, 200);
    assert.match(page.text, /can no longer be read/);
    assert.equal((await check(browser, id)).status, 422);
    await browser.submit(`/imports/${id}/run`);
    await reach(portals.sql, id, 'failed');
    assert.match((await browser.get(`/imports/${id}`)).text, /uploaded file can no longer be read/);
  });
});
