import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { categoryMatcher, categoryWords } from '../../server/imports/categories.ts';
import { guessMapping, repeatedHeaders } from '../../server/imports/columns.ts';
import { FileRefused } from '../../server/imports/csv/csv-format.ts';
import { inspectFile } from '../../server/imports/csv/inspect.ts';
import { readRows } from '../../server/imports/csv/read-rows.ts';
import { plainText } from '../../server/imports/plain-text.ts';
import { readPrice } from '../../server/imports/price.ts';
import type { Product } from '../../server/imports/read-product.ts';
import { readProducts } from '../../server/imports/read-products.ts';

const folder = mkdtempSync(join(tmpdir(), 'bulkhead-imports-'));
let made = 0;
function file(content: string | Buffer): string {
  const path = join(folder, `${++made}.csv`);
  writeFileSync(path, content);
  return path;
}

async function products(content: string | Buffer, price: 'first' | 'lowest' = 'first'): Promise<Product[]> {
  const path = file(content);
  const { format, headers } = await inspectFile(path);
  const options = { price, hidden: 'skip' } as const;
  const rules = {
    headers,
    mapping: guessMapping(headers),
    options,
    currency: 'SAR',
    matchCategory: () => null,
  };
  const found: Product[] = [];
  for await (const chunk of readProducts(path, format, rules, { size: 2 })) found.push(...chunk);
  return found;
}

const refusal = async (content: string | Buffer): Promise<string> => {
  try {
    await inspectFile(file(content));
    return 'taken';
  } catch (error) {
    if (!(error instanceof FileRefused)) throw error;
    return error.code;
  }
};

const table = 'Handle,Title,Variant Price\nقلم,قلم أزرق جميل,10\nدفتر,دفتر كبير للمدرسة,20\n';
const western = 'Handle,Title,Variant Price\ncafé,Café crème à la française,10\nmueller,Müller größe,20\n';

describe('Imports: reading a file', () => {
  after(() => rmSync(folder, { recursive: true }));

  describe('encodings', () => {
    for (const [name, encoding, text] of [
      ['UTF-8', 'utf-8', table],
      ['UTF-8 with a mark', 'utf-8', `\ufeff${table}`],
      ['UTF-16LE with a mark', 'utf-16le', `\ufeff${table}`],
      ['UTF-16BE with a mark', 'utf-16be', `\ufeff${table}`],
      ['UTF-16LE without a mark', 'utf-16le', table],
      ['UTF-16BE without a mark', 'utf-16be', table],
      ['windows-1256', 'windows-1256', table],
      ['windows-1252', 'windows-1252', western],
    ] as const) {
      it(`reads ${name}`, async () => {
        const path = file(iconv.encode(text, encoding, { addBOM: false }));
        const { format, headers } = await inspectFile(path);
        assert.equal(format.encoding, encoding);
        assert.deepEqual(headers, ['Handle', 'Title', 'Variant Price']);
        const titles = (await products(iconv.encode(text, encoding, { addBOM: false }))).map(
          ({ content }) => content.title,
        );
        assert.deepEqual(
          titles,
          text === western
            ? ['Café crème à la française', 'Müller größe']
            : ['قلم أزرق جميل', 'دفتر كبير للمدرسة'],
        );
      });
    }

    it('refuses what is no text, is damaged, or is written in no encoding that can be told', async () => {
      const png = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex');
      assert.equal(await refusal(png), 'not-text');
      assert.equal(await refusal(Buffer.from('ffd8ffe000104a46494600010100', 'hex')), 'not-text');
      assert.equal(await refusal(Buffer.from('504b030414000600080000002100', 'hex')), 'workbook');
      assert.equal(
        await refusal(Buffer.from([...Array(5_000).keys()].map((n) => (n * 7919) % 256))),
        'not-text',
      );
      assert.equal(await refusal(Buffer.from(`${table}a\0b,c,1\n`)), 'nul');
      assert.equal(await refusal(iconv.encode(`${table}a\0b,c,1\n`, 'utf-16le', { addBOM: true })), 'nul');
      assert.equal(
        await refusal(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), iconv.encode(table, 'windows-1256')])),
        'encoding',
      );
      assert.equal(
        await refusal(
          iconv.encode('Handle,Title,Variant Price\n日本語テスト,商品名説明文章,10\n', 'shift_jis'),
        ),
        'encoding',
      );
      assert.equal(await refusal(''), 'empty');
      assert.equal(await refusal('\n\n\n'), 'one-column');
    });
  });

  describe('delimiters, quotes and line ends', () => {
    for (const [name, delimiter] of [
      ['semicolons', ';'],
      ['tabs', '\t'],
      ['vertical bars', '|'],
      ['commas', ','],
    ] as const) {
      it(`reads ${name}`, async () => {
        const text = ['Handle', 'Title, "long"', 'Variant Price']
          .map((cell) => `"${cell.replaceAll('"', '""')}"`)
          .join(delimiter);
        const { format, headers } = await inspectFile(file(`${text}\na${delimiter}b${delimiter}1\n`));
        assert.equal(format.delimiter, delimiter);
        assert.deepEqual(headers, ['Handle', 'Title, "long"', 'Variant Price']);
      });
    }

    it('reads apostrophes as quotes, and Excel’s separator line', async () => {
      const [single] = await products(`'Handle';'Title';'Price'\n'a';'O''Brien; Ltd';'10'\n`);
      assert.equal(single?.content.title, "O'Brien; Ltd");
      const [excel] = await products('sep=;\r\nHandle;Title, full;Price;Title\r\na;x;10;A\r\n');
      assert.deepEqual([excel?.row, excel?.content.title, excel?.content.price], [2, 'A', 1000]);
    });

    it('reads mixed line ends, and line ends inside of quotes', async () => {
      const found = await products('Handle,Title,Price\r\na,A,1\nb,"B\r\nB",2\rc,C,3\r\n\r\nd,D,4');
      assert.deepEqual(
        found.map(({ row, key, content }) => [row, key, content.title, content.price]),
        [
          [2, 'a', 'A', 100],
          [3, 'b', 'B B', 200],
          [4, 'c', 'C', 300],
          [6, 'd', 'D', 400],
        ],
      );
    });

    it('names the row whose quotes are broken', async () => {
      const code = async (content: string) =>
        inspectFile(file(content)).then(
          () => null,
          (error) => [error.code, error.values.row],
        );
      assert.deepEqual(await code('Handle,Title,Price\na,"A,1\nb,B,2\n'), ['quote-open', 2]);
      assert.deepEqual(await code('Handle,Title,Price\na,A,1\nb,"B"x,2\n'), ['quote-inside', 3]);
      assert.deepEqual(await code('Handle,Title,Price\na,A,1\nb,B 15" screen,2\n'), ['quote-inside', 3]);
      assert.deepEqual(await code(`Handle,Title,Price\na,"${'x'.repeat(2_000_000)}\n`), ['row-too-long', 2]);
    });

    it('refuses a file with no rows or one column', async () => {
      assert.equal(await refusal('Handle,Title,Price\n'), 'no-rows');
      assert.equal(await refusal('Handle,Title,Price'), 'no-rows');
      assert.equal(await refusal('Title\nA\n'), 'one-column');
      assert.equal(await refusal('just a letter\nto somebody\n'), 'one-column');
      assert.equal(await refusal(`${Array(300).fill('x').join(',')}\na,b\n`), 'too-many-columns');
    });

    it('refuses a million rows at the first one too many, without reading them all', async () => {
      const path = file(`Handle,Title,Price\n${'a,b,1\n'.repeat(1_000_000)}`);
      const began = Date.now();
      await assert.rejects(inspectFile(path), { code: 'too-many-rows', values: { maximum: '50,000' } });
      assert.ok(Date.now() - began < 5_000, `took ${Date.now() - began} ms`);
    });

    it('keeps memory flat: 50,000 rows are read without being held', async () => {
      const path = file(
        `Handle,Title,Body,Price\n${Array.from({ length: 50_000 }, (_, n) => `p${n},T,${'x'.repeat(300)},1`).join('\n')}\n`,
      );
      const { format } = await inspectFile(path);
      const before = process.memoryUsage().heapUsed;
      let rows = 0;
      let most = 0;
      for await (const _ of readRows(path, format)) {
        if (++rows % 5_000 === 0) most = Math.max(most, process.memoryUsage().heapUsed - before);
      }
      assert.equal(rows, 50_001);
      assert.ok(most < 120 * 1024 * 1024, `${Math.round(most / 1024 / 1024)} MB`);
    });

    it('gives back any cells that were written as CSV, whatever is in them', async () => {
      const cell = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((text) => !text.includes('\0'));
      const line = fc.array(cell, { minLength: 3, maxLength: 3 });
      await fc.assert(
        fc.asyncProperty(
          fc.array(line, { minLength: 1, maxLength: 8 }),
          fc.constantFrom(',', ';', '\t', '|'),
          fc.constantFrom('\n', '\r\n'),
          async (lines, delimiter, end) => {
            const quoted = [['Handle', 'Title', 'Price'], ...lines].map((cells) =>
              cells.map((each) => `"${each.replaceAll('"', '""')}"`).join(delimiter),
            );
            const path = file(`\ufeff${quoted.join(end)}${end}`);
            const { format } = await inspectFile(path);
            const read: (readonly string[])[] = [];
            for await (const { cells } of readRows(path, format)) read.push(cells);
            assert.deepEqual(read.slice(1), lines);
          },
        ),
        { numRuns: 150 },
      );
    });
  });

  describe('columns', () => {
    it('knows Shopify’s names of yesterday and today, and no regional price', () => {
      assert.deepEqual(
        guessMapping([
          'Title',
          'URL handle',
          'Description',
          'Price / Kuwait',
          'Price',
          'Compare-at price',
          'Published on online store',
        ]),
        {
          handle: 1,
          title: 0,
          text: 2,
          price: 4,
          oldPrice: 5,
          published: 6,
        },
      );
      assert.deepEqual(guessMapping(['foo', 'bar']), {});
    });

    it('takes the first of two columns with one name, and tells', () => {
      const headers = ['Handle', 'Title', 'Title', 'Price'];
      assert.equal(guessMapping(headers).title, 1);
      assert.deepEqual(repeatedHeaders(headers), ['Title']);
    });
  });

  describe('products', () => {
    const variants =
      'Handle,Title,Body (HTML),Variant Price,Variant Compare At Price\na,A,<p>One</p>,30,\na,,,20,25\na,,,,\na,,,25,40\n';

    it('joins variant rows; a row that only names a picture is none', async () => {
      const [first, ...more] = await products(variants);
      assert.equal(more.length, 0);
      assert.deepEqual(
        [first?.content.price, first?.content.oldPrice, first?.problems.length],
        [3000, null, 0],
      );
      const [lowest] = await products(variants, 'lowest');
      assert.deepEqual([lowest?.content.price, lowest?.content.oldPrice], [2000, 2500]);
    });

    it('has no old price unless it is above the price', async () => {
      const found = await products(
        'Handle,Title,Price,Compare At Price\na,A,10,10\nb,B,10,9\nc,C,10,0\nd,D,10,\ne,E,10,10.01\nf,F,10,-3\ng,G,10,abc\n',
      );
      assert.deepEqual(
        found.map(({ content }) => content.oldPrice),
        [null, null, null, null, 1001, null, null],
      );
      assert.deepEqual(
        found.map(({ problems }) => problems.map(({ code }) => code).join()),
        ['', '', '', '', '', 'price-negative', 'price-unreadable'],
      );
    });

    it('reports rows that lie apart, have no key, no price or too many cells', async () => {
      const found = await products('Handle,Title,Price\na,A,1\nb,B,2\na,A,3\n,C,4\nd,D,\ne,E,5,6\n');
      assert.deepEqual(
        found.map(({ key, problems }) => [key, ...problems.map(({ code, row }) => `${code}@${row}`)]),
        [
          ['a'],
          ['b'],
          ['a', 'handle-repeated@4'],
          ['', 'handle-missing@5'],
          ['d', 'price-missing@6'],
          ['e', 'too-many-cells@7'],
        ],
      );
    });

    it('counts characters, not bytes, in the longest title', async () => {
      const found = await products(
        `Handle,Title,Price\na,${'ع'.repeat(120)},1\nb,${'ع'.repeat(121)},1\nc,${'🎁'.repeat(120)},1\n`,
      );
      assert.deepEqual(
        found.map(({ problems }) => problems.length),
        [0, 1, 0],
      );
    });

    it('measures a text without its markup, and does not even read far too much of it', async () => {
      const markup = `<p class="${'x'.repeat(20_000)}">short</p>`;
      const found = await products(
        `Handle,Title,Description,Price\na,A,"${markup.replaceAll('"', '""')}",1\nb,B,${'y'.repeat(5_001)},1\nc,C,${'<b>'.repeat(30_000)},1\n`,
      );
      assert.equal(found[0]?.content.text, 'short');
      assert.deepEqual(
        found.map(({ problems }) => problems.map(({ code }) => code).join()),
        ['', 'text-too-long', 'text-too-long'],
      );
    });

    it('goes on from any product as if it had not stopped', async () => {
      const path = file('Handle,Title,Price\na,A,1\na,,2\nb,B,2\nc,C,3\na,A,9\n');
      const { format, headers } = await inspectFile(path);
      const rules = {
        headers,
        mapping: guessMapping(headers),
        options: { price: 'first', hidden: 'skip' },
        currency: 'SAR',
        matchCategory: () => null,
      } as const;
      const from = async (start: number) => {
        const found: string[] = [];
        for await (const chunk of readProducts(path, format, rules, { size: 2, from: start })) {
          found.push(...chunk.map(({ key, problems }) => `${key}${problems.length}`));
        }
        return found;
      };
      assert.deepEqual(await from(0), ['a0', 'b0', 'c0', 'a1']);
      assert.deepEqual(await from(3), ['a1']);
      assert.deepEqual(await from(4), []);
    });
  });

  describe('prices', () => {
    for (const [cell, currency, expected] of [
      ['9.99', 'SAR', 999],
      ['10', 'SAR', 1000],
      ['1,299.00', 'SAR', 129900],
      ['٩٫٩٩', 'SAR', 999],
      ['9.9900', 'SAR', 999],
      ['9.990', 'KWD', 9990],
      ['50.00', 'JPY', 50],
      ['0', 'SAR', 0],
      ['-1', 'SAR', 'price-negative'],
      ['−1', 'SAR', 'price-negative'],
      ['(5.00)', 'SAR', 'price-negative'],
      ['1.005', 'SAR', 'price-digits'],
      ['50.5', 'JPY', 'price-digits'],
      ['99999999999', 'SAR', 'price-too-large'],
      ['12,50', 'SAR', 'price-unreadable'],
      ['$9.99', 'SAR', 'price-unreadable'],
      ['9.99 SAR', 'SAR', 'price-unreadable'],
      ['1e3', 'SAR', 'price-unreadable'],
      ['0x10', 'SAR', 'price-unreadable'],
      ['NaN', 'SAR', 'price-unreadable'],
      ['=1+1', 'SAR', 'price-unreadable'],
      ['1.2.3', 'SAR', 'price-unreadable'],
    ] as const) {
      it(`reads “${cell}” ${currency} as ${expected}`, () =>
        assert.equal(readPrice(cell, currency), expected));
    }
  });

  describe('texts', () => {
    it('turns HTML into lines of plain text', () => {
      assert.equal(
        plainText(
          '<h2>Big</h2><p>Salt &amp; pepper&nbsp;&lt;3<br>two</p><ul><li>a</li><li>b</li></ul><script>alert(1)</script><a href="http://x">link</a>',
        ),
        'Big\n\nSalt & pepper <3\ntwo\n\n* a\n* b\n\nlink',
      );
    });

    it('leaves plain text alone, and comes through markup without an end', () => {
      assert.equal(plainText('5 in stock,\r\n  100 % cotton'), '5 in stock,\n100 % cotton');
      assert.ok(plainText('<div>'.repeat(10_000)).length < 100);
    });
  });

  describe('categories', () => {
    const match = categoryMatcher([
      { id: '1', slug: 'home-and-garden', nameEn: 'Home & garden', nameAr: 'المنزل والحديقة' },
      { id: '2', slug: 'shoes', nameEn: 'Shoes', nameAr: 'أحذية' },
      { id: '3', slug: 'dresses', nameEn: 'Dresses', nameAr: 'فساتين' },
    ]);

    it('finds them by slug or name in either language, with or without a plural', () => {
      assert.equal(match(['HOME AND GARDEN']), '1');
      assert.equal(match(['home-and-garden']), '1');
      assert.equal(match(['shoe']), '2');
      assert.equal(match(['احذيه']), '2');
      assert.equal(match(['Dress']), '3');
      assert.equal(match(['Something else']), null);
      assert.equal(match(['constructor', '__proto__']), null);
    });

    it('asks the most telling words first', () => {
      assert.deepEqual(categoryWords('Clothing > Shoes', 'Sneaker', 'men, red'), [
        'Shoes',
        'Clothing',
        'Sneaker',
        'men',
        'red',
      ]);
      assert.equal(match(categoryWords('Home & Garden > Unknown', 'Shoes', '')), '1');
    });
  });
});
